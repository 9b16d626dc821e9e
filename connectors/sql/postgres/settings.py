"""How a PostgreSQL database is reached: what a person may set, and what libpq makes of it."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, AliasPath, Field, SecretStr

from connectors import certificates
from connectors.base import Settings
from connectors.olake import PARAMETERS, Retries, Tunnel, UpdateMethod, parameters
from connectors.sql.postgres.session import Server

# What Olake's configurations may say of a driver: what we have settings for, and what changes no row.
_OWN = {
    "sslmode": "ssl_mode",
    "ssl": "ssl_mode",
    "sslrootcert": "ssl_root",
    "sslcert": "ssl_certificate",
    "sslkey": "ssl_key",
    "user": "username",
    "password": "password",
    "currentSchema": "schemas",
    "search_path": "schemas",
}
_HARMLESS = (
    *("application_name", "ApplicationName", "binaryTransfer", "connect_timeout"),
    *("connectTimeout", "defaultRowFetchSize", "keepalives", "loginTimeout", "prepareThreshold"),
    *("preferQueryMode", "readOnly", "socketTimeout", "tcpKeepAlive"),
)


class PostgresSettings(Settings):
    """How to reach a database."""

    host: str = Field(
        title="Host",
        min_length=1,
        # libpq would take a path for the folder of a socket, and a comma for a second server.
        pattern=r"^[^/\\@,\s]+$",
        description="A name or an address of a server.",
    )
    port: int = Field(5432, title="Port", ge=1, le=65535)
    database: str = Field(
        title="Database", min_length=1, validation_alias=AliasChoices("database", "dbname")
    )
    username: str = Field(
        title="User", min_length=1, validation_alias=AliasChoices("username", "user")
    )
    password: SecretStr = Field(SecretStr(""), title="Password")
    ssl_mode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = Field(
        "prefer",
        title="SSL mode",
        description="verify-full also checks that the certificate is the server's own.",
        validation_alias=AliasChoices("ssl_mode", "sslmode", "ssl.mode", AliasPath("ssl", "mode")),
    )
    ssl_root: certificates.Root = None
    ssl_certificate: certificates.Certificate = None
    ssl_key: certificates.Key = None
    schemas: tuple[str, ...] = Field(
        (), title="Schemas", description="List the tables of these schemas only; all when empty."
    )
    sessions: int = Field(
        4,
        title="Sessions",
        description="How many sessions may read one big table side by side, in one snapshot; "
        "never more than there are processors.",
        ge=1,
        validation_alias=AliasChoices("sessions", "max_threads"),
    )
    update_method: UpdateMethod = None
    ssh_config: Tunnel = None
    jdbc_url_params: Annotated[dict[str, Any] | None, PARAMETERS, parameters(_OWN, _HARMLESS)] = (
        None
    )
    retry_count: Retries = Field(
        None, validation_alias=AliasChoices("retry_count", "backoff_retry_count")
    )

    def reach(self) -> dict[str, Any]:
        """Return the server, and what makes sure that it is the right one."""
        return {name: getattr(self, name) for name in ("host", "port", "ssl_mode", "ssl_root")}

    def server(self, scratch: Path) -> Server:
        """Return the server; certificates are written under `scratch`, for libpq takes paths."""
        tls: dict[str, str] = {"sslmode": self.ssl_mode}
        texts = {
            "sslrootcert": self.ssl_root,
            "sslcert": self.ssl_certificate,
            "sslkey": self.ssl_key,
        }
        for name, text in texts.items():
            if text is not None:
                path = scratch / f"{name}-{id(self):x}.pem"
                path.touch(mode=0o600)
                path.write_text(text.get_secret_value())
                tls[name] = str(path)
        return Server(
            host=self.host,
            port=self.port,
            database=self.database,
            username=self.username,
            password=self.password.get_secret_value(),
            tls=tls,
            scratch=scratch,
            sessions=self.sessions,
        )
