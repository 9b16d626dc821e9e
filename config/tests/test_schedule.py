"""What the clock does for the platform itself, and how it does chores."""

from datetime import UTC, datetime, timedelta

from config import chores, parts, schedule
from config.models import Counter
from config.objects import embedded_store

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_counters_of_windows_that_ended_are_pruned(db):
    Counter.objects.create(key="old", number=1, ends_at=NOW.timestamp() - 1)
    Counter.objects.create(key="new", number=1, ends_at=NOW.timestamp() + 1)
    schedule.prune_counters(NOW)
    assert [row.key for row in Counter.objects.all()] == ["new"]


def test_uploads_that_were_never_completed_are_cleaned_away(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    store = embedded_store()
    begun = store.begin_multipart("a.csv", parts=1, seconds=60, base="http://here")
    schedule.clean_objects(NOW)
    assert store.upload("a.csv", begun.upload_id)
    schedule.clean_objects(datetime.now(UTC) + timedelta(days=2))
    assert not store.upload("a.csv", begun.upload_id)


def test_a_seldom_chore_is_not_done_at_every_tick():
    done = []
    seldom = chores.Seldom(done.append, seconds=3600)
    often = chores.Seldom(done.append, seconds=0)
    for _ in range(3):
        chores.do([seldom, often], NOW)
    assert done == [NOW] * 3


def test_every_app_with_chores_has_a_tick_for_the_clock():
    modules = parts.modules("schedule")
    assert "jobs.schedule" in [module.__name__ for module in modules]
    assert all(callable(module.tick) for module in modules)
