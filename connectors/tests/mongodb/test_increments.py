"""Following a cursor: what came since is read, once, whatever shape it has."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from bson import Int64, ObjectId

from connectors.documents.options import CollectionReadOptions
from connectors.errors import ConfigError, DataError

BEGIN = datetime(2024, 1, 1)


def load(read, state=None, **options):
    """Return what a load reads, by key, and the state that it leaves."""
    scan = read("orders", state=state, **options)
    return sorted(scan.frame.collect()["_id"].to_list()), scan.state()


def test_rows_of_an_equal_cursor_value_are_neither_lost_nor_doubled(database, read):
    database.orders.insert_many([{"_id": n, "at": BEGIN} for n in range(5)])
    keys, state = load(read, cursor="at")
    assert keys == [0, 1, 2, 3, 4]
    assert load(read, state, cursor="at") == ([], state)
    database.orders.insert_many([{"_id": n, "at": BEGIN} for n in (5, 6)])
    database.orders.insert_one({"_id": 7, "at": BEGIN + timedelta(seconds=1)})
    keys, state = load(read, state, cursor="at")
    assert keys == [5, 6, 7]
    assert load(read, state, cursor="at")[0] == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([1, 2], [2, 3]),
        ([-5, Int64(2**60)], [Int64(2**60), Int64(2**60 + 1)]),
        (["", "B", "a"], ["a", "🦉"]),
        ([ObjectId("0" * 24), ObjectId("a" * 24)], [ObjectId("a" * 24), ObjectId("f" * 24)]),
        (
            [datetime(1960, 1, 1), BEGIN + timedelta(milliseconds=1)],
            [BEGIN + timedelta(milliseconds=1), BEGIN + timedelta(milliseconds=2)],
        ),
    ],
)
def test_cursors_of_every_type_go_on_where_they_ended(database, read, first, second):
    database.orders.insert_many([{"_id": n, "c": value} for n, value in enumerate(first)])
    keys, state = load(read, cursor="c")
    assert len(keys) == len(first)
    database.orders.insert_many([{"_id": 10 + n, "c": one} for n, one in enumerate(second)])
    assert load(read, state, cursor="c")[0] == [10, 11]


def test_an_increment_by_the_key_reads_new_documents(database, read):
    database.orders.insert_many([{"a": 1}, {"a": 2}])
    scan = read("orders", cursor="_id")
    assert scan.frame.collect().height == 2
    database.orders.insert_one({"a": 3})
    assert read("orders", state=scan.state(), cursor="_id").frame.collect()["a"].to_list() == [3]


def test_a_document_that_changed_without_its_cursor_comes_again(database, read):
    database.orders.insert_many([{"_id": n, "at": BEGIN, "a": 1} for n in range(3)])
    _, state = load(read, cursor="at")
    database.orders.update_one({"_id": 1}, {"$set": {"a": 2}})
    assert load(read, state, cursor="at")[0] == [1]


def test_an_increment_keeps_its_types_and_takes_new_fields(database, read):
    database.orders.insert_many([{"_id": n, "at": BEGIN, "a": 1, "old": 1} for n in range(3)])
    _, state = load(read, cursor="at")
    database.orders.update_many({}, {"$unset": {"old": 1}})
    database.orders.delete_many({})
    later = BEGIN + timedelta(days=1)
    database.orders.insert_many([{"_id": n, "at": later, "a": "x", "new": 5} for n in (7, 8)])
    scan = read("orders", state=state, cursor="at")
    frame = scan.frame.collect()
    assert frame.columns == ["_id", "at", "a", "new", "old", "_extra"]
    assert frame.schema["a"] == pl.Int64
    assert frame["_extra"].to_list() == ['{"a":"x"}', '{"a":"x"}']
    assert frame["new"].to_list() == [5, 5]
    said = read("orders", state=state, cursor="at", types={"a": "json"}).frame.collect()
    assert said["a"].to_list() == ['"x"', '"x"']
    assert load(read, scan.state(), cursor="at")[0] == []


def test_documents_whose_cursor_has_no_value_or_another_type_come_once(database, read):
    database.orders.insert_many([{"_id": n, "c": n} for n in range(10)])
    database.orders.insert_many([{"_id": 4.5, "c": "text"}, {"_id": 4.6}])
    options = {"settings": {"sample": 4}, "types": {"_id": "float64"}, "cursor": "c"}
    keys, state = load(read, **options)
    assert len(keys) == 12
    assert load(read, state, **options)[0] == []
    database.orders.insert_many([{"_id": 5.5, "c": "other"}, {"_id": 5.6}, {"_id": 5.7, "c": 9}])
    database.orders.insert_many([{"_id": 5.8, "c": 9.5}, {"_id": 5.9, "c": [9, 10]}])
    keys, state = load(read, state, **options)
    assert keys == [5.5, 5.6, 5.7, 5.8, 5.9]
    assert load(read, state, **options)[0] == []


def test_documents_without_a_cursor_may_be_skipped_or_refused(database, read):
    database.orders.insert_many([{"_id": 1, "c": 1}, {"_id": 2, "c": None}, {"_id": 3, "c": 2}])
    keys, state = load(read, cursor="c", null_cursors="skip")
    assert keys == [1, 3]
    assert load(read, state, cursor="c", null_cursors="skip")[0] == []
    with pytest.raises(DataError, match="rows without a value in 'c'"):
        load(read, cursor="c", null_cursors="refuse")


def test_a_window_finds_what_came_late(database, read):
    days = [BEGIN + timedelta(days=n) for n in range(5)]
    database.orders.insert_many([{"_id": n, "at": day} for n, day in enumerate(days)])
    options = {"cursor": "at", "look_back": "2d"}
    keys, state = load(read, **options)
    assert keys == [0, 1, 2, 3, 4]
    database.orders.insert_many([{"_id": 10, "at": days[2]}, {"_id": 11, "at": days[1]}])
    keys, state = load(read, state, **options)
    assert keys == [10], "what came before the window is not seen"
    assert load(read, state, **options)[0] == []


def test_a_second_cursor_follows_documents_without_the_first(database, read):
    database.orders.insert_many([{"_id": n, "at": BEGIN, "n": n} for n in range(3)])
    database.orders.insert_many([{"_id": n, "at": None, "n": n} for n in range(3, 6)])
    options = {"cursor": "at", "second_cursor": "n"}
    keys, state = load(read, **options)
    assert keys == [0, 1, 2, 3, 4, 5]
    database.orders.insert_many([{"_id": 7, "n": 7}, {"_id": 8, "n": 5}, {"_id": 9, "at": BEGIN}])
    keys, state = load(read, state, **options)
    assert keys == [7, 8, 9]
    assert load(read, state, **options)[0] == []


def test_rows_that_fit_a_filter_are_followed(database, read):
    options = {"cursor": "n", "filter": {"column": "a", "operator": ">", "value": 1}}
    database.orders.insert_many([{"_id": n, "n": n, "a": n % 3} for n in range(9)])
    keys, state = load(read, **options)
    assert keys == [2, 5, 8]
    database.orders.insert_many([{"_id": n, "n": 9, "a": n % 3} for n in range(9, 15)])
    assert load(read, state, **options)[0] == [11, 14]


def test_a_state_by_hand_is_judged(read):
    options = CollectionReadOptions(table="orders", cursor="n")
    options.judge_state({"column": "n", "value": "5"})
    for state in ({"column": "m", "value": "5"}, {"column": "n"}, {"fields": 5}):
        with pytest.raises(ConfigError):
            options.judge_state(
                {"column": "n", "value": "5"} | state if "fields" in state else state
            )
    with pytest.raises(ConfigError, match="Unknown type 'money'"):
        options.judge_state({"column": "n", "value": "5", "fields": {"a": "money"}})


def test_a_field_that_cannot_be_a_cursor_is_refused(database, read):
    database.orders.insert_many([{"_id": 1, "a": 1.5, "b": [1]}])
    for name in ("a", "b"):
        with pytest.raises(ConfigError, match=f"Field '{name}' is read as .* cannot be a cursor"):
            read("orders", cursor=name)
    with pytest.raises(ConfigError, match="There is no column 'c'"):
        read("orders", cursor="c")
    with pytest.raises(ConfigError, match="a dot or a dollar means something else"):
        read("orders", cursor="a.b", types={"a.b": "int64"})


def test_a_cursor_in_utc_asks_for_the_same_moment(server, source):
    moment = datetime(2024, 5, 1, 12, 0, 0, 5_000)
    server.engine["shop"]["orders"].insert_one({"_id": 1, "at": moment})
    options = CollectionReadOptions(table="orders", cursor="at")
    scan = source.scan(options)
    scan.frame.collect()
    again = source.scan(options, scan.state())
    server.commands.clear()
    assert again.frame.collect().is_empty()
    (sent,) = [one for one in server.commands if "find" in one]
    assert sent["filter"]["$or"][0] == {"at": {"$gte": moment}}
    assert scan.state()["value"] == moment.replace(tzinfo=UTC).isoformat(" ", "milliseconds")
