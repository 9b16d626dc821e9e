"""How a MongoDB database is reached: what a person may set, in our words and in Olake's."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import (
    AliasChoices,
    AliasPath,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from connectors import certificates
from connectors.base import Settings
from connectors.documents.addresses import PORT, Address, host_of, known_parameters, parse
from connectors.olake import Retries, Tunnel, UpdateMethod

SslMode = Literal["disable", "require", "verify-ca", "verify-full"]
ReadPreference = Literal[
    "primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest"
]
LegacyUuids = Literal["python", "java", "csharp"]
IAM = "log-ins by AWS IAM are not offered; make a user with a password and name it here"


class MongoSettings(Settings):
    """How to reach a database."""

    hosts: tuple[str, ...] = Field(
        (),
        title="Hosts",
        description="One or more servers, as db.example.com:27017; with SRV the one name.",
        validation_alias=AliasChoices("hosts", "host"),
    )
    port: int = Field(
        PORT, title="Port", description="Of hosts that are named without one.", ge=1, le=65535
    )
    uri: SecretStr | None = Field(
        None,
        title="Connection string",
        description="mongodb://… or mongodb+srv://…, in place of hosts, user and password.",
        validation_alias=AliasChoices("uri", "connection_string"),
    )
    database: str = Field(
        "", title="Database", validation_alias=AliasChoices("database", "dbname", "db")
    )
    authdb: str | None = Field(
        None,
        title="Log-in database",
        description="Where the user is kept; admin when empty.",
        validation_alias=AliasChoices("authdb", "auth_db", "auth_source", "authSource"),
    )
    username: str = Field("", title="User", validation_alias=AliasChoices("username", "user"))
    password: SecretStr = Field(SecretStr(""), title="Password")
    replica_set: str | None = Field(
        None, title="Replica set", validation_alias=AliasChoices("replica_set", "replicaSet")
    )
    read_preference: ReadPreference = Field(
        "secondaryPreferred",
        title="Read from",
        description="A secondary may be some seconds behind; primary reads what was written.",
        validation_alias=AliasChoices("read_preference", "readPreference"),
    )
    srv: bool = Field(
        default=False,
        title="SRV",
        description="The host is a DNS name that lists the servers.",
    )
    ssl_mode: SslMode | None = Field(
        None,
        title="SSL mode",
        description="verify-full also checks that the certificate is the server's own. Empty: "
        "verify-full with SRV, else disable.",
        validation_alias=AliasChoices(
            "ssl_mode", "sslmode", "ssl.mode", AliasPath("ssl", "mode"), "tls"
        ),
    )
    ssl_root: certificates.Root = None
    ssl_certificate: certificates.Certificate = None
    ssl_key: certificates.Key = None
    additional_params: dict[str, str] = Field(
        {},
        title="Driver parameters",
        description="As in a connection string: readConcernLevel, directConnection, compressors …",
    )
    legacy_uuids: LegacyUuids = Field(
        "python",
        title="Old UUIDs",
        description="Whose driver wrote binary values of subtype 3; it decides their byte order.",
    )
    sample: int = Field(
        1_000,
        title="Sampled documents",
        description="How many documents of a collection say what its columns are.",
        ge=1,
        le=1_000_000,
        validation_alias=AliasChoices("sample", "sample_size"),
    )
    use_iam: bool = Field(default=False, title="AWS IAM", description="Nothing but false.")
    ssh_config: Tunnel = None
    update_method: UpdateMethod = None
    chunking_strategy: str | None = Field(
        None, title="Chunking", description="Has no effect: a collection is read by one cursor."
    )
    max_threads: int | None = Field(
        None, title="Threads", description="Has no effect: a collection is read by one cursor."
    )
    backoff_retry_count: Retries = Field(
        None, validation_alias=AliasChoices("backoff_retry_count", "retry_count")
    )

    def reach(self) -> dict[str, Any]:
        """Return the servers, and what makes sure that they are the right ones."""
        there = self.address()
        return {
            "hosts": (there.hosts, there.srv),
            "ssl_mode": self.mode(),
            "ssl_root": self.ssl_root,
            "additional_params": there.parameters,
        }

    def identity(self) -> dict[str, Any]:
        """Return the database, however it was named."""
        return {"database": self.address().database}

    def address(self) -> Address:
        """Return where the server is and who asks, whichever way it was said."""
        said = parse(self.uri.get_secret_value()) if self.uri else self._named()
        return Address(
            said.hosts,
            said.srv,
            said.username or self.username,
            said.password or self.password.get_secret_value(),
            self.database or said.database,
            {**self._options(), **said.options},
            {**known_parameters(list(self.additional_params.items())), **said.parameters},
        )

    def mode(self) -> str:
        """Return how connections are encrypted."""
        said = parse(self.uri.get_secret_value()) if self.uri else self._named()
        if "ssl" in said.options:
            return "disable" if said.options["ssl"].lower() in ("false", "0") else "verify-full"
        return self.ssl_mode or ("verify-full" if said.srv else "disable")

    def _named(self) -> Address:
        hosts = self.hosts if self.srv else tuple(host_of(one, self.port) for one in self.hosts)
        return Address(hosts, self.srv)

    def _options(self) -> dict[str, str]:
        said = {"replica_set": self.replica_set, "authdb": self.authdb}
        return {
            "read_preference": self.read_preference,
            **{name: value for name, value in said.items() if value},
        }

    @field_validator("hosts", mode="before")
    @classmethod
    def _take_text(cls, value: Any) -> Any:
        # Olake's form sends a list, its command line a text.
        return tuple(filter(None, value.split(","))) if isinstance(value, str) else value

    @field_validator("ssl_mode", mode="before")
    @classmethod
    def _translate_mode(cls, value: Any) -> Any:
        if isinstance(value, bool) or value in ("true", "false"):
            return "verify-full" if value in (True, "true") else "disable"
        return value or None

    @field_validator("read_preference", mode="before")
    @classmethod
    def _take_any_case(cls, value: Any) -> Any:
        known = {one.lower(): one for one in ReadPreference.__args__}  # type: ignore[attr-defined]
        return known.get(value.lower(), value) if isinstance(value, str) and value else value

    @field_validator("additional_params", mode="before")
    @classmethod
    def _take_plain_values(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return {} if value is None else value
        texts = {True: "true", False: "false"}
        return {
            str(name): texts[one] if isinstance(one, bool) else str(one)
            for name, one in value.items()
        }

    @field_validator("use_iam")
    @classmethod
    def _refuse_iam(cls, value: bool) -> bool:  # noqa: FBT001 -- as pydantic calls it
        if value:
            raise ValueError(IAM)
        return value

    @model_validator(mode="before")
    @classmethod
    def _open_ssl(cls, values: Any) -> Any:
        """Take `ssl: true` as well as an object."""
        if isinstance(values, dict) and isinstance(values.get("ssl"), bool | str):
            return {**values, "ssl": {"mode": values["ssl"]}}
        return values

    @model_validator(mode="after")
    def _demand_an_address(self) -> Self:
        if (self.uri is None) == (not self.hosts):
            raise ValueError("give either `hosts` or `uri`")
        if self.uri is not None and (self.username or self.password.get_secret_value()):
            raise ValueError("put user and password into `uri`, or name the hosts in `hosts`")
        there = self.address()
        if not there.database:
            raise ValueError("`database` is missing")
        if there.srv and len(there.hosts) != 1:
            raise ValueError("SRV takes one host, without a port")
        return self
