"""What is read of a collection: everything, in its columns, no more than is asked for."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from bson import Decimal128, Int64, ObjectId

from connectors.configuration import split
from connectors.documents import reading
from connectors.documents.options import CollectionReadOptions
from connectors.errors import ConfigError, DataError
from connectors.transformers.filter import FilterConfig, fits

BEGIN = datetime(2024, 1, 1)


def test_the_example_of_the_docs_reads(database, opened):
    """The page shows these documents, this configuration and this table."""
    page = (Path(__file__).parents[3] / "docs/connectors/mongodb.md").read_text()
    example = json.loads(page.split("```json")[1].split("```")[0])
    ours = {"hosts", "database", "username", "password"}
    given = split(example, "source")
    source = opened(**{key: one for key, one in given.settings.items() if key not in ours})
    database.orders.insert_many(
        [
            {"_id": ObjectId("6500000000000000000000a1"), "total": Decimal128("19.90"), "n": 1},
            {
                "_id": ObjectId("6500000000000000000000a2"),
                "total": Decimal128("5.00"),
                "n": 2,
                "tags": ["new"],
            },
        ]
    )
    options = CollectionReadOptions.model_validate(given.options)
    frame = source.scan(options).frame.collect()
    assert f"| {' | '.join(frame.columns)} |" == re.sub(r" \([^)]*\)+", "", _header(page))
    assert frame["_id"].to_list() == ["6500000000000000000000a1", "6500000000000000000000a2"]
    assert frame["total"].cast(pl.String).to_list() == ["19.90", "5.00"]
    assert frame["tags"].to_list() == [None, '["new"]']


def _header(page: str) -> str:
    return next(line for line in page.splitlines() if line.startswith("| _id"))


def test_a_catalog_lists_collections_and_views_with_keys_and_cursors(database, opened):
    database.create_collection("empty")
    database.orders.insert_many(
        [{"_id": number, "at": BEGIN, "note": None, "mixed": [1, "x"][number]} for number in (0, 1)]
    )
    database.command("create", "late", viewOn="orders", pipeline=[{"$match": {"_id": 1}}])
    streams = {stream.name: stream for stream in opened().discover()}
    assert sorted(streams) == ["empty", "late", "orders"]
    orders = streams["orders"]
    assert orders.namespace == database.name
    assert orders.options == {"table": "orders"}
    assert orders.key == ("_id",)
    assert orders.cursors == ("_id", "at")
    assert dict(orders.schema) == {
        "_id": pl.Int64(),
        "at": pl.Datetime("ms", "UTC"),
        "note": pl.String(),
        "mixed": pl.String(),
        "_extra": pl.String(),
    }
    assert dict(streams["empty"].schema) == {"_id": pl.String(), "_extra": pl.String()}


def test_a_view_is_read(database, read):
    database.orders.insert_many([{"_id": number} for number in range(10)])
    database.command("create", "late", viewOn="orders", pipeline=[{"$match": {"_id": {"$gt": 6}}}])
    assert read("late").frame.collect()["_id"].to_list() == [7, 8, 9]


def test_keys_of_several_types_are_all_read(database, read):
    keys = [7, Int64(2**60), 2.5, "a", ObjectId(), {"a": 1}, BEGIN, True, b"x"]
    database.orders.insert_many([{"_id": key, "n": place} for place, key in enumerate(keys)])
    frame = read("orders", settings={"sample": 2}).frame.collect()
    assert sorted(frame["n"].to_list()) == list(range(len(keys)))
    assert frame["_id"].n_unique() == len(keys)
    assert frame["_id"].null_count() == 0


def test_a_name_with_dots_and_the_database_before_it_are_understood(database, read):
    database["a.b"].insert_one({"_id": 1})
    assert read("a.b").frame.collect().height == 1
    assert read(f"{database.name}.a.b").frame.collect().height == 1
    with pytest.raises(ConfigError, match=r"There is no collection 'c' in .*known: a\.b"):
        read("c")


def test_only_the_fields_that_are_needed_are_sent(server, source):
    server.engine["shop"]["orders"].insert_many([{"_id": n, "a": n, "b": "x"} for n in range(5)])
    scan = source.scan(CollectionReadOptions(table="orders"))
    server.commands.clear()
    assert scan.frame.select(pl.col("a").sum()).collect().item() == 10
    (sent,) = [one for one in server.commands if "find" in one]
    assert sent["projection"] == {"_id": 1, "a": 1}
    assert scan.frame.select(pl.len()).collect().item() == 5


def test_columns_choose_and_order(database, read):
    database.orders.insert_one({"_id": 1, "a": 2, "b": 3})
    assert read("orders", columns=("b", "_id")).frame.collect().rows() == [(3, 1)]
    with pytest.raises(ConfigError, match="There is no column 'c'; known: _id, a, b, _extra"):
        read("orders", columns=("c",))


def test_a_field_that_the_sample_does_not_show_may_be_named_with_its_type(database, read):
    database.orders.insert_many([{"_id": n} for n in range(9)] + [{"_id": 9, "rare": 5}])
    database.orders.insert_many([{"_id": n} for n in range(10, 20)])
    settings = {"sample": 4}
    frame = read("orders", settings=settings).frame.collect()
    assert frame.filter(_id=9)["_extra"].to_list() == ['{"rare":5}']
    typed = read("orders", settings=settings, types={"rare": "int64"}).frame.collect()
    assert typed.filter(_id=9).select("rare", "_extra").rows() == [(5, None)]


def test_a_field_called_as_the_column_beside_is_a_field(database, read):
    database.orders.insert_one({"_id": 1, "_extra": "mine"})
    frame = read("orders").frame.collect()
    assert frame.rows(named=True) == [{"_id": 1, "_extra": "mine", "_extra_": None}]


def test_misfits_are_remarked_and_counted(database, read):
    database.orders.insert_many([{"_id": n, "a": n} for n in range(9)])
    database.orders.insert_one({"_id": 4.5, "a": "x"})
    scan = read("orders", settings={"sample": 4}, types={"_id": "float64"})
    assert scan.frame.collect().filter(_id=4.5)["_extra"].to_list() == ['{"a":"x"}']
    (remark,) = scan.remarks()
    assert remark.message.startswith("1 values of field 'a' are no int64 and lie in '_extra'")
    assert remark.rejected == 0
    strict = read("orders", settings={"sample": 4}, types={"_id": "float64"}, misfits="error")
    with pytest.raises(DataError, match="Field 'a' is read as int64"):
        strict.frame.collect()


def test_what_lies_beside_the_columns_is_the_same_whichever_are_read(database, read):
    database.orders.insert_many([{"_id": n, "a": n} for n in range(9)] + [{"_id": 99, "a": "x"}])
    scan = read("orders", types={"a": "int64"})
    for names in (["_extra"], ["_id", "_extra"], ["_id", "a", "_extra"]):
        found = scan.frame.select(names).collect()
        assert found["_extra"].drop_nulls().to_list() == ['{"a":"x"}']
    chosen = read("orders", types={"a": "int64"}, columns=("_id", "_extra")).frame.collect()
    assert chosen["_extra"].drop_nulls().to_list() == ['{"a":"x"}']


def test_many_documents_come_in_many_batches(server, source, monkeypatch):
    monkeypatch.setattr(reading, "SLICE_ROWS", 7)
    server.batch = 50
    server.engine["shop"]["orders"].insert_many([{"_id": n, "a": "x" * n} for n in range(333)])
    frame = source.scan(CollectionReadOptions(table="orders")).frame.collect()
    assert frame["_id"].to_list() == list(range(333))
    assert frame["a"].str.len_bytes().to_list() == list(range(333))
    assert not server.cursors


def test_a_reader_that_has_enough_leaves_no_cursor(server, source):
    server.batch = 10
    server.engine["shop"]["orders"].insert_many([{"_id": n} for n in range(1000)])
    scan = source.scan(CollectionReadOptions(table="orders"))
    assert scan.frame.head(3).collect()["_id"].to_list() == [0, 1, 2]
    source.close()
    assert not server.cursors


# --- Filters ---------------------------------------------------------------------------------

ODD = [None, "x", 5.5, True, [1, 2], {"a": 1}, ObjectId("0" * 24), BEGIN, b"x", float("nan")]


@pytest.mark.parametrize(
    ("kind", "values", "asked"),
    [
        ("int64", [-5, 0, 3, Int64(2**60), 7.0], [0, 3, 4]),
        ("float64", [-1.5, 0.0, 2, 3.25], [0.0, 2, 2.5]),
        ("string", ["", "B", "a", "ä", "🦉"], ["a", "ä", "zz"]),
        ("boolean", [True, False], [True, False, True]),
        (
            "timestamp",
            [BEGIN, BEGIN + timedelta(milliseconds=1)],
            ["2024-01-01T00:00:00", "2024-01-01T00:00:00.001", "2024-01-01T00:00:00.0005"],
        ),
        ("objectid", [ObjectId("0" * 24), ObjectId("a" * 24)], ["0" * 24, "a" * 24, "zz"]),
        ("json", ["a", 1], ["1", '"a"', "x"]),
    ],
)
def test_a_filter_at_the_server_keeps_what_it_keeps_here(database, read, kind, values, asked):
    """Documents whose value does not fit the column are among them."""
    database.orders.insert_many([{"_id": n, "f": one} for n, one in enumerate([*values, *ODD])])
    database.orders.insert_one({"_id": 99})
    options = {"types": {"f": kind}}
    everything = read("orders", **options).frame.collect()
    low, high = asked[0], asked[1]
    conditions = [
        *(
            {"operator": sign, "value": one}
            for sign in ("=", "!=", "<", "<=", ">", ">=")
            for one in asked
        ),
        *(
            {"operator": word, "value": [low, high]}
            for word in ("in", "not_in", "between", "not_between")
        ),
        *({"operator": word} for word in ("is_null", "is_not_null")),
        *({"operator": "contains", "value": "a"} for _ in range(kind == "string")),
        {"operator": "in", "value": [low, high], "case_sensitive": False},
    ]
    for one in conditions:
        condition = {"column": "f", **one}
        judge = fits(FilterConfig.model_validate(condition), nw.from_native(everything).schema)
        expected = nw.from_native(everything).filter(judge).to_native()["_id"].to_list()
        for config in (condition, {"any": [condition, condition]}, {"all": [condition]}):
            found = read("orders", filter=config, **options).frame.collect()
            assert found["_id"].to_list() == expected, config


def test_the_server_leaves_out_what_it_can(server, source):
    server.engine["shop"]["orders"].insert_many([{"_id": n, "a": n, "o": {}} for n in range(9)])
    fit = {
        "all": [
            {"column": "a", "operator": ">", "value": 6},
            {"column": "o", "operator": "is_null"},
        ]
    }
    scan = source.scan(CollectionReadOptions(table="orders", filter=fit))
    server.commands.clear()
    assert scan.frame.select("_id").collect().is_empty()
    (sent,) = [one for one in server.commands if "find" in one]
    assert sent["filter"] == {"$and": [{"a": {"$gt": 6}}]}
    assert sent["projection"] == {"_id": 1, "a": 1, "o": 1}
    assert scan.rows is None
