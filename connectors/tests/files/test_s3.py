"""Folders of a bucket as streams: joined files, and only those that are new."""

import io
import json
import time
from ipaddress import ip_network
from pathlib import Path

import polars as pl
import pytest

from connectors import registry
from connectors.base import Access
from connectors.configuration import split, validate
from connectors.errors import ConfigError, DataError, TransientError
from connectors.files import gathering
from connectors.library.s3 import S3
from connectors.tests.loads import System

CURSOR = "_last_modified_time"


@pytest.fixture
def bucket(s3_store):
    """Put objects (text, bytes or a frame as Parquet) into the bucket."""
    client = s3_store.client()

    def put(**objects):
        for key, content in objects.items():
            body = content
            if isinstance(content, pl.DataFrame):
                content.write_parquet(held := io.BytesIO())
                body = held.getvalue()
            client.put_object(Bucket=s3_store.bucket, Key=key, Body=body)

    yield put
    client.close()


@pytest.fixture
def s3(tmp_path, s3_store):
    """Make a system over the bucket."""

    def make(**settings):
        networks = (ip_network("127.0.0.0/8"),)
        access = Access(tmp_path, (tmp_path,), tmp_path / "scratch", networks)
        known = {
            "bucket_name": s3_store.bucket,
            "endpoint": s3_store.endpoint,
            "access_key_id": s3_store.access_key,
            "secret_access_key": s3_store.secret_key,
        }
        return System(S3, access, **known | {"format": "csv"} | settings)

    return make


def plain(frame):
    """Return rows without the times of their files, in some order of their own."""
    return sorted(frame.drop(CURSOR).rows(), key=str)


def test_each_first_folder_below_the_prefix_is_a_stream(s3, bucket):
    bucket(**{
        "in/orders/2025/a.csv": "id\n1\n", "in/orders/2026/deep/b.csv.gz": b"",
        "in/people/a.csv": "name\nAda\n", "in/rates.csv": "r\n1.5\n", "in/orders/readme.md": "x",
        "in/orders/.hidden/a.csv": "id\n9\n", "in/orders/": "", "other/x.csv": "z\n1\n",
        "inside/y.csv": "y\n1\n",
    })  # fmt: skip
    found = s3(path_prefix="/in/").discover()
    assert list(found) == ["orders", "people", "rates"]
    assert {stream.namespace for stream in found.values()} == {"s3"}
    assert found["people"].cursors == (CURSOR,)
    assert found["people"].schema == {"name": pl.String(), CURSOR: pl.Datetime("us", "UTC")}
    assert plain(s3(path_prefix="in").read(**found["orders"].options)) == [(1,)]
    assert plain(s3(path_prefix="in").read(table="s3.people")) == [("Ada",)]
    assert plain(s3(path_prefix="in").read(table="rates.csv")) == [(1.5,)]
    assert list(s3().discover()) == ["in", "inside", "other"]


def test_files_of_different_columns_and_types_are_one_stream(s3, bucket):
    bucket(**{
        "t/1.csv": "a,b,c\n1,x,007\n", "t/2.csv": "c,a\n7,2.5\n", "t/3.csv": "d\ntrue\n",
    })  # fmt: skip
    read = s3().read(table="t")
    assert read.drop(CURSOR).schema == {
        "a": pl.Float64, "b": pl.String, "c": pl.String, "d": pl.Boolean
    }  # fmt: skip
    assert plain(read) == [
        (1.0, "x", "007", None), (2.5, None, "7", None), (None, None, None, True)
    ]  # fmt: skip
    assert s3().read(table="t", columns=["c", CURSOR]).height == 3
    assert s3().read(table="t", columns=[CURSOR]).columns == [CURSOR]
    with pytest.raises(ConfigError, match="no column 'z'; known: a, b, c, d, _last_modified_time"):
        s3().read(table="t", columns=["z"])


def test_the_columns_are_those_of_all_files_and_not_of_the_first_ones(s3, bucket):
    bucket(**{f"t/{n:02}.csv": "a\n1\n" for n in range(30)}, **{"t/99.csv": "late,a\nx,z\n"})
    read = s3().read(table="t")
    assert read.schema["a"] == pl.String
    assert read["late"].drop_nulls().to_list() == ["x"]
    assert read.height == 31


