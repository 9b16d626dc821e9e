"""How a MySQL or MariaDB database is reached: what a person may set."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, AliasPath, Field, SecretStr, field_validator

from connectors import certificates
from connectors.base import Settings
from connectors.olake import PARAMETERS, Retries, Tunnel, UpdateMethod, parameters
from connectors.sql.mysql.server import Server
from connectors.sql.mysql.types import Reading, Times, TinyInt1, ZeroDates

SslMode = Literal["disable", "prefer", "require", "verify-ca", "verify-full"]
# MySQL's own names of the modes.
_MODES = {
    "disabled": "disable",
    "preferred": "prefer",
    "required": "require",
    "verify_ca": "verify-ca",
    "verify_identity": "verify-full",
}
MOST_SESSIONS = 16
# What Olake's configurations may say of a driver: what we have settings for, and what changes no row.
_OWN = {
    **dict.fromkeys(
        ("useSSL", "requireSSL", "sslMode", "tls", "verifyServerCertificate"), "ssl_mode"
    ),
    "tinyInt1isBit": "tinyint1",
    "zeroDateTimeBehavior": "zero_dates",
    "user": "username",
    "password": "password",
}
_HARMLESS = (
    *("allowPublicKeyRetrieval", "autoReconnect", "characterEncoding", "charset", "collation"),
    *("connectTimeout", "defaultFetchSize", "interpolateParams", "maxAllowedPacket", "parseTime"),
    *("readTimeout", "socketTimeout", "timeout", "useCursorFetch", "useUnicode", "writeTimeout"),
)


class MySQLSettings(Settings):
    """How to reach a database, and how to read what MySQL leaves open."""

    host: str = Field(title="Host", min_length=1, validation_alias=AliasChoices("host", "hosts"))
    port: int = Field(3306, title="Port", ge=1, le=65535)
    database: str = Field(
        title="Database", min_length=1, validation_alias=AliasChoices("database", "dbname", "db")
    )
    username: str = Field(
        title="User", min_length=1, validation_alias=AliasChoices("username", "user")
    )
    password: SecretStr = Field(SecretStr(""), title="Password")
    ssl_mode: SslMode = Field(
        "prefer",
        title="SSL mode",
        description="verify-full also checks that the certificate is the server's own.",
        validation_alias=AliasChoices("ssl_mode", "sslmode", "ssl.mode", AliasPath("ssl", "mode")),
    )
    ssl_root: certificates.Root = None
    ssl_certificate: certificates.Certificate = None
    ssl_key: certificates.Key = None
    sessions: int = Field(
        2,
        title="Sessions",
        description="How many sessions may read one big table side by side, in one snapshot; "
        f"{MOST_SESSIONS} at most.",
        ge=1,
        le=MOST_SESSIONS,
        validation_alias=AliasChoices("sessions", "max_threads"),
    )
    zero_dates: ZeroDates = Field(
        "null",
        title="Zero dates",
        description="What becomes of 0000-00-00 and other days that no calendar has: nothing, the "
        "end of the read, or dates and timestamps are all read as text.",
    )
    tinyint1: TinyInt1 = Field(
        "boolean", title="tinyint(1)", description="Whether tinyint(1) is a boolean or a number."
    )
    times: Times = Field(
        "duration",
        title="TIME",
        description="TIME goes from -838:59:59 to 838:59:59: a duration, or the time of a day.",
    )
    update_method: UpdateMethod = None
    ssh_config: Tunnel = None
    jdbc_url_params: Annotated[dict[str, Any] | None, PARAMETERS, parameters(_OWN, _HARMLESS)] = (
        None
    )
    backoff_retry_count: Retries = Field(
        None, validation_alias=AliasChoices("backoff_retry_count", "retry_count")
    )

    def reach(self) -> dict[str, Any]:
        """Return the server, and what makes sure that it is the right one."""
        return {name: getattr(self, name) for name in ("host", "port", "ssl_mode", "ssl_root")}

    @field_validator("ssl_mode", mode="before")
    @classmethod
    def _translate_mode(cls, value: Any) -> Any:
        return _MODES.get(value.lower(), value) if isinstance(value, str) else value

    @field_validator("sessions", mode="before")
    @classmethod
    def _allow_no_more(cls, value: Any) -> Any:
        # Olake's form lets one ask for as many as one likes.
        return min(value, MOST_SESSIONS) if isinstance(value, int) else value

    def server(self, scratch: Path) -> Server:
        """Return the server; certificates are written under `scratch`, for TLS takes paths."""
        texts = {"root": self.ssl_root, "certificate": self.ssl_certificate, "key": self.ssl_key}
        files = {}
        for name, text in texts.items():
            if text is not None:
                path = scratch / f"{name}-{id(self):x}.pem"
                path.touch(mode=0o600)
                path.write_text(text.get_secret_value())
                files[name] = str(path)
        return Server(
            host=self.host,
            port=self.port,
            database=self.database,
            username=self.username,
            password=self.password.get_secret_value(),
            mode=self.ssl_mode,
            files=files,
        )

    def reading(self) -> Reading:
        """Return what was chosen where MySQL leaves a choice."""
        return Reading(self.zero_dates, self.tinyint1, self.times)
