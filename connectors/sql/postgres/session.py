"""Ways into one PostgreSQL database: psycopg to talk to it, DuckDB's scanner to read rows."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError
from connectors.sql.names import quoted
from connectors.sql.postgres.errors import told

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from psycopg import Connection

APPLICATION = "millrace"
CONNECT_SECONDS = 5
_SECRET = "server"  # noqa: S105 - the name of DuckDB's secret, not a secret


@dataclass(frozen=True)
class Server:
    """Where a database is and who asks; `tls` holds libpq's sslmode and paths of PEM files."""

    host: str
    port: int
    database: str
    username: str
    password: str = field(repr=False)
    tls: Mapping[str, str]
    scratch: Path
    # How many may read one table side by side.
    sessions: int = 4

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.database}"

    def connect(self) -> "Connection[Any]":
        """Open a psycopg connection that commits every statement."""
        import psycopg

        with told(self.password):
            return psycopg.connect(
                host=self.host,
                port=self.port,
                dbname=self.database,
                user=self.username,
                password=self.password,
                autocommit=True,
                client_encoding="UTF8",
                **self._parameters(),
            )

    def scanner(self) -> "DuckDBPyConnection":
        """Open a DuckDB that knows how to reach the server; `attach` connects it."""
        connection = open_duckdb(self.scratch)
        pairs = {
            "HOST": self.host,
            "PORT": str(self.port),
            "DATABASE": self.database,
            "USER": self.username,
            "PASSWORD": self.password,
        }
        options = ", ".join(f"{name} {_text(value)}" for name, value in pairs.items() if value)
        with told(self.password):
            # In memory only, and redacted wherever DuckDB shows it.
            connection.execute(f"CREATE SECRET {_SECRET} (TYPE postgres, {options})")
        return connection

    def attach(self, connection: "DuckDBPyConnection", alias: str) -> None:
        """Attach the database under `alias`, to be read."""
        pairs = self._parameters()
        text = " ".join(f"{name}={_libpq(str(value))}" for name, value in pairs.items())
        with told(self.password):
            connection.execute(
                f"ATTACH {_text(text)} AS {quoted(alias)} "
                f"(TYPE postgres, SECRET {_SECRET}, READ_ONLY)"
            )

    def forget(self) -> None:
        """Remove the certificates."""
        for name in ("sslrootcert", "sslcert", "sslkey"):
            if name in self.tls:
                Path(self.tls[name]).unlink(missing_ok=True)

    def _parameters(self) -> dict[str, Any]:
        return {
            "connect_timeout": CONNECT_SECONDS,
            "application_name": APPLICATION,
            # A server that vanished without a word is noticed within a minute.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            # The passwords of whoever runs Millrace are not there for its users.
            "passfile": str(self.scratch / "no-passwords"),
            **self.tls,
        }


# What pg_dump sets too: texts that mean the same everywhere, and no limits on time. For one
# transaction, because a pooler between us and the server hands its sessions on.
# What is a string must not depend on the server's configuration.
QUOTING = "SET LOCAL standard_conforming_strings = on"
SESSION = (
    f"{QUOTING}; "
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; "
    "SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 1; "
    "SET LOCAL bytea_output = 'hex'; SET LOCAL statement_timeout = 0; "
    "SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
)


def end_backends(server: Server, pids: list[int]) -> None:
    """End sessions of our own, whatever they do; those that are gone already are no matter."""
    if not pids:
        return
    with server.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid = ANY(%s) AND application_name = %s",
            (pids, APPLICATION),
        )


def open_duckdb(scratch: Path) -> "DuckDBPyConnection":
    """Open a DuckDB in memory that knows PostgreSQL's formats."""
    import duckdb

    # One thread: those that fetch the batches do the work themselves.
    connection = duckdb.connect(
        config={
            "threads": 1,
            "preserve_insertion_order": False,
            "temp_directory": str(scratch),
            "allow_persistent_secrets": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute(f"LOAD {_text(_extension())}")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def roll_back(connection: "DuckDBPyConnection") -> None:
    """End a transaction of the scanner, whatever became of its session.

    If its server is gone, DuckDB would otherwise end the whole process when it is closed.
    """
    import duckdb

    with suppress(duckdb.Error):
        connection.execute("ROLLBACK")


def _extension() -> str:
    """Return the path of the scanner that came with the wheel; nothing is ever downloaded."""
    import duckdb
    import duckdb_extension_postgres_scanner as wheel

    folder = Path(next(iter(wheel.__path__))) / "extensions" / f"v{duckdb.__version__}"
    path = folder / "postgres_scanner.duckdb_extension"
    if not path.exists():
        raise ConfigError(
            f"DuckDB {duckdb.__version__} and its postgres scanner do not fit together; "
            "install both in the versions of requirements.txt"
        )
    return str(path)


def _text(value: str) -> str:
    """Return a DuckDB string literal."""
    return "'" + value.replace("'", "''") + "'"


def _libpq(value: str) -> str:
    """Return a value of a libpq connection string."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
