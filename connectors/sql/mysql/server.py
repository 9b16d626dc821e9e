"""Where a server is and who asks, and sessions with it."""

import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError, MillraceError
from connectors.sql.mysql.errors import told

if TYPE_CHECKING:
    from connectors.sql.mysql.driver import Session

# No limit on time but our own: a slow destination must not end the reading, nor a slow source the
# writing. 31,536,000 s is the longest that servers accept.
_LIMITS = {"net_write_timeout": 604_800, "net_read_timeout": 604_800, "wait_timeout": 2_147_483}
# Sentences that one of the two families of servers does not know.
_OPTIONAL = ("SET SESSION max_statement_time = 0", "SET SESSION max_execution_time = 0")
# Values that do not fit are errors, and a backslash is just a character.
WRITING = (
    "SET SESSION sql_mode = "
    "'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_BACKSLASH_ESCAPES,NO_AUTO_VALUE_ON_ZERO,"
    "NO_ENGINE_SUBSTITUTION'"
)


@dataclass(frozen=True)
class Server:
    """A database of a server; `tls` holds the mode and paths of PEM files."""

    host: str
    port: int
    database: str
    username: str
    password: str = field(repr=False)
    mode: str = "prefer"
    files: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def connect(self, *, is_writing: bool = False) -> "Session":
        """Open a session in UTC."""
        import pymysql

        from connectors.sql.mysql.driver import Session

        with told(self.password):
            session = Session(
                host=self.host,
                port=self.port,
                database=self.database,
                user=self.username,
                # As bytes: of text PyMySQL would send Latin-1.
                password=self.password.encode(),
                **self._tls(),
            )
            limits = ", ".join(f"SESSION {name} = {value}" for name, value in _LIMITS.items())
            session.run(f"SET SESSION time_zone = '+00:00', {limits}")
            for statement in _OPTIONAL:
                with suppress(pymysql.err.MySQLError):
                    session.run(statement)
            if is_writing:
                session.run(WRITING)
            return session

    def kill(self, thread: int, *, what: str = "QUERY") -> None:
        """End what a session of ours does now (QUERY), or the session (CONNECTION)."""
        with (
            suppress(MillraceError, OSError),
            told(self.password),
            closing(self.connect()) as session,
        ):
            session.run(f"KILL {what} {int(thread)}")

    def _tls(self) -> dict[str, Any]:
        """Return what PyMySQL is told about TLS."""
        if self.mode == "disable":
            return {"ssl_disabled": True}
        if self.mode == "prefer":
            return {}
        try:
            context = ssl.create_default_context(cafile=self.files.get("root"))
            # Certificates that servers make for themselves lack what RFC 5280 asks for.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
            context.check_hostname = self.mode == "verify-full"
            is_verified = self.mode in ("verify-ca", "verify-full")
            context.verify_mode = ssl.CERT_REQUIRED if is_verified else ssl.CERT_NONE
            if "certificate" in self.files:
                context.load_cert_chain(self.files["certificate"], self.files.get("key"))
        except (ssl.SSLError, OSError) as error:
            raise ConfigError(
                f"The certificates cannot be used: {error}", field="ssl_root"
            ) from None
        return {"ssl": context}
