"""Where browsers pass when somebody signs in with GitHub, for a front-end or an application."""

from secrets import token_urlsafe

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.github import authorizing
from accounts.github.failures import SENTENCES
from accounts.serializers.github import Approval, DesktopStart
from accounts.services.github import STATE_ID, Return
from accounts.views.doors import DoorView, judged
from config.api import attempts, requests, schema
from config.api.parsers import FormParser, JSONParser

TO_GITHUB = OpenApiResponse(description="To GitHub's page, where the user allows the sign-in.")
BACK = OpenApiResponse(
    description=(
        "To the front-end: its URL with `code` (and `select_email=true` where there are several "
        "verified e-mails), or with `error`."
    )
)
PAGE = OpenApiResponse(
    OpenApiTypes.STR,
    "A page that sends the user back to the application.",
    [OpenApiExample("Millrace", "<!doctype html>…")],
)


def text(name: str, description: str) -> OpenApiParameter:
    """Return a parameter of the query that may be left out."""
    return OpenApiParameter(name, str, description=description)


def demand_pace() -> None:
    """Count a beginning or a poll; TooMany if the client's address sends too many."""
    attempts.demand_pace(
        "github",
        requests.current_address(),
        rate=settings.GITHUB_RATE,
        what="Too many sign-ins with GitHub come from this address",
    )


class GitHubView(DoorView):
    """A route around a sign-in with GitHub; what its URL holds is nobody else's business."""

    parser_classes = (JSONParser,)
    # A HEAD would use up what only a GET can answer.
    http_method_names = ("get", "post", "options")

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        """Let no page that comes next know the URL, which may hold a secret."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer


class BrowserView(GitHubView):
    """A route for browsers, which ask for pages; only what is refused is JSON."""

    def perform_content_negotiation(
        self,
        request: Request,
        force: bool = False,  # noqa: FBT001, FBT002 -- DRF's own
    ) -> tuple[BaseRenderer, str]:
        """Take any Accept header."""
        return super().perform_content_negotiation(request, force=True)


class GitHubLogin(BrowserView):
    """Sign in to a front-end."""

    @schema.errors(429, 503)
    @extend_schema(
        operation_id="githubLogIn",
        tags=[schema.MODELLING],
        parameters=[text("redirect_uri", "Where the browser goes in the end.")],
        request=None,
        responses={302: TO_GITHUB},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Send the browser to GitHub, to come back to a front-end that the operator named."""
        authorizing.demand_settings()
        demand_pace()
        journey = services.begin_web(
            redirect_uri=request.query_params.get("redirect_uri"),
            callback=authorizing.callback_url(request),
        )
        return _leave(request, journey)


class GitHubDesktopLogin(BrowserView):
    """Sign in to an application that waits for it."""

    @schema.errors(429, 503)
    @extend_schema(
        operation_id="githubDesktopLogIn",
        tags=[schema.MODELLING],
        parameters=[
            OpenApiParameter(
                "state_id",
                {"type": "string", "pattern": f"^({STATE_ID.pattern})$"},
                description="What the application polls for: a random UUID of its own.",
            )
        ],
        request=None,
        responses={200: DesktopStart, 302: TO_GITHUB},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Send the browser to GitHub, or tell an application that asks for JSON where to send it."""
        authorizing.demand_settings()
        demand_pace()
        tells = "application/json" in request.headers.get("Accept", "").lower()
        state_id, journey = services.begin_desktop(
            state_id=request.query_params.get("state_id"),
            callback=authorizing.callback_url(request),
            is_bound=not tells,
        )
        if tells:
            return Response({"state_id": state_id, "auth_url": journey.url})
        return _leave(request, journey)


class GitHubCallback(BrowserView):
    """Come back from GitHub."""

    @schema.errors(503)
    @extend_schema(
        operation_id="githubCallback",
        tags=[schema.MODELLING],
        parameters=[
            text("state", "What the browser left with."),
            text("code", "GitHub's code."),
            text("error", "What GitHub says instead of a code."),
        ],
        request=None,
        responses={302: BACK, (200, "text/html"): PAGE},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Ask GitHub who it is, and send the browser on to the front-end, or to a page of ours."""
        authorizing.demand_settings()
        state = request.query_params.get("state", "")
        ended = services.come_back(
            state=state,
            code=request.query_params.get("code", ""),
            refusal=request.query_params.get("error", ""),
            is_bound=authorizing.is_bound(request, state=state),
        )
        response = HttpResponseRedirect(ended.url) if ended.url else _page(request, ended)
        authorizing.release(response, request, state=state)
        return response


class GitHubDesktopApproval(BrowserView):
    """Let an application in that asks from another address than the browser's."""

    parser_classes = (FormParser,)

    @schema.errors(503)
    @extend_schema(
        operation_id="githubDesktopApprove",
        tags=[schema.MODELLING],
        request=Approval,
        examples=[
            OpenApiExample(
                "Millrace",
                {"approval": "NDI:1vM3Qf:2vY8s5d3R0cJ1b9o6m7n8p4q"},
                request_only=True,
                media_type="application/x-www-form-urlencoded",
            )
        ],
        responses={(200, "text/html"): PAGE},
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Let the application in for which somebody has just signed in."""
        approval = judged(Approval, request)["approval"]
        authorizing.demand_settings()
        return _page(request, Return(), is_approved=services.approve_desktop(approval=approval))


def _leave(request: Request, journey: authorizing.Journey) -> HttpResponse:
    response = HttpResponseRedirect(journey.url)
    authorizing.bind(response, request, state=journey.state)
    return response


def _page(
    request: HttpRequest | Request, ended: Return, *, is_approved: bool = True
) -> HttpResponse:
    """Return the page on which a desktop sign-in ends; it asks nobody for anything."""
    nonce = token_urlsafe(16)
    shown = {
        "failure": SENTENCES[ended.failure] if ended.failure else "",
        "approval": ended.approval,
        "is_late": not is_approved,
        "nonce": nonce,
    }
    response = render(getattr(request, "_request", request), "accounts/github.html", shown)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return response
