"""Sessions: opening, refreshing, ending, and what happens to a token that comes back."""

import threading
from datetime import timedelta

import jwt
import pytest
from django.db import connection
from django.utils import timezone

from accounts import cache, services, tokens
from accounts.authentication import InvalidToken, judge
from accounts.models import AuditEvent, Ending, Session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.forget_all()


@pytest.fixture
def ada():
    return services.register(username="ada", password="mypassword")


@pytest.fixture
def session(ada):
    return services.log_in(identifier="ada", password="mypassword", door="etl")


def seconds(token: str) -> int:
    claims = jwt.decode(token, options={"verify_signature": False})
    return claims["exp"] - claims["iat"]


@pytest.mark.parametrize(
    ("door", "hours"), [("etl", 0.25), ("kary", 0.25), ("", 0.25), ("olake", 24), ("orc", 24)]
)
def test_an_access_token_lives_15_minutes_or_24_hours_where_no_contract_refreshes(ada, door, hours):
    session = services.open_session(user=ada, door=door)
    assert seconds(tokens.access_token(session)) == hours * 3600
    assert seconds(tokens.refresh_token(session)) == 7 * 24 * 3600


def test_an_access_token_never_outlives_its_session(session):
    session.expires_at = timezone.now() + timedelta(minutes=1)
    assert seconds(tokens.access_token(session)) <= 60


def test_a_refresh_token_is_no_access_token_nor_the_other_way_round(session):
    with pytest.raises(InvalidToken):
        judge(tokens.refresh_token(session))
    with pytest.raises(InvalidToken):
        services.refresh(token=tokens.access_token(session))


def test_refreshing_rotates_and_extends_the_session(session):
    first = tokens.refresh_token(session)
    rotated = services.refresh(token=first)
    assert rotated.expires_at > session.expires_at
    assert tokens.refresh_token(rotated) != first
    assert services.refresh(token=tokens.refresh_token(rotated)).uuid == session.uuid


def test_a_repeat_at_once_gets_the_same_token_again(session):
    first = tokens.refresh_token(session)
    answers = {tokens.refresh_token(services.refresh(token=first)) for _ in range(3)}
    assert len(answers) == 1


def test_two_tabs_that_refresh_at_once_share_one_new_token(session):
    first = tokens.refresh_token(session)
    together, answers = threading.Barrier(8), []

    def refresh():
        together.wait()
        answers.append(tokens.refresh_token(services.refresh(token=first)))
        connection.close()

    tabs = [threading.Thread(target=refresh) for _ in range(8)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1


def test_an_old_token_that_comes_back_later_ends_the_session_for_everybody(session):
    first = tokens.refresh_token(session)
    rotated = services.refresh(token=first)
    Session.objects.update(rotated_at=timezone.now() - timedelta(seconds=11))
    with pytest.raises(InvalidToken):
        services.refresh(token=first)
    with pytest.raises(InvalidToken):
        services.refresh(token=tokens.refresh_token(rotated))
    with pytest.raises(InvalidToken):
        judge(tokens.access_token(rotated))
    assert Session.objects.get().ended_why == Ending.REUSED
    assert AuditEvent.objects.filter(action="session.ended", data={"why": "reused"}).exists()


def test_a_token_of_two_rotations_ago_ends_the_session_at_once(session):
    first = tokens.refresh_token(session)
    services.refresh(token=tokens.refresh_token(services.refresh(token=first)))
    with pytest.raises(InvalidToken):
        services.refresh(token=first)
    assert Session.objects.get().ended_why == Ending.REUSED


@pytest.mark.parametrize("bad", ["", "null", "x.y.z", "ü"])
def test_nonsense_refreshes_nothing(session, bad):
    with pytest.raises(InvalidToken):
        services.refresh(token=bad)


def test_an_ended_or_expired_session_refreshes_nothing(session):
    token = tokens.refresh_token(session)
    services.end_session(session=session, by=None)
    with pytest.raises(InvalidToken):
        services.refresh(token=token)
    Session.objects.update(ended_at=None, expires_at=timezone.now())
    with pytest.raises(InvalidToken):
        services.refresh(token=token)


def test_a_session_that_ends_takes_its_access_tokens_with_it_and_no_others(ada, session):
    other = services.open_session(user=ada, door="orc")
    mine, others = tokens.access_token(session), tokens.access_token(other)
    judge(mine)
    services.end_session(session=session, by=ada)
    with pytest.raises(InvalidToken):
        judge(mine)
    assert judge(others)[0] == ada


def test_a_new_password_ends_every_other_session(ada, session):
    other = services.open_session(user=ada, door="orc")
    services.change_password(user=ada, password="otherpassword", by=ada, besides=session)
    assert judge(tokens.access_token(session))[0] == ada
    with pytest.raises(InvalidToken):
        judge(tokens.access_token(other))
    services.log_in(identifier="ada", password="otherpassword", door="etl")


def test_a_key_that_was_replaced_verifies_and_a_key_that_was_dropped_does_not(session, settings):
    old = tokens.access_token(session)
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another key that is long enough for HS256"
    settings.SECRET_KEY_FALLBACKS = [before]
    assert judge(old)[0].username == "ada"
    new = tokens.access_token(session)
    settings.SECRET_KEY_FALLBACKS = []
    assert judge(new)[0].username == "ada"
    with pytest.raises(InvalidToken):
        judge(old)


def test_log_ins_and_refusals_are_written_down_without_the_password(ada, session):
    with pytest.raises(Exception, match="Wrong username or password"):
        services.log_in(identifier="ada", password="wrongpassword", door="orc")
    with pytest.raises(Exception, match="Wrong username or password"):
        services.log_in(identifier="mypassword", password="ada", door="orc")
    shown = ("action", "actor_name", "object_name", "data")
    uuid = str(session.uuid)
    assert list(AuditEvent.objects.order_by("id").values_list(*shown)) == [
        ("user.created", "ada", "ada", {}),
        ("session.opened", "ada", uuid, {"door": "etl"}),
        ("session.refused", "", "ada", {"door": "orc"}),
        ("session.refused", "", "", {"door": "orc"}),
    ]
