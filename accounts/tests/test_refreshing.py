"""Refreshing and logging out under /api/v1/auth, by the examples of the contracts."""

from datetime import timedelta

import jwt
import pytest
from django.utils import timezone

from accounts import services
from accounts.models import Ending, Session, User
from accounts.tests.doors import get, post, submit
from config.api.examples import example

JOHN = example("etl-builder", "POST /auth/register", "request")

pytestmark = pytest.mark.django_db(transaction=True)


def claims_of(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


@pytest.fixture
def john():
    assert post("/api/v1/auth/register", JOHN).status_code == 201
    return User.objects.get(username=JOHN["username"])


@pytest.fixture
def pair(john):
    return log_in(JOHN["username"], JOHN["password"]).json()


def log_in(username: str, password: str):
    return submit("/api/v1/auth/login", {"username": username, "password": password})


def test_a_refresh_answers_the_pair_that_both_contracts_print(pair):
    body = {"refresh_token": pair["refresh_token"]}
    assert body.keys() == example("data-modelling", "POST /api/v1/auth/refresh", "request").keys()
    assert body.keys() == example("etl-builder", "POST /auth/refresh", "request").keys()
    answer = post("/api/v1/auth/refresh", body)
    assert answer.status_code == 200
    shown = answer.json()
    expected = example("data-modelling", "POST /api/v1/auth/refresh", "response")
    assert shown.keys() == expected.keys() | {"expires_in"}
    assert shown["token_type"] == expected["token_type"] == "Bearer"
    assert answer.headers["Cache-Control"] == "no-store"
    for name in ("access_token", "refresh_token"):
        assert shown[f"{name}_expires_at"] == claims_of(shown[name])["exp"]
    assert shown["refresh_token"] != pair["refresh_token"]
    assert get("/api/v1/auth/me", token=shown["access_token"]).status_code == 200


def test_a_form_refreshes_too(pair):
    answer = submit("/api/v1/auth/refresh/", {"refresh_token": pair["refresh_token"]})
    assert answer.status_code == 200


def test_a_repeat_at_once_is_answered_with_the_same_refresh_token(pair):
    body = {"refresh_token": pair["refresh_token"]}
    first, second = (post("/api/v1/auth/refresh", body).json() for _ in range(2))
    assert first["refresh_token"] == second["refresh_token"]


def refused(answer) -> bool:
    body = answer.json()
    assert body["message"] == "Invalid or expired token"
    assert body["error"] == "unauthorized"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    return answer.status_code == 401


def test_a_token_that_was_rotated_away_ends_the_session_when_it_comes_back(pair):
    body = {"refresh_token": pair["refresh_token"]}
    rotated = post("/api/v1/auth/refresh", body).json()
    Session.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
    assert refused(post("/api/v1/auth/refresh", body))
    body = {"refresh_token": rotated["refresh_token"]}
    assert refused(post("/api/v1/auth/refresh", body))
    assert get("/api/v1/auth/me", token=rotated["access_token"]).status_code == 401


def test_what_is_no_refresh_token_is_401(pair):
    for token in ("x", "x.y.z", pair["access_token"], "mr_12345678_x"):
        assert refused(post("/api/v1/auth/refresh", {"refresh_token": token}))


@pytest.mark.parametrize("body", [{}, {"refresh_token": ""}, {"refresh_token": None}])
def test_a_refresh_without_a_token_is_400(body):
    answer = post("/api/v1/auth/refresh", body)
    assert answer.status_code == 400
    assert answer.json()["message"] == "refresh_token is required"


def test_a_user_who_was_shut_out_refreshes_nothing(john, pair):
    services.deactivate(user=john, by=None)
    assert refused(post("/api/v1/auth/refresh", {"refresh_token": pair["refresh_token"]}))


# --- Logging out -----------------------------------------------------------------------------


def test_logging_out_ends_both_tokens_at_once(pair):
    assert get("/api/v1/auth/me", token=pair["access_token"]).status_code == 200
    answer = post("/api/v1/auth/logout", token=pair["access_token"])
    assert (answer.status_code, answer.json()) == (200, {"message": "You are logged out"})
    assert get("/api/v1/auth/me", token=pair["access_token"]).status_code == 401
    assert refused(post("/api/v1/auth/refresh", {"refresh_token": pair["refresh_token"]}))
    assert Session.objects.get().ended_why == Ending.LOGGED_OUT


@pytest.mark.parametrize("path", ["/login", "/auth/login"])
def test_whoever_came_in_by_another_door_logs_out_here_too(john, path):
    token = post(path, {"username": "john_doe", "password": JOHN["password"]}).json()["token"]
    assert get("/auth/check", token=token).status_code == 200
    assert post("/api/v1/auth/logout/", token=token).status_code == 200
    assert get("/auth/check", token=token).status_code == 401


def test_other_sessions_of_the_user_go_on(pair):
    other = log_in("john_doe", JOHN["password"]).json()["access_token"]
    post("/api/v1/auth/logout", token=pair["access_token"])
    assert get("/api/v1/auth/me", token=other).status_code == 200


def test_a_refresh_token_in_the_body_is_enough(pair):
    answer = post("/api/v1/auth/logout", {"refresh_token": pair["refresh_token"]})
    assert answer.json() == {"message": "You are logged out"}
    assert get("/api/v1/auth/me", token=pair["access_token"]).status_code == 401


def test_a_form_logs_out_too(pair):
    answer = submit("/api/v1/auth/logout", {"refresh_token": pair["refresh_token"]})
    assert answer.json() == {"message": "You are logged out"}
    assert submit("/api/v1/auth/logout", {"refresh_token": ""}).status_code == 200
    assert not Session.objects.live().exists()


def test_two_sessions_may_end_with_one_request(pair):
    other = log_in("john_doe", JOHN["password"]).json()
    body = {"refresh_token": other["refresh_token"]}
    post("/api/v1/auth/logout", body, token=pair["access_token"])
    assert not Session.objects.live().exists()


def aged(token: str, settings, **changes) -> str:
    """Sign the claims anew, as if the token had been issued earlier."""
    return jwt.encode(claims_of(token) | changes, settings.SECRET_KEY, algorithm="HS256")


def test_a_token_of_ours_that_has_expired_still_logs_out(pair, settings):
    past = int((timezone.now() - timedelta(days=1)).timestamp())
    expired = aged(pair["access_token"], settings, exp=past)
    assert get("/api/v1/auth/me", token=expired).status_code == 401
    assert post("/api/v1/auth/logout", token=expired).status_code == 200
    assert get("/api/v1/auth/me", token=pair["access_token"]).status_code == 401


def test_a_token_that_somebody_else_signed_ends_nothing(pair):
    forged = jwt.encode(claims_of(pair["access_token"]), "x" * 64, algorithm="HS256")
    answer = post("/api/v1/auth/logout", {"refresh_token": forged}, token=forged)
    assert (answer.status_code, Session.objects.live().count()) == (200, 1)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (None, {}),
        ({}, {}),
        ([], {}),
        ({"refresh_token": None}, {}),
        ({"refresh_token": {"a": 1}}, {}),
        ({"refresh_token": "x.y.z"}, {}),
        (None, {"authorization": "Bearer x.y.z"}),
        (None, {"authorization": "Basic YTpi"}),
        (None, {"authorization": "Bearer"}),
        (None, {"authorization": "Bearer null"}),
    ],
)
def test_logging_out_without_a_session_is_200_all_the_same(body, headers):
    answer = post("/api/v1/auth/logout", body, **headers)
    assert answer.status_code == 200
    assert answer.json() == {"message": "You are logged out; there was no session to end"}


@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
def test_an_api_key_is_no_session_and_one_is_told_so(john, header):
    _, key = services.create_key(user=john, name="robot")
    sent = {header: f"Bearer {key}" if header == "authorization" else key}
    answer = post("/api/v1/auth/logout", **sent)
    assert answer.status_code == 200
    assert "stays good until it is deleted" in answer.json()["message"]
    assert get("/api/v1/auth/me", **sent).status_code == 200
