"""Every route of the platform; each app brings its own in its urls.py."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import (
    SpectacularJSONAPIView,
    SpectacularRedocView,
    SpectacularSwaggerView,
)

from config import health, parts

DOCS = {"authentication_classes": [], "permission_classes": [], "throttle_classes": []}

urlpatterns = [
    re_path(r"^health/?$", health.alive),
    re_path(r"^health/ready/?$", health.ready),
    re_path(r"^openapi\.json/?$", SpectacularJSONAPIView.as_view(**DOCS), name="openapi"),
    re_path(r"^docs/?$", SpectacularSwaggerView.as_view(url_name="openapi", **DOCS)),
    re_path(r"^redoc/?$", SpectacularRedocView.as_view(url_name="openapi", **DOCS)),
    path("admin/", admin.site.urls),
    *(path("", include(module)) for module in parts.modules("urls")),
]
