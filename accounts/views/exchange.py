"""How clients collect what a sign-in with GitHub brought: tokens, e-mails, and who they are."""

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services, tokens
from accounts.authentication import credential_of, entry_of, judge
from accounts.cache import Entry
from accounts.github import authorizing
from accounts.models import GitHubAccount, Scope, User
from accounts.serializers.github import (
    CodeExchange,
    EmailChoice,
    Exchanged,
    Polled,
    Selected,
    Standing,
    exchanged,
    polled,
)
from accounts.tokens import Use
from accounts.views.doors import DoorView, judged
from accounts.views.github import GitHubView, demand_pace
from config.api import schema

NOBODY = {
    "authenticated": False,
    "github_username": None,
    "emails": [],
    "selected_email": None,
    "token_expires_at": None,
}


class Exchange(GitHubView):
    """Redeem a one-time code."""

    @schema.errors(409, 503)
    @extend_schema(
        operation_id="exchangeCode",
        tags=[schema.MODELLING],
        request=CodeExchange,
        responses={200: Exchanged},
    )
    def post(self, request: Request) -> Response:
        """Issue tokens for the code of a sign-in, once; with several e-mails one is to be chosen."""
        asked = judged(CodeExchange, request)
        authorizing.demand_settings()
        collected = services.exchange_code(code=asked["code"], email=asked.get("email") or None)
        return Response(exchanged(collected))


class Poll(GitHubView):
    """Wait for a desktop sign-in."""

    @schema.errors(429, 503)
    @extend_schema(
        operation_id="pollSignIn",
        tags=[schema.MODELLING],
        request=None,
        responses={200: Polled},
    )
    def get(self, request: Request, state_id: str) -> Response:
        """Issue the tokens of a sign-in that is complete, once."""
        demand_pace()
        return Response(polled(services.poll_sign_in(state_id=state_id)))


class SelectEmail(GitHubView):
    """Choose an e-mail."""

    @schema.errors(401, 403, 409, 503)
    @extend_schema(
        operation_id="selectEmail",
        tags=[schema.MODELLING],
        request=EmailChoice,
        responses={200: Selected},
    )
    def post(self, request: Request) -> Response:
        """Make one of the verified e-mails the user's own; needs a token, or a one-time code."""
        asked = judged(EmailChoice, request)
        authorizing.demand_settings()
        if code := asked.get("code"):
            user = services.select_email_by_code(code=code, email=asked["email"])
        else:
            user = _changer(request)
            services.select_email(user=user, email=asked["email"])
        user.refresh_from_db(fields=["email"])
        emails = services.emails_of(user)
        return Response({"selected_email": user.email, "emails": emails})


class Status(DoorView):
    """Who is signed in."""

    @extend_schema(
        operation_id="signInStatus",
        tags=[schema.MODELLING],
        request=None,
        responses={200: Standing},
    )
    def get(self, request: Request) -> Response:
        """Return who is signed in by the token that is sent; nobody is no error."""
        credential = _credential(request)
        try:
            entry = entry_of(credential) if credential else None
        except AuthenticationFailed:
            entry = None
        if entry is None or Scope.READ not in entry.scopes:
            return Response(NOBODY)
        account = GitHubAccount.objects.filter(user=entry.user).first()
        return Response(
            {
                "authenticated": True,
                "github_username": account.login if account else None,
                "emails": account.emails if account else [],
                "selected_email": entry.user.email,
                "token_expires_at": _expiry(credential, entry),
            }
        )


def _credential(request: Request) -> str:
    """Return the token or key of the headers; empty where there is none or one of another kind."""
    sent = request.META
    try:
        return credential_of(sent.get("HTTP_AUTHORIZATION", ""), sent.get("HTTP_X_API_KEY", ""))
    except AuthenticationFailed:
        return ""


def _changer(request: Request) -> User:
    """Return whose token was sent; it must be good for changes of the account."""
    sent = request.META
    credential = credential_of(sent.get("HTTP_AUTHORIZATION", ""), sent.get("HTTP_X_API_KEY", ""))
    if not credential:
        raise NotAuthenticated
    user, grant = judge(credential)
    if Scope.ACCOUNT not in grant.scopes:
        raise PermissionDenied(f"This API key is not for that: it lacks the scope {Scope.ACCOUNT}")
    return user


def _expiry(credential: str, entry: Entry) -> int | None:
    """Return when the token or key ends, in Unix seconds; None for a key that does not."""
    if entry.key is None:
        return int(tokens.read(credential, Use.ACCESS)["exp"])
    return int(entry.expires_at.timestamp()) if entry.expires_at else None
