"""The same in a bucket."""

import polars as pl
import pytest

from connectors.errors import ConfigError, LeaseLost

ROWS = pl.DataFrame({"id": [1, 2, 3], "name": ["a", "b", "c"]})


def test_a_bucket_holds_tables_in_every_mode(bucket):
    bucket.load(ROWS, table="t")
    bucket.load(ROWS.with_columns(pl.col("id") + 10), table="t", mode="append")
    bucket.load(ROWS.with_columns(name=pl.lit("new")), table="t", mode="upsert", key=["id"])
    assert bucket.read(table="t").sort("id").rows() == [
        (1, "new"),
        (2, "new"),
        (3, "new"),
        (11, "a"),
        (12, "b"),
        (13, "c"),
    ]
    bucket.load(ROWS, table="t", mode="replace", run="r")
    assert bucket.read(table="t").equals(ROWS)
    assert bucket.marker(table="t").run == "r"
    assert list(bucket.discover()) == ["t"]
    with pytest.raises(ConfigError, match="exists"):
        bucket.load(ROWS, table="t", mode="error")


def test_versions_checkpoints_and_increments_work_in_a_bucket(bucket, s3_store):
    for number in range(11):
        bucket.load(ROWS, table="t", mode="append", fence=number)
    client = s3_store.client()
    found = client.list_objects_v2(Bucket=s3_store.bucket, Prefix="deep/lake/t/")
    keys = [item["Key"] for item in found["Contents"]]
    client.close()
    assert f"deep/lake/t/_delta_log/{10:020}.checkpoint.parquet" in keys
    assert not [key for key in keys if "/.millrace/" in key]
    assert bucket.read(table="t", version=1).height == 6
    _, state = bucket.read_on(table="t", cursor="id")
    assert bucket.read(state, table="t", cursor="id").height == 0


def test_a_stale_worker_commits_nothing_in_a_bucket(bucket):
    def overtake():
        bucket.load(ROWS, table="t", run="later", mode="append", fence=3)

    with pytest.raises(LeaseLost):
        bucket.load(ROWS, table="t", fence=2, before_commit=overtake)
    assert bucket.read(table="t").height == 3


def test_wrong_keys_are_told_without_the_secret(bucket):
    bucket.settings["path"] = "s3://no-such-bucket-at-all/x"
    with bucket.opened() as connector:
        report = connector.check()
    assert not report.passed
    assert "millrace-secret" not in str(report)
    assert report.checks[-1].hint