def test_json_parquet_and_excel_are_joined_too(s3, bucket, tmp_path):
    bucket(**{"j/1.json": '[{"a": 1}]', "j/2.jsonl": '{"a": 2.5, "b": {"c": 1}}\n'})
    assert plain(s3(format="json").read(table="j")) == [(1.0, None), (2.5, {"c": 1})]
    small, wide = pl.Series("a", [1], pl.Int16), pl.Series("a", [2], pl.Int64)
    bucket(**{"p/1.parquet": small.to_frame(), "p/2.parquet": wide.to_frame().with_columns(b=1)})
    assert plain(s3(format="parquet").read(table="p")) == [(1, None), (2, 1)]
    for name, rows in {"1": {"a": [1]}, "2": {"a": ["x"], "b": [True]}}.items():
        pl.DataFrame(rows).write_excel(tmp_path / f"{name}.xlsx")
        bucket(**{f"e/{name}.xlsx": (tmp_path / f"{name}.xlsx").read_bytes()})
    assert plain(s3(format="excel").read(table="e")) == [("1", None), ("x", True)]


def test_types_that_nothing_holds_name_both_files(s3, bucket):
    bucket(**{
        "p/1.parquet": pl.DataFrame({"a": [1]}), "p/2.parquet": pl.DataFrame({"a": ["x"]})
    })  # fmt: skip
    with pytest.raises(DataError, match=r"'a' is Int64 in .*p/1\.parquet and String in .*p/2"):
        s3(format="parquet").read(table="p")


def test_only_what_is_new_or_changed_is_read_again(s3, bucket):
    bucket(**{"t/1.csv": "a\n1\n", "t/2.csv": "a\n2\n"})
    rows, state = s3().read_on(table="t", cursor=CURSOR)
    assert plain(rows) == [(1,), (2,)]
    # The same second, and the same size: only the store's tag tells that it is another object.
    bucket(**{"t/1.csv": "a\n5\n", "t/3.csv": "a\n3\n"})
    rows, state = s3().read_on(json.loads(json.dumps(state)), table="t", cursor=CURSOR)
    assert plain(rows) == [(3,), (5,)]
    rows, after = s3().read_on(state, table="t", cursor=CURSOR)
    assert rows.is_empty()
    assert rows.schema == {"a": pl.Int64, CURSOR: pl.Datetime("us", "UTC")}
    assert after == state


def test_types_of_earlier_runs_hold(s3, bucket):
    bucket(**{"t/1.csv": "code,n,m,k\n007,1,5,1\n"})
    _, state = s3().read_on(table="t", cursor=CURSOR)
    bucket(**{"t/2.csv": "code,n,m,k\n1.10,2.5,,x\n"})
    rows, state = s3().read_on(state, table="t", cursor=CURSOR)
    assert rows.drop(CURSOR).schema == {
        "code": pl.String, "n": pl.Float64, "m": pl.Int64, "k": pl.String
    }  # fmt: skip
    assert plain(rows) == [("1.10", 2.5, None, "x")]
    bucket(**{"t/3.csv": "code\n5\n"})
    rows, state = s3().read_on(state, table="t", cursor=CURSOR)
    assert plain(rows) == [("5",)]
    assert {"code", "n", "m", "k"} < state["columns"].keys()


def test_old_files_are_forgotten_together_with_their_time(s3, bucket, monkeypatch):
    monkeypatch.setattr(gathering, "MOST", 2)
    bucket(**{"t/1.csv": "a\n1\n"})
    time.sleep(1.1)
    bucket(**{"t/2.csv": "a\n2\n", "t/3.csv": "a\n3\n"})
    rows, state = s3().read_on(table="t", cursor=CURSOR)
    assert rows.height == 3
    assert len(state["files"]) == 2
    assert s3().read_on(state, table="t", cursor=CURSOR)[0].is_empty()


def test_a_state_of_another_cursor_is_refused(s3, bucket):
    bucket(**{"t/1.csv": "a\n1\n"})
    with pytest.raises(ConfigError, match="belongs to another cursor; reset it"):
        s3().read_on({"cursor": "id", "last": 4}, table="t", cursor=CURSOR)


