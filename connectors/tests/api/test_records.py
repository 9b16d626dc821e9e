"""Where the api connector finds records, and how exactly it keeps their values."""

from decimal import Decimal

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError
from connectors.tests.api.answers import PEOPLE, as_json, in_pages
from tests.servers.http import Reply, replies


@pytest.mark.parametrize(
    "answer",
    [
        PEOPLE,
        {"data": PEOPLE},
        {"results": PEOPLE, "count": 3, "next": None},
        {"items": PEOPLE, "meta": {"pages": [1]}},
        {"records": PEOPLE},
    ],
)
def test_only_the_url_is_needed(read, server, answer):
    server.routes["/"] = replies(as_json(answer))
    assert read().to_dicts() == PEOPLE
    assert len(server.requests) == 1


def test_an_object_without_one_usual_array_is_one_record(read, server):
    server.routes["/"] = replies(as_json({"id": 7, "tags": ["a"], "next": "/other"}))
    assert read().to_dicts() == [{"id": 7, "tags": '["a"]', "next": "/other"}]
    server.routes["/"] = replies(as_json({"data": [1], "errors": []}))
    assert read().to_dicts() == [{"data": "[1]", "errors": "[]"}]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("$.response.docs", {"response": {"docs": PEOPLE}}),
        ("response.docs[*]", {"response": {"docs": PEOPLE}}),
        ("$.groups[*].people", {"groups": [{"people": PEOPLE[:1]}, {"people": PEOPLE[1:]}]}),
        ("$['odata.value']", {"odata.value": PEOPLE}),
        ("$", PEOPLE),
    ],
)
def test_a_json_path_leads_to_the_records(read, server, path, answer):
    server.routes["/"] = replies(as_json(answer))
    assert read({"records_path": path}).to_dicts() == PEOPLE


def test_a_path_to_one_object_gives_one_record(read, server):
    server.routes["/"] = replies(as_json({"user": PEOPLE[0]}))
    assert read({"records_path": "$.user"}).to_dicts() == PEOPLE[:1]


def test_a_path_that_leads_nowhere_is_told_with_what_is_there(read, server):
    server.routes["/"] = replies(as_json({"rows": [], "total": 0}))
    with pytest.raises(DataError, match=r"page 1: \$\.data leads nowhere.*'rows', 'total'"):
        read({"records_path": "$.data"})


def test_plain_values_become_a_column_of_their_own(read, server):
    server.routes["/"] = replies(as_json(["a", "b", None]))
    assert read().to_dicts() == [{"value": "a"}, {"value": "b"}, {"value": None}]
    server.routes["/"] = replies(as_json([{"id": 1}, 2]))
    with pytest.raises(DataError, match="some records are objects and some are not"):
        read()


EVERYTHING = (
    '[{"id": 9223372036854775807, "big": 18446744073709551615, "huge": 123456789012345678901,'
    ' "vast": 1234567890123456789012345678901234567890123, "ratio": 0.1, "whole": 2,'
    ' "flag": true, "text": "", "emoji": "\\ud83d\\ude00 \\u0000", "none": null,'
    ' "deep": {"a": [1, {"b": 1.50}], "big": 18446744073709551616}, "mixed": "1"},'
    ' {"id": -9223372036854775808, "big": 0, "huge": -1, "vast": 0, "ratio": 1e-7,'
    ' "whole": 0.5, "flag": false, "text": "x", "emoji": "", "none": null, "deep": [],'
    ' "mixed": 1},'
    ' {"id": 0, "mixed": null}]'
)


def test_values_arrive_exactly_as_they_were_sent(read, server):
    server.routes["/"] = replies(Reply(EVERYTHING.encode()))
    frame = read()
    assert dict(frame.schema) == {
        "id": pl.Int64,
        "big": pl.UInt64,
        "huge": pl.Decimal(38, 0),
        "vast": pl.String,
        "ratio": pl.Float64,
        "whole": pl.Float64,
        "flag": pl.Boolean,
        "text": pl.String,
        "emoji": pl.String,
        "none": pl.String,
        "deep": pl.String,
        "mixed": pl.String,
    }
    assert frame.row(0) == (
        9223372036854775807,
        18446744073709551615,
        Decimal(123456789012345678901),
        "1234567890123456789012345678901234567890123",
        0.1,
        2.0,
        True,
        "",
        "\U0001f600 \0",
        None,
        '{"a":[1,{"b":1.5}],"big":18446744073709551616}',
        '"1"',
    )
    assert frame.row(1)[:2] == (-9223372036854775808, 0)
    assert frame.row(1)[-1] == "1"
    assert frame.row(2) == (0, *[None] * 11)


def test_whole_numbers_that_no_float_holds_are_not_made_floats(read, server):
    server.routes["/"] = replies(Reply(b'[{"n": 9007199254740993}, {"n": 0.5}]'))
    assert read()["n"].to_list() == ["9007199254740993", "0.5"]


