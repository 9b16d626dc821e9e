"""Who a request is: tokens that are good, those that are not any more, and open mode."""

from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts import authentication, cache, services
from accounts.models import LOCAL_USER, Project, User
from accounts.permissions import OPEN_AUTHENTICATION
from accounts.tests.tokens import token_of

requests = APIRequestFactory()


class Whoami(APIView):
    """A route with a token, like most."""

    def get(self, request):
        """Return who the request is."""
        return Response({"uuid": str(request.user.uuid), "door": request.auth.door})


class OpenWhoami(Whoami):
    """A route that open mode opens."""

    authentication_classes = OPEN_AUTHENTICATION


def ask(view: type[APIView] = Whoami, **headers: str) -> Response:
    return view.as_view()(requests.get("/whoami", headers=headers))


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.forget_all()
    yield
    cache.forget_all()


@pytest.fixture
def ada(transactional_db):
    return services.register(username="ada", password="mypassword")


@pytest.fixture
def token(ada):
    return token_of(ada)


def test_a_token_says_who_one_is_and_which_door_issued_it(ada, token):
    answer = ask(authorization=f"Bearer {token}")
    assert answer.data == {"uuid": str(ada.uuid), "door": "orc"}


def test_the_claims_tell_user_session_door_and_role(ada, token):
    claims = AccessToken(token).payload
    assert claims["sub"] == str(ada.uuid)
    assert claims["sid"] == str(ada.sessions.get().uuid)
    assert (claims["door"], claims["role"], claims["token_type"]) == ("orc", "viewer", "access")


def test_a_warm_process_asks_the_database_nothing(token, django_assert_num_queries):
    ask(authorization=f"Bearer {token}")
    with django_assert_num_queries(0):
        ask(authorization=f"Bearer {token}")


def test_a_row_read_within_a_transaction_is_not_kept(db, django_assert_num_queries):
    token = token_of(services.register(username="bob", password="mypassword"))
    ask(authorization=f"Bearer {token}")
    with django_assert_num_queries(1):
        ask(authorization=f"Bearer {token}")


def test_what_one_request_does_to_its_user_is_not_seen_by_the_next(ada, token):
    first, _ = authentication.judge(token)
    first.role = "admin"
    assert authentication.judge(token)[0].role == "viewer"


@pytest.mark.parametrize("shut_out", [services.deactivate, services.end_sessions])
def test_a_token_ends_at_once_where_its_user_was_shut_out(ada, token, shut_out):
    ask(authorization=f"Bearer {token}")
    shut_out(user=ada, by=None)
    answer = ask(authorization=f"Bearer {token}")
    assert answer.status_code == 401
    assert answer.data["message"] == "Invalid or expired token"


def test_another_process_notices_within_two_seconds(ada, token, monkeypatch):
    now = cache.monotonic()
    monkeypatch.setattr(cache, "monotonic", lambda: now)
    ask(authorization=f"Bearer {token}")
    # As another process does it: this one's cache is not told.
    User.objects.update(is_active=False)
    assert ask(authorization=f"Bearer {token}").status_code == 200
    monkeypatch.setattr(cache, "monotonic", lambda: now + 2)
    assert ask(authorization=f"Bearer {token}").status_code == 401


def forged(claims: dict) -> str:
    return jwt.encode(claims, "somebody else's key, which is long enough", algorithm="HS256")


def expired(user: User) -> str:
    token = AccessToken(token_of(user))
    token.set_exp(lifetime=-timedelta(seconds=1))
    return str(token)


@pytest.mark.parametrize(
    "bad",
    [
        expired,
        lambda user: forged(AccessToken(token_of(user)).payload),
        lambda user: token_of(user) + "x",
        lambda user: jwt.encode(AccessToken().payload, None, algorithm="none"),
        lambda user: str(RefreshToken.for_user(user)),
        lambda user: str(AccessToken()),
        lambda user: jwt.encode(
            AccessToken().payload | {"sub": "1"}, settings.SECRET_KEY, algorithm="HS256"
        ),
        lambda _: "null",
        lambda _: "ü",
    ],
)
@pytest.mark.parametrize("open_access", [True, False])
def test_a_bad_token_is_refused_in_open_mode_too(ada, bad, open_access, settings):
    settings.OPEN_ACCESS = open_access
    answer = ask(OpenWhoami, authorization=f"Bearer {bad(ada)}")
    assert answer.status_code == 401
    assert answer.data["error"] == "unauthorized"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic YTpi", "Token x"])
def test_a_header_of_another_form_is_judged_and_told_the_right_one(header, settings):
    settings.OPEN_ACCESS = True
    answer = ask(OpenWhoami, authorization=header)
    assert answer.status_code == 401
    assert "Authorization: Bearer" in answer.data["message"]


def test_without_a_token_one_is_asked_for_it(db):
    answer = ask()
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.data["message"] == "Authentication required"


def test_open_mode_acts_as_the_local_user_who_has_a_project(transactional_db, settings):
    settings.OPEN_ACCESS = True
    for _ in range(2):
        assert ask(OpenWhoami).data == {"uuid": str(LOCAL_USER), "door": "orc"}
    local = User.objects.get()
    assert not local.has_usable_password()
    assert Project.objects.personal_of(local)


def test_nobody_logs_in_as_the_local_user(db):
    services.local_user()
    with pytest.raises(AuthenticationFailed):
        services.log_in(identifier="local", password="", door="orc")


def test_an_admin_ends_open_mode_by_shutting_the_local_user_out(transactional_db, settings):
    settings.OPEN_ACCESS = True
    services.deactivate(user=services.local_user(), by=None)
    assert ask(OpenWhoami).status_code == 401


def test_open_mode_opens_only_the_routes_that_say_so(db, settings):
    settings.OPEN_ACCESS = True
    assert ask().status_code == 401


def test_outside_of_open_mode_a_token_is_needed(db, settings):
    settings.OPEN_ACCESS = False
    assert ask(OpenWhoami).status_code == 401


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://testserver", 200),
        ("http://localhost:5173", 200),
        ("https://evil.example", 401),
        ("null", 401),
    ],
)
def test_a_page_of_another_site_cannot_use_open_mode(db, settings, origin, status):
    settings.OPEN_ACCESS = True
    assert ask(OpenWhoami, origin=origin).status_code == status
