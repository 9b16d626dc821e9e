"""MariaDB beside connectorx, which reads two ranges of the table into Parquet."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import lineitem
from benchmarks.measuring import Jobs, Result, in_turn, python
from config.launching import Platform
from tests.servers.mysql import connect, private_mysql

ROWS = 1_000_000
# The server's own pages stay in memory: this measures the way of the rows, not a disk.
SERVER = {"innodb_buffer_pool_size": "1G", "innodb_log_file_size": "1G"}
COLUMNS = """
    l_orderkey bigint not null, l_partkey bigint, l_suppkey bigint, l_linenumber bigint not null,
    l_quantity decimal(15, 2), l_extendedprice decimal(15, 2), l_discount decimal(15, 2),
    l_tax decimal(15, 2), l_returnflag varchar(10), l_linestatus varchar(10), l_shipdate date,
    l_commitdate date, l_receiptdate date, l_shipinstruct varchar(30), l_shipmode varchar(10),
    l_comment varchar(100), primary key (l_orderkey, l_linenumber)"""
BARE = """
import sys, connectorx, pyarrow.parquet as parquet
reader = connectorx.read_sql(
    sys.argv[1], "select * from lineitem", return_type="arrow_stream", batch_size=100_000,
    partition_on="l_orderkey", partition_num=2,
)
with parquet.ParquetWriter(sys.argv[2], reader.schema, compression="zstd") as writer:
    for batch in reader:
        writer.write_batch(batch)
"""


@contextmanager
def filled_server(rows: int) -> Iterator[str]:
    """Run a server with `rows` rows in its table `lineitem`, and yield its URL."""
    with private_mysql(**SERVER) as url:
        with (
            tempfile.NamedTemporaryFile(suffix=".csv") as file,
            closing(connect(url, local_infile=True)) as database,
            database.cursor() as cursor,
        ):
            cursor.execute(f"create table lineitem ({COLUMNS}) engine=InnoDB")
            for first in range(0, rows, lineitem.CHUNK):
                chunk = lineitem.rows(first, min(lineitem.CHUNK, rows - first))
                chunk.write_csv(file.name, include_header=False)
                load = f"load data local infile '{file.name}' into table lineitem"
                cursor.execute(f"{load} fields terminated by ','")
            cursor.execute("analyze table lineitem")
        yield url


def connector(url: str) -> dict[str, object]:
    """Return the configuration of a connector that reaches the server."""
    where = urlsplit(url)
    return {
        "type": "mysql",
        "host": where.hostname,
        "port": where.port,
        "database": where.path.strip("/"),
        "username": where.username,
        "password": where.password,
        "table": "lineitem",
    }


def measure_read(platform: Platform, data: Path) -> list[Result]:
    """Return the ratio of a job that reads 1 M rows to connectorx in two partitions."""
    target = data / "lineitem.parquet"
    with filled_server(ROWS) as url:
        jobs = Jobs.at(platform.url)
        job = jobs.create(connector(url), {"type": "parquet", "path": str(target)})
        ours, bare, ratio = in_turn(
            lambda: jobs.run(job), lambda: python(BARE, url, str(data / "bare.parquet"))
        )
    return [
        Result(
            "MariaDB, 1 M rows → Parquet",
            f"connectorx, 2 partitions {bare.seconds:.2f} s, {bare.peak_mb:.0f} MB",
            f"{ours.seconds:.2f} s ({ratio:.2f} ×), {ours.peak_mb:.0f} MB",
            "1.25 ×",
            ratio <= 1.25,
        )
    ]


def measure_write(platform: Platform, data: Path) -> list[Result]:
    """Return the ratio of a job that replaces a table with 1 M rows to LOAD DATA of ready text."""
    source = lineitem.write_parquet(data / f"lineitem_{ROWS}.parquet", ROWS)
    ready = lineitem.write_csv(data / f"lineitem_{ROWS}.csv", ROWS)
    columns = COLUMNS.rpartition(",")[0].rpartition(",")[0]
    with private_mysql(**SERVER) as url:
        jobs = Jobs.at(platform.url)
        target = {**connector(url), "table": "loaded", "mode": "replace"}
        job = jobs.create({"type": "parquet", "path": str(source)}, target)
        ours, bare, ratio = in_turn(
            lambda: jobs.run(job), lambda: python(LOAD, url, columns, str(ready))
        )
    return [
        Result(
            "Parquet, 1 M rows → MariaDB, replace",
            f"LOAD DATA of ready text {bare.seconds:.2f} s",
            f"{ours.seconds:.2f} s ({ratio:.2f} ×), {ours.peak_mb:.0f} MB",
            "1.75 ×",
            ratio <= 1.75,
        )
    ]


LOAD = """
import sys, pymysql
from urllib.parse import urlsplit
where = urlsplit(sys.argv[1])
database = pymysql.connect(
    host=where.hostname, port=where.port, user=where.username, password=where.password,
    database=where.path.strip("/"), local_infile=True, autocommit=True,
)
run = database.cursor().execute
run("drop table if exists bare")
run(f"create table bare ({sys.argv[2]}) engine=InnoDB")
run(
    f"load data local infile '{sys.argv[3]}' into table bare "
    "fields terminated by ',' ignore 1 lines"
)
"""
