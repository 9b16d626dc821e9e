"""Bells: rung after the commit only, and without harm to the work."""

from django.db import transaction
from redis import Redis

from config.live import ringing
from config.live.tests.platform import write


def test_a_dead_redis_stops_no_work(settings, monkeypatch, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(ringing, "_silent_until", 0.0)
    write("a", 1)
    write("a", 2)
    told = [record for record in caplog.records if record.name == "config.live.ringing"]
    # Said once, and then left alone for a while.
    assert len(told) == 1


def test_what_is_rolled_back_is_not_rung_for(live_redis_url, settings):
    settings.REDIS_URL = live_redis_url
    with Redis.from_url(live_redis_url) as client, client.pubsub() as heard:
        heard.psubscribe("millrace:room:*")
        assert heard.get_message(timeout=20)["type"] == "psubscribe"
        with transaction.atomic():
            write("a", 1)
            transaction.set_rollback(True)
        write("a", 2)
        assert heard.get_message(timeout=20)["data"].startswith(b"2 ")
