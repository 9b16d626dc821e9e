"""JSON: what a value is, what is wrong with a text, and what is written."""

import datetime as dt
import gzip
import json as plain_json
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.errors import DataError
from connectors.files import documents, streams

LATE = '{"a":1,"b":{"c":1},"d":[1],"e":1.5,"f":"x","g":true}\n' * 300


@pytest.fixture
def text(files, json):
    """Read a text as a file."""

    def read(content: str | bytes, **options):
        raw = content if isinstance(content, bytes) else content.encode()
        (files / "t.json").write_bytes(raw)
        return json("t.json").read(**options)

    return read


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ("1 2", pl.Int64(), [1, 2]),
        ("1 1.5", pl.Float64(), [1.0, 1.5]),
        ("1.5 9007199254740993", pl.String(), ["1.5", "9007199254740993"]),
        ("12345678901234567890", pl.Decimal(38, 0), [Decimal(12345678901234567890)]),
        ("9" * 39, pl.String(), ["9" * 39]),
        ("12345678901234567890.123", pl.String(), ["12345678901234567890.123"]),
        ("1e400", pl.String(), ["1e400"]),
        ("true null", pl.Boolean(), [True, None]),
        ("null", pl.String(), [None]),
        ('"\\ud83d\\ude00\\u0000"', pl.String(), ["😀\0"]),
        ('1 "1.10" 1.10 true', pl.String(), ["1", "1.10", "1.10", "true"]),
        (
            '[1.50,{"x":12345678901234567890123}] 5',
            pl.String(),
            ['[1.50,{"x":12345678901234567890123}]', "5"],
        ),
        ("[1] [] null", pl.List(pl.Int64), [[1], [], None]),
        (
            '{"x":[{"y":1}]}',
            pl.Struct({"x": pl.List(pl.Struct({"y": pl.Int64}))}),
            [{"x": [{"y": 1}]}],
        ),
        ("{}", pl.String(), ["{}"]),
        ("[[1],[null]]", pl.List(pl.List(pl.Int64)), [[[1], [None]]]),
    ],
)
@pytest.mark.parametrize("layout", ["lines", "array", "pretty"])
def test_no_value_of_the_sample_changes(text, values, dtype, expected, layout):
    rows = ['{"a":' + value + "}" for value in values.split(" ")]
    joined = {
        "lines": "\n".join(rows),
        "array": "[" + ", ".join(rows) + "]",
        "pretty": "[\n" + ",\n".join(row.replace('{"a"', '{\n  "a"') for row in rows) + "\n]\n",
    }[layout]
    frame = text(joined)
    assert frame.schema == {"a": dtype}
    assert frame["a"].to_list() == expected


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"z":1}', "column 'z' was not there in the sample"),
        ('{"a":"x"}', "column 'a' is Int64, and here it is 'x'"),
        ('{"a":1.5}', "column 'a' is Int64, and here it is '1.5'"),
        ('{"a":12345678901234567890}', "column 'a' is Int64"),
        ('{"b":{"c":1,"z":2}}', "column 'b' is Struct"),
        ('{"b":{"c":"x"}}', "column 'b' is Struct"),
        ('{"b":5}', "column 'b' is Struct"),
        ('{"d":["x"]}', "column 'd' is List"),
        ('{"d":5}', "column 'd' is List"),
        ('{"e":"x"}', "column 'e' is Float64"),
        ('{"f":12345678901234567890.123}', "column 'f' is String"),
        ('{"f":true}', "column 'f' is String"),
        ('{"g":"yes"}', "column 'g' is Boolean"),
        ('{"a":1,"a":2}', "stands in it twice"),
        ('{"f":"\\ud83d"}', "surrogate"),
        (b'{"f":"\xff"}', "UTF8|utf-8|JSON"),
        ('{"a":', "it is not JSON"),
        ("5", "it is not an object"),
        ('{"e":1e400}', "too big|Float64"),
    ],
)
def test_a_row_after_the_sample_that_does_not_fit_is_an_error_and_no_null(text, row, message):
    raw = LATE.encode() + (row if isinstance(row, bytes) else row.encode()) + b"\n"
    with pytest.raises(DataError, match=f"row 301: .*({message}).*infer_rows") as caught:
        text(raw, infer_rows=100)
    assert "t.json" in caught.value.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no rows"),
        ("[]", "holds no rows"),
        ("[1]", "not an object: 1"),
        ('[{"a":1},5]', "not an object: ,5"),
        ('[{"a":1}, [2]]', "not an object"),
        ('[{"a":1}', "ends in the middle"),
        ('[{"a":1}][{"a":1}]', "not an object"),
        ('"text"', "not an object"),
        ('{"a":1}\n5\n', "row 2 is not an object"),
        ('[{"a":"x\ny"}]', "row 1 is not JSON"),
        (b'{"a":"\xff"}\n', "row 1 is not JSON"),
    ],
)
def test_a_broken_text_says_what_to_do(text, content, message):
    with pytest.raises(DataError, match=message):
        text(content)


def test_a_type_may_be_named(text):
    types = {"zip": "text", "day": "date", "sum": "decimal(10,2)", "id": "uint64", "no": "float"}
    frame = text(
        '{"zip":12345,"day":"2020-01-31","sum":1.10,"id":18446744073709551615}\n'
        '{"zip":"00123","day":null,"sum":"2.5"}\n',
        types=types,
    )
    assert frame.schema["no"] == pl.Float64()
    assert frame.rows() == [
        ("12345", dt.date(2020, 1, 31), Decimal("1.10"), 2**64 - 1, None),
        ("00123", None, Decimal("2.50"), None, None),
    ]
    with pytest.raises(DataError, match="row 1, column 'day': '2020-02-30' is no date"):
        text('{"day":"2020-02-30"}', types={"day": "date"})
    with pytest.raises(DataError, match="column 'sum' is Decimal"):
        text('{"sum":1.105}', types={"sum": "decimal(10,2)"})
    assert text("", types={"a": "integer"}).schema == {"a": pl.Int64()}


