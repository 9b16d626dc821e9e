"""Values reach real databases as they are, whatever is in them."""

import datetime as dt
from decimal import Decimal
from urllib.parse import urlsplit

import polars as pl
import pytest
from pydantic import ValidationError

from connectors.errors import ConfigError
from connectors.library.duckdb import Duckdb
from connectors.library.mysql import MySQL
from connectors.library.postgres import Postgres
from connectors.library.sqlite import Sqlite
from connectors.sql.options import TableReadOptions
from connectors.sql.parameters import decoded, encoded
from connectors.tests.loads import System, access_to

SYSTEMS = {"postgres": Postgres, "mysql": MySQL, "duckdb": Duckdb, "sqlite": Sqlite}
PEOPLE = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "name": ["Ada", "O'Brien", "x"],
        "born": [dt.date(1815, 12, 10), dt.date(1900, 1, 1), dt.date(2026, 1, 31)],
        "seen": [dt.datetime(2026, 1, day, 12, 30) for day in (1, 2, 3)],
        "height": [1.5, 1.75, 2.0],
    }
)
ATTACKS = [
    "'; DROP TABLE t; --",
    "' OR '1'='1",
    "\\'; DROP TABLE t; --",
    "\\",
    "'",
    '"',
    "`",
    "''",
    "x' --",
    "*/ DROP TABLE t /*",
    "$$; DROP TABLE t; $$",
    "$setup$; DROP TABLE t; $setup$",
    ":name",
    "%s %(name)s {} ?",
    "E'\\''",
    "1; DELETE FROM t",
    "é 中 🙂 \u202e",
    "a\nb\tc\r",
    "",
]


@pytest.fixture(params=SYSTEMS)
def system(request, tmp_path):
    """A database of each kind, with a table of three people."""
    plugin = SYSTEMS[request.param]
    if request.param in ("duckdb", "sqlite"):
        settings = {"path": "a.db"}
    else:
        parts = urlsplit(request.getfixturevalue(f"{request.param}_url"))
        settings = {
            "host": parts.hostname,
            "port": parts.port,
            "database": parts.path.lstrip("/"),
            "username": parts.username,
            "password": parts.password,
        }
    found = System(plugin, access_to(tmp_path), **settings)
    found.load(PEOPLE, table="t")
    return found


def ids(system, where, **params):
    """Return the ids of the people that fit."""
    query = f"SELECT id FROM t WHERE {where} ORDER BY id -- done"
    return system.read(query=query, params=params)["id"].to_list()


def test_no_value_gets_out_of_its_place(system):
    for text in ATTACKS:
        query = "SELECT id, :text AS said, ':text' AS kept FROM t WHERE id < :n OR name = :text"
        rows = system.read(query=query, params={"text": text, "n": 2}).rows()
        assert rows == [(1, text, ":text")], text
    assert system.read(table="t").height == 3


def test_a_text_is_compared_as_what_stands_beside_it(system):
    assert ids(system, "born >= :day", day="1900-01-01") == [2, 3]
    assert ids(system, "seen > :then", then="2026-01-01 23:59:59") == [2, 3]
    assert ids(system, "name = :name", name="O'Brien") == [2]


def test_values_have_types(system):
    day, moment = dt.date(1900, 1, 1), dt.datetime(2026, 1, 2, 12, 30)
    assert ids(system, "born >= :day", day=encoded(day)) == [2, 3]
    assert ids(system, "seen >= :then", then=encoded(moment)) == [2, 3]
    assert ids(system, "height > :h", h=1.6) == [2, 3]
    assert ids(system, "height > :h", h=encoded(Decimal("1.60"))) == [2, 3]
    assert ids(system, "id - :n = 3", n=-2) == [1]
    assert ids(system, "id = 1 AND :yes", yes=True) == [1]
    assert ids(system, "id = 1 AND :none IS NULL", none=None) == [1]
    assert ids(system, "id IN (:ids) AND name IN (:names)", ids=[1, 3], names=["x"]) == [3]
    assert ids(system, "id > 0 AND id - 1 < :n", n=9, unused="'") == [1, 2, 3]


def test_a_number_of_rows_may_be_a_value(system):
    query = "SELECT id FROM t ORDER BY id LIMIT :n"
    assert system.read(query=query, params={"n": 2})["id"].to_list() == [1, 2]


def test_values_go_along_with_a_filter(system):
    found = system.read(
        query="SELECT * FROM t WHERE id > :n",
        params={"n": 1},
        filter={"column": "name", "operator": "eq", "value": "x"},
    )
    assert found["id"].to_list() == [3]


def test_a_name_without_a_value_is_refused(system):
    with pytest.raises(ConfigError, match="The query names :n, which has no value; there are: :m"):
        ids(system, "id > :n", m=1)


@pytest.mark.parametrize(
    "value",
    [[], ["x"] * 10_001, float("nan"), 2**63, "a\0b", "\ud800", {"type": "date", "value": "soon"},
     {"type": "number", "value": "1e99"}, {"type": "number", "value": "one"}, {"type": "time"},
     {"type": "point", "value": "1"}, [["x"]]],
)  # fmt: skip
def test_what_is_no_value_is_refused(value):
    with pytest.raises(ValidationError, match="n: "):
        TableReadOptions(query="SELECT :n", params={"n": value})


def test_values_need_a_query():
    with pytest.raises(ValidationError, match="`params` go with `query`"):
        TableReadOptions(table="t", params={"n": 1})


@pytest.mark.parametrize(
    "value",
    ["x", 1, 1.5, True, None, Decimal("1.50"), dt.date(2026, 1, 31), ("a", dt.date(2026, 1, 31)),
     dt.datetime(2026, 1, 31, 12, 30, tzinfo=dt.UTC)],
)  # fmt: skip
def test_a_value_survives_as_json(value):
    assert decoded(encoded(value)) == value