def test_a_pattern_chooses_files_by_their_paths(s3, bucket):
    bucket(**{"t/2025/a.log": "a\n1\n", "t/2026/b.log": "a\n2\n", "t/c.csv": "a\n3\n"})
    assert plain(s3(file_pattern=r"/\d{4}/.*\.log$").read(table="t")) == [(1,), (2,)]
    with pytest.raises(ConfigError, match="not a regular expression"):
        s3(file_pattern="(").read(table="t")


def test_compression_may_be_said_where_the_name_does_not(s3, bucket):
    import gzip

    bucket(**{"t/a.csv": gzip.compress(b"a\n1\n")})
    assert plain(s3(compression="gzip").read(table="t")) == [(1,)]


OLAKE = {
    "bucket_name": "b", "region": "us-east-1", "path_prefix": "in/", "access_key_id": "k",
    "secret_access_key": "s", "endpoint": "http://127.0.0.1:9", "file_format": "csv",
    "compression": "none", "file_pattern": "", "max_threads": 3, "retry_count": 2,
    "csv": {"delimiter": ";", "has_header": False, "skip_rows": 1, "quote_character": "'"},
    "json": {"line_delimited": True}, "parquet": {"streaming_enabled": True},
}  # fmt: skip


def test_olakes_own_configuration_is_understood():
    settings = validate(S3.Settings, OLAKE)
    assert settings.format_options() == {
        "delimiter": ";", "has_header": False, "skip_rows": 1, "quote": "'"
    }  # fmt: skip
    assert settings.files().path == "s3://b/in"
    assert validate(S3.Settings, {**OLAKE, "file_format": "parquet"}).format_options() == {}
    with pytest.raises(ConfigError, match="format"):
        validate(S3.Settings, {**OLAKE, "file_format": "xml"})
    with pytest.raises(ConfigError, match=r"csv: .*no_such"):
        validate(S3.Settings, {**OLAKE, "csv": {"no_such": 1}})
    with pytest.raises(ConfigError, match="'table' is said by each stream"):
        validate(S3.Settings, {**OLAKE, "csv": {"table": "x"}})


def test_what_is_wrong_is_told_and_the_secret_is_not(s3, bucket):
    bucket(**{"t/1.csv": "a\n1\n"})
    with pytest.raises(ConfigError, match=r"no csv file to read at .*/no .*known: t"):
        s3().read(table="no")
    with pytest.raises(ConfigError, match="no parquet file to read"):
        s3(format="parquet").discover()
    with pytest.raises(ConfigError, match="no such bucket"):
        s3(bucket_name="no-such-bucket").discover()
    with pytest.raises(ConfigError, match="names that begin with a dot"):
        s3(path_prefix="a/.millrace").discover()
    with pytest.raises(ConfigError, match="go together"):
        s3(secret_access_key=None).discover()
    system = s3(endpoint="http://127.0.0.1:9", secret_access_key="hidden-secret")
    with system.opened() as source:
        report = source.check()
    assert not report.passed
    assert report.checks[0].hint
    assert "hidden-secret" not in str(report)
    closed = {**OLAKE, "bucket_name": "bucket", "endpoint": "http://10.0.0.1"}
    with pytest.raises(ConfigError, match="not a public address"):
        S3(validate(S3.Settings, closed), system.access).judge()
    with s3().opened() as source:
        assert source.check().passed


def test_an_object_that_vanishes_while_it_is_read_is_tried_again(s3, bucket, s3_store):
    bucket(**{"t/1.csv": "a\n1\n", "t/2.csv": "a\n2\n"})
    client = s3_store.client()
    with s3().opened() as source:
        found = source.scan(validate(S3.ReadOptions, {"table": "t"}))
        client.delete_object(Bucket=s3_store.bucket, Key="t/2.csv")
        with pytest.raises(TransientError, match=r"t/2\.csv vanished while it was read"):
            found.frame.collect()
    client.close()


def test_the_example_of_the_docs_works(s3, bucket, s3_store):
    bucket(**{"landing/orders/1.csv": "id;total\n1;2.5\n"})
    page = (Path(__file__).parents[3] / "docs/connectors/s3.md").read_text()
    example = json.loads(page.split("```json")[1].split("```")[0])
    here = s3(bucket_name=s3_store.bucket)
    settings = {**here.settings, "format": example["format"]}
    found = split({**example, **settings}, "source")
    system = System(registry.connector(example["type"]), here.access, **found.settings)
    assert plain(system.read(**found.options)) == [(1, 2.5)]
