"""Replacing a table of MySQL: rows and marker in one step, and what hangs on the table."""

import threading
import uuid
from contextlib import closing

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError
from connectors.sql.mysql import moving
from connectors.sql.mysql.driver import Session
from connectors.tests.mysql.test_loading import NEW, OLD, STAGED
from tests.servers.mysql import connect


def test_death_right_after_the_swap_leaves_rows_and_marker_together(system, sql, monkeypatch):
    system.load(OLD, table="t", mode="replace", fence=1, state={"n": 1})
    run = str(uuid.uuid4())

    def die(self):
        if self._arrived.exists():
            raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(moving.Swap, "settle", die)
        with pytest.raises(SystemExit):
            system.load(NEW, table="t", mode="replace", run=run, fence=2, state={"n": 2})
    assert sql("SELECT id FROM t ORDER BY id") == [[2], [3]]
    marker = system.marker(table="t", mode="replace")
    assert (marker.run, marker.state) == (run, {"n": 2})
    system.load(OLD, table="t", mode="replace", run=run, fence=3)
    assert sql("SELECT id FROM t ORDER BY id") == [[2], [3]]
    assert sql(STAGED) == []


def test_death_right_before_the_swap_leaves_the_old_rows_and_their_marker(system, sql, monkeypatch):
    system.load(OLD, table="t", mode="replace", fence=1, state={"n": 1})
    real = Session.run

    def die(self, statement, *values):
        if statement.startswith("RENAME"):
            raise SystemExit
        return real(self, statement, *values)

    with monkeypatch.context() as patch:
        patch.setattr(Session, "run", die)
        with pytest.raises(SystemExit):
            system.load(NEW, table="t", mode="replace", fence=2, state={"n": 2})
    assert system.marker(table="t", mode="replace").state == {"n": 1}
    system.load(NEW, table="t", mode="replace", fence=3, state={"n": 3})
    assert sql("SELECT id FROM t ORDER BY id") == [[2], [3]]
    assert sql(STAGED) == []


def test_a_replaced_table_keeps_what_hangs_on_it_where_the_columns_stay(system, sql):
    sql("CREATE TABLE t (id bigint PRIMARY KEY, name varchar(5) NOT NULL DEFAULT 'x')")
    sql("CREATE TRIGGER up BEFORE INSERT ON t FOR EACH ROW SET NEW.name = upper(NEW.name)")
    system.load(OLD, table="t", mode="replace")
    assert sql("SELECT * FROM t") == [[1, "ONE"], [2, "TWO"]]
    with pytest.raises(DataError, match="cannot be null"):
        system.load(NEW, table="t", mode="replace")
    assert sql("SELECT * FROM t") == [[1, "ONE"], [2, "TWO"]]
    assert system.discover()["t"].key == ("id",)
    system.load(NEW.with_columns(more=pl.lit(1)), table="t", mode="replace")
    assert sql("SELECT * FROM t") == [[2, "TWO", 1], [3, None, 1]]


def test_a_table_that_other_rows_refer_to_cannot_be_emptied(system, sql):
    sql("CREATE TABLE t (id bigint PRIMARY KEY, name text)")
    sql("CREATE TABLE child (id bigint, FOREIGN KEY (id) REFERENCES t (id) ON DELETE CASCADE)")
    with pytest.raises(ConfigError, match=r"child.*upsert"):
        system.load(OLD, table="t", mode="replace")
    system.load(OLD, table="t", mode="upsert", key=["id"])
    assert sql("SELECT count(*) FROM t") == [[2]]


def test_readers_see_the_old_rows_until_the_commit(system, sql):
    system.load(OLD, table="t", mode="replace")
    seen = []
    system.load(
        NEW,
        table="t",
        mode="replace",
        before_commit=lambda: seen.extend(sql("SELECT id FROM t ORDER BY id")),
    )
    assert seen == [[1], [2]]


def test_nobody_ever_finds_the_table_missing_while_it_is_swapped(system, sql, mysql_url):
    system.load(OLD, table="t", mode="replace")
    counts, is_over = set(), threading.Event()

    def look():
        with closing(connect(mysql_url)) as connection, connection.cursor() as cursor:
            while not is_over.is_set():
                cursor.execute("SELECT count(*) FROM t")
                counts.add(cursor.fetchone()[0])

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for fence in range(2, 12):
            rows = NEW if fence % 2 else OLD.head(1)
            system.load(rows, table="t", mode="replace", fence=fence)
    finally:
        is_over.set()
        thread.join()
    assert counts <= {1, 2}
