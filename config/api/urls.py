"""The documentation: the schema, and two ways to read it; open to everybody, without a CDN."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api import document
from config.api.routing import both

# The bundles know addresses of other hosts (a logo, a validator); the browser is told to ask none.
ONLY_US = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; worker-src 'self' blob:"
)


class OpenPage(APIView):
    """A page that everybody may read and that asks no other host."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def options(self, request: Request, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answer with the methods alone; a page's template has no place for more."""
        return HttpResponse(status=204)

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        """Add the policy that keeps the browser with this server."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Content-Security-Policy"] = ONLY_US
        answer.headers["Allow"] = ", ".join(self.allowed_methods)
        return answer


class Schema(OpenPage):
    """The OpenAPI document of every route."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """Return the document, which this process makes once."""
        return HttpResponse(document.text(), content_type="application/json")


class SwaggerPage(OpenPage, SpectacularSwaggerView):
    """The routes to read and to try."""

    url_name = "openapi"


class RedocPage(OpenPage, SpectacularRedocView):
    """The routes to read."""

    url_name = "openapi"
    template_name = "docs/redoc.html"


urlpatterns = [
    *both("openapi.json", Schema.as_view(), name="openapi"),
    *both("docs", SwaggerPage.as_view(), name="docs"),
    *both("redoc", RedocPage.as_view(), name="redoc"),
]