@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
def test_an_array_is_taken_apart_however_its_chunks_fall(text, monkeypatch, chunk):
    monkeypatch.setattr(streams, "CHUNK_BYTES", chunk)
    content = b'\xef\xbb\xbf [ {"a":"]}\\"\\\\","b":[{"c":1}]} ,\n{"a":"{","b":[]}\t] '
    assert text(content).rows() == [(']}"\\', [{"c": 1}]), ("{", [])]


@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.text(max_size=5), min_size=1), min_size=1)
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
def test_any_layout_gives_the_same_rows(text, rows):
    lines = "\n".join(plain_json.dumps(row) for row in rows)
    expected = text(lines)
    names = expected.columns
    assert expected.rows() == [tuple(row.get(name) for name in names) for row in rows]
    for content in (plain_json.dumps(rows), plain_json.dumps(rows, indent=2)):
        assert_frame_equal(text(content), expected)


def test_rows_longer_than_a_block_are_read(text, monkeypatch):
    monkeypatch.setattr(documents, "BLOCK_BYTES", 64)
    rows = [{"a": "x" * length, "n": length} for length in (1, 10, 100, 1000, 10000, 1)]
    frame = text("\n".join(plain_json.dumps(row) for row in rows))
    assert frame["n"].to_list() == [1, 10, 100, 1000, 10000, 1]
    assert frame["a"].str.len_bytes().to_list() == frame["n"].to_list()


def test_packed_files_and_folders_are_read(files, json):
    (files / "in").mkdir()
    (files / "in/a.ndjson.gz").write_bytes(gzip.compress(b'{"a":1}\n'))
    (files / "in/b.json").write_text('[{"a":2,"b":"x"}]')
    assert json("in").read().rows() == [(1, None), (2, "x")]
    assert json("in").read(columns=["b"]).rows() == [(None,), ("x",)]
    assert json("in").read().lazy().select(pl.len()).collect().item() == 2


NESTED = pl.DataFrame(
    {
        "list": [[1, None], [], None],
        "struct": [{"x": [{"y": "z"}]}, {"x": None}, None],
        "text": ["", 'q"\n\0😀', None],
        "big": pl.Series([2**63 - 1, -(2**63), None]),
        "fraction": [0.1, 5e-324, None],
    }
)


@pytest.mark.parametrize("path", ["t.json", "t.ndjson", "t.json.gz", "t.jsonl.zst", "t"])
def test_values_come_back_exactly(json, path):
    json(path).load(NESTED)
    assert_frame_equal(json(path).read(), NESTED)
    json(path).load(NESTED, mode="append", fence=2)
    assert_frame_equal(json(path).read(), pl.concat([NESTED, NESTED]))


def test_an_array_is_json_at_every_length(files, json):
    system = json("t.json")
    for fence, length in enumerate((0, 0, 1, 2, 0, 1), start=1):
        system.load(
            pl.DataFrame({"a": range(length)}, schema={"a": pl.Int64}), mode="append", fence=fence
        )
        assert isinstance(plain_json.loads((files / "t.json").read_text()), list)
    assert system.read()["a"].to_list() == [0, 0, 1, 0]


def test_what_json_has_no_form_for_is_exact_text(files, json):
    frame = pl.DataFrame(
        {
            "decimal": pl.Series([Decimal("9" * 35 + ".123")], dtype=pl.Decimal(38, 3)),
            "moment": pl.Series([1577934245678901]).cast(pl.Datetime("us", "Europe/Berlin")),
            "day": [dt.date(2020, 1, 31)],
            "unsigned": pl.Series([2**64 - 1], dtype=pl.UInt64),
        }
    )
    json("t.ndjson").load(frame)
    assert plain_json.loads((files / "t.ndjson").read_text()) == {
        "decimal": "9" * 35 + ".123",
        "moment": "2020-01-02T04:04:05.678901+01:00",
        "day": "2020-01-31",
        "unsigned": 2**64 - 1,
    }
    types = {
        "decimal": "decimal(38,3)",
        "moment": "datetime[us,Europe/Berlin]",
        "day": "date",
        "unsigned": "uint64",
    }
    assert_frame_equal(json("t.ndjson").read(types=types), frame)


@pytest.mark.parametrize(
    "values",
    [[float("nan")], [[1.0, float("inf")]], [{"x": [float("-inf")]}]],
)
def test_odd_floats_are_refused_and_not_written_as_null(files, json, values):
    with pytest.raises(DataError, match="no NaN and no infinity, and column 'odd'"):
        json("t.json").load(pl.DataFrame({"odd": values}))
    assert not (files / "t.json").exists()


def test_bytes_are_refused(json):
    with pytest.raises(DataError, match=r"JSON cannot hold column 'odd' .*encode it as text"):
        json("t.json").load(pl.DataFrame({"odd": [[b"x"]]}))


def test_a_layout_may_be_said(files, json):
    json("t.json").load(NESTED.select("big"), layout="lines")
    assert (files / "t.json").read_text().startswith('{"big":')
    json("d").load(NESTED.select("big"), layout="array", compression="gzip")
    (part,) = (files / "d").iterdir()
    assert part.name.endswith(".json.gz")
    assert len(plain_json.loads(gzip.decompress(part.read_bytes()))) == 3