def test_types_that_a_person_gives_are_held_exactly(read, server):
    types = {
        "price": "decimal(20,10)",
        "paid": "decimal(6,2)",
        "day": "date",
        "local": "datetime",
        "at": "timestamp",
        "clock": "time",
        "id": "json",
        "later": "int64",
    }
    record = (
        '[{"price": 1234567890.0123456789, "paid": "12.3", "day": "2026-02-28",'
        ' "local": "2026-02-28T23:59:59.123456", "at": "2026-03-01T01:00:00.5+02:00",'
        ' "clock": "23:59:59", "id": 1, "ratio": 0.5}]'
    )
    server.routes["/"] = replies(Reply(record.encode()))
    frame = read({"types": types})
    row = frame.to_dicts()[0]
    assert row["price"] == Decimal("1234567890.0123456789")
    assert row["paid"] == Decimal("12.30")
    assert str(row["day"]) == "2026-02-28"
    assert str(row["local"]) == "2026-02-28 23:59:59.123456"
    assert row["at"].isoformat() == "2026-02-28T23:00:00.500000+00:00"
    assert (str(row["clock"]), row["id"], row["later"]) == ("23:59:59", "1", None)
    assert row["ratio"] == 0.5


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int64", "9223372036854775808"),
        ("int64", "1.0"),
        ("int64", "true"),
        ("int64", '"1"'),
        ("uint64", "-1"),
        ("boolean", "1"),
        ("string", "1"),
        ("float64", "9007199254740993"),
        ("float64", "1" + "0" * 400),
        ("decimal(4,2)", "1.234"),
        ("decimal(4,2)", "100"),
        ("decimal(4,2)", '"much"'),
        ("date", '"28.02.2026"'),
        ("datetime", '"2026-02-28T00:00:00Z"'),
        ("timestamp", '"2026-02-28T00:00:00"'),
        ("timestamp", '"2026-02-28T00:00:00.1234567Z"'),
        ("string", '"\\ud800"'),
    ],
)
def test_a_value_that_its_type_cannot_hold_ends_the_reading(read, server, kind, value):
    server.routes["/"] = replies(Reply(f'[{{"v": {value}}}]'.encode()))
    with pytest.raises(DataError, match=r"Page 1, column 'v': .*`types`"):
        read({"types": {"v": kind}})


def test_a_number_beyond_any_float_is_never_made_infinite(read, server):
    server.routes["/"] = replies(Reply(b'[{"v": 1e999}]'))
    with pytest.raises(DataError, match=r"too big for a float.*decimal"):
        read()


def test_a_later_page_that_does_not_fit_is_named_with_its_column_and_the_remedy(read, server):
    pages = [*[{"id": n} for n in range(4)], {"id": "x-4"}]
    server.routes["/"] = in_pages(pages, 2)
    paged = {"pagination": "page", "sample_records": 2}
    with pytest.raises(DataError, match=r"Page 3, column 'id': there is a text.*int64.*\"json\""):
        read(paged)
    assert read({**paged, "types": {"id": "json"}})["id"].to_list() == [
        *("0", "1", "2", "3"),
        '"x-4"',
    ]


def test_a_column_that_comes_later_is_never_dropped_in_silence(read, server):
    server.routes["/"] = in_pages([{"id": 1}, {"id": 2}, {"id": 3, "note": "new"}], 1)
    paged = {"pagination": "page", "sample_records": 1}
    with pytest.raises(DataError, match=r"Page 3 brings the column 'note'.*`types`.*`columns`"):
        read(paged)
    assert read({**paged, "types": {"note": "string"}})["note"].to_list() == [None, None, "new"]
    assert read({**paged, "columns": ["id"]}).to_dicts() == [{"id": 1}, {"id": 2}, {"id": 3}]


def test_columns_are_chosen_and_ordered_and_must_exist(read, server):
    server.routes["/"] = replies(as_json(PEOPLE))
    assert read({"columns": ["name", "id"]}).columns == ["name", "id"]
    with pytest.raises(ConfigError, match="No record has 'nmae'; there are: id, name"):
        read({"columns": ["nmae"]})


def test_an_empty_answer_needs_to_be_told_its_columns(read, server):
    server.routes["/"] = replies(as_json([]))
    with pytest.raises(DataError, match=r"columns are unknown; set `types`"):
        read()
    frame = read({"types": {"id": "int64", "at": "timestamp"}})
    assert (frame.height, frame.schema["id"]) == (0, pl.Int64)
    assert read({"columns": ["id"]}).schema == {"id": pl.String}
    server.routes["/"] = replies(Reply(status=204))
    assert read({"types": {"id": "int64"}}).height == 0
