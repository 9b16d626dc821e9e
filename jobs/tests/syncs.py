"""A sync job between two DuckDB files, driven by the API, with its worker in this process."""

from jobs.models import Part, Run
from jobs.tests.rows import make_table, rows_of, work

ORDERS = "SELECT range::BIGINT AS id, range % 3 AS kind, range AS version FROM range({})"


class Sync:
    """One job of one user, and the files that it reads and writes."""

    def __init__(self, api, files):
        self.api, self.files = api, files
        self.orders(10)
        self.source = self.connect("shop")
        self.copy = self.connect("copy", "destinations", "dest")
        self.job = None

    def connect(self, name, kind="sources", word="source", file=None):
        """Save a connection to `<name>.duckdb` and return its number."""
        config = {"db_path": f"{file or name}.duckdb"}
        made = self.api(
            "post", f"/{kind}", {"name": name, f"{word}_type": "duckdb"} | {"config": config}
        )
        assert made.status_code == 201, made.json()
        return made.json()[f"{word}_id"]

    def orders(self, rows, *, shop="shop", sql=ORDERS):
        """Let the shop have so many orders."""
        make_table(self.files / f"{shop}.duckdb", "orders", sql.format(rows))

    def sent(self, *streams, **changes):
        """Return what makes or changes the job."""
        ends = {"source_id": self.source, "dest_id": self.copy}
        config = {"streams": list(streams or [self.incremental()])}
        return {"name": "Copy", **ends, "frequency": "", "config": config} | changes

    @staticmethod
    def full(name="orders", **said):
        return {"stream": {"name": name, "namespace": "main", "sync_mode": "full_refresh", **said}}

    @classmethod
    def incremental(cls, name="orders", **said):
        return cls.full(name, **{"sync_mode": "incremental", "cursor_field": "version", **said})

    def make(self, *streams):
        """Make the job."""
        made = self.api("post", "/jobs", self.sent(*streams))
        assert made.status_code == 201, made.json()
        self.job = made.json()["job_id"]
        return self

    def change(self, *streams, **changes):
        """Change the job."""
        changed = self.api("put", f"/jobs/{self.job}", self.sent(*streams, **changes))
        assert changed.status_code == 200, changed.json()

    def call(self, method, path, body=None):
        """Call a route below the job; returns the status and the answer."""
        answer = self.api(method, f"/jobs/{self.job}{path}", body)
        return answer.status_code, answer.json()

    def run(self, path="/run", body=None):
        """Start a run (or a clear) and be its worker; returns the run."""
        return self.finish(self.start(path, body))

    def start(self, path="/run", body=None):
        """Start a run (or a clear) that waits for its worker; returns the run."""
        started = self.api("post", f"/jobs/{self.job}{path}", body)
        assert started.status_code == 200, started.json()
        return Run.objects.get(uuid=started.json()["run_id"])

    @staticmethod
    def finish(run):
        """Be the worker of a run that was started, or is tried again; returns the run."""
        work(Part.objects.filter(run=run, status="queued").values_list("pk", flat=True))
        run.refresh_from_db()
        return run

    def rows(self, what="count(*)", table="orders"):
        """Return one value of the copied table."""
        return rows_of(self.files / "copy.duckdb", f"SELECT {what} FROM {table}")[0][0]

    def lines(self, run):
        """Return the messages of a run's log."""
        return [event.message for event in run.events.order_by("seq")]
