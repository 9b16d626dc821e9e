"""A source's columns change between two increments: nothing is lost and nothing doubled."""

import pytest

from jobs.tests.drift.changing import (
    ACTIONS,
    TOLD,
    changes_of,
    make_job,
    remake,
    run,
    things,
)

pytestmark = pytest.mark.django_db(transaction=True)


INCREMENTS = {
    "new": ("id INTEGER, small DECIMAL_TEXT(4,1), name TEXT, note TEXT", (3, "3.0", "c", "n")),
    "dropped": ("id INTEGER, small DECIMAL_TEXT(4,1)", (3, "3.0")),
    "widened": ("id INTEGER, small DECIMAL_TEXT(9,1), name TEXT", (3, "3.0", "c")),
}


WAYS = [
    {"schema_policy": policy, "write_mode": mode}
    for policy in ("ignore", "notify", "evolve", "freeze")
    for mode in ("append", "upsert")
]
EVOLVED = {"new": "added", "dropped": "kept", "widened": "widened"}


@pytest.mark.parametrize("change", INCREMENTS)
@pytest.mark.parametrize("said", WAYS, ids=lambda said: "-".join(said.values()))
@pytest.mark.parametrize("ends_of", ["duckdb", "postgres"], indirect=True)
def test_an_increment_follows_its_policy(ada, shop, ends_of, change, said):
    ends, held = ends_of
    policy = said["schema_policy"]
    stream = things(sync_mode="incremental", cursor_field="id", primary_key=["id"], **said)
    job = make_job(ada, ends, stream)
    run(ada, job)
    columns, row = INCREMENTS[change]
    old = [(1, "1.0", "a"), (2, "2.0", "b")]
    width = 2 if change == "dropped" else 3
    rows = [(*one[:width], *(["n"] if change == "new" else [])) for one in old]
    remake(shop, columns, *rows, row)
    told = run(ada, job)
    (found,) = told["streams"]
    if policy == "freeze":
        assert (found["status"], found["rows_read"], len(held())) == ("failed", 0, 2)
        assert changes_of(told) == [(name, what, "refused") for name, what in TOLD[change]]
        return
    actions = EVOLVED if policy == "evolve" else ACTIONS
    assert found["status"] == "success", found["error"]
    assert changes_of(told) == [(name, what, actions[what]) for name, what in TOLD[change]]
    names = ["a", "b", None if change == "dropped" else "c"]
    assert [(one["id"], one["name"]) for one in held()] == list(zip([1, 2, 3], names, strict=True))
    assert ("note" in held()[0]) == (policy == "evolve" and change == "new")
