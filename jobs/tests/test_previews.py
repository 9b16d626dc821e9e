"""First rows of an uploaded file, before and after the steps."""

from datetime import UTC, datetime

import polars as pl
import pytest

from connectors import access
from connectors.errors import ConfigError, DataError, TransientError
from jobs import running
from jobs.tests.files import FILTER, PEOPLE, lies_at, made, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(ada, tmp_path):
    """Make a job with this file, and return what a quick worker answers."""

    def show(content, *steps, rows=20, **changes):
        job = made(ada, processing_steps=[], **changes)
        upload(job, content)
        asked = {"rows": rows, "processing_steps": list(steps)}
        return running.preview(job, asked, access.installation(tmp_path))

    return show


def test_the_first_rows_are_shown_and_the_steps_see_more_of_them(shown):
    told = shown(PEOPLE + "Dan,Paris,1\n" * 20_000, FILTER, rows=2)
    assert [row["name"] for row in told["before"]["rows"]] == ["Alice", "Bob"]
    assert [row["name"] for row in told["after"]["rows"]] == ["Alice", "Charlie"]
    assert told["after"]["columns"][2] == {"name": "age", "type": "Int64"}
    assert told["sample_rows"] == 10_000


def test_steps_that_only_duckdb_takes_are_shown_too(shown):
    query = "SELECT city, count(*) AS people FROM input GROUP BY city ORDER BY people DESC"
    told = shown(PEOPLE, {"type": "sql", "params": {"query": query}})
    assert told["after"]["rows"][0] == {"city": "New York", "people": 2}


def test_values_are_plain_json(shown, tmp_path):
    moment = datetime(2026, 1, 20, 10, 30, tzinfo=UTC)
    frame = pl.DataFrame({"at": [moment], "raw": [b"\x00\xff"], "nested": [[{"a": 1}]]})
    frame.write_parquet(tmp_path / "a.parquet")
    told = shown((tmp_path / "a.parquet").read_bytes(), file_name="a.parquet")
    assert told["before"]["rows"] == [
        {"at": "2026-01-20T10:30:00Z", "raw": "AP8=", "nested": [{"a": 1}]}
    ]


def test_what_is_wrong_is_told(shown):
    with pytest.raises(ConfigError, match="name, city, age"):
        shown(PEOPLE, {"type": "drop", "params": {"columns": ["nix"]}})
    with pytest.raises(ConfigError, match=r"processing_steps\[0\].type: unknown step 'nix'"):
        shown(PEOPLE, {"type": "nix"})
    with pytest.raises(DataError, match=r"^input/\S+/a.parquet is not a sound Parquet file"):
        shown("no parquet", file_name="a.parquet")


def test_a_preview_that_takes_too_long_is_given_up(shown, settings, monkeypatch):
    settings.PREVIEW_SECONDS = 0.01

    def wait(source, options, state=None):
        assert source.stopping.wait(60)
        raise OSError("whatever a driver says")

    monkeypatch.setattr("connectors.library.csv.Csv.scan", wait)
    with pytest.raises(TransientError, match="PREVIEW_SECONDS"):
        shown(PEOPLE)


def test_a_preview_of_nothing_is_refused_before_anybody_is_asked(ada):
    job = made(ada)
    answer = ada("post", f"/api/v1/jobs/{job.uuid}/preview", {})
    assert answer.status_code == 400
    assert not lies_at(job.input_key).exists()
