"""What a source remarks on its rows reaches the people who look at the run."""

from collections.abc import Iterator
from contextlib import closing

import polars as pl
import pytest

from connectors.base import Extraction, ReadOptions, Remark, State, lazy_frame
from connectors.library.parquet import Parquet
from connectors.tests.mysql.conftest import settings_of
from jobs.models import Part, Run
from jobs.tests.api import Api
from jobs.tests.rows import rows_of, work
from tests.contract.local import LocalHost, copy_part, execute
from tests.contract.rows import Rows
from tests.contract.subjects import access_to
from tests.servers.mysql import connect


class Choosy(Rows):
    """Leaves out every row with an odd number, and says how many."""

    def scan(self, options: ReadOptions, state: State | None = None) -> Extraction:
        left_out: list[int] = []

        def read(columns: list[str]) -> Iterator[pl.DataFrame]:
            for batch in self.batches:
                kept = batch.filter(pl.col("n") % 2 == 0)
                left_out.append(batch.height - kept.height)
                yield kept.select(columns)

        def remarks() -> list[Remark]:
            return [Remark(f"{sum(left_out)} odd rows were left out", rejected=sum(left_out))]

        return Extraction(lazy_frame(self.batches[0].schema, read), remarks=remarks)


def test_rows_that_a_source_leaves_out_are_counted_and_told(tmp_path):
    access = access_to(tmp_path)
    source = Choosy([pl.DataFrame({"n": [1, 2, 3]}), pl.DataFrame({"n": [5, 6]})], access)
    from_parquet = copy_part("parquet", {"mode": "replace"})
    plugin = _parquet(tmp_path, access)
    host = LocalHost("run", {"read": lambda: source, "write": lambda: plugin})
    outcome = execute(from_parquet, host)
    assert "warning: 3 odd rows were left out" in host.lines
    assert outcome.measures["read"].rejected == 3
    assert outcome.commits["write"].rows == 2


def _parquet(folder, access):
    return Parquet(Parquet.Settings(path=str(folder / "out.parquet")), access)


@pytest.mark.django_db(transaction=True)
def test_zero_dates_are_told_in_the_log_of_the_run(transactional_db, files, mysql_url):
    with closing(connect(mysql_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        cursor.execute("CREATE TABLE t (n int, d date)")
        cursor.execute("INSERT INTO t VALUES (1, '0000-00-00'), (2, '2024-02-29'), (3, 0)")
    ada = Api("ada", door="olake")
    source = {"name": "shop", "source_type": "mysql", "config": settings_of(mysql_url)}
    copy = {"name": "copy", "dest_type": "duckdb", "config": {"db_path": "copy.duckdb"}}
    body = {
        "name": "Copy",
        "source_id": ada("post", "/sources", source).json()["source_id"],
        "dest_id": ada("post", "/destinations", copy).json()["dest_id"],
        "frequency": "",
        "config": {"streams": [{"stream": {"name": "t"}}]},
    }
    job = ada("post", "/jobs", body).json()["job_id"]
    run = Run.objects.get(uuid=ada("post", f"/jobs/{job}/run").json()["run_id"])
    work(Part.objects.filter(run=run).values_list("pk", flat=True))
    assert rows_of(files / "copy.duckdb", "SELECT count(*), count(d) FROM t") == [(3, 1)]
    lines = ada("get", f"/jobs/{job}/task/{run.uuid}").json()["data"]
    (warning,) = [line for line in lines if line["state"] == "warning"]
    assert warning["message"].startswith("2 dates of column 'd' that no calendar has")
    assert warning["stream"] == "t"
    (streams,) = ada("get", f"/jobs/{job}/history").json()["data"][0]["streams"]
    assert (streams["rows_read"], streams["rows_rejected"]) == (3, 0)
