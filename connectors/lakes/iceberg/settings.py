"""How to reach a catalog of Iceberg tables, and where their files lie."""

from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, AliasPath, Field, SecretStr, field_validator, model_validator

from connectors.base import Settings

# Olake's own configurations nest everything under `writer`; these keys change nothing here.
HARMLESS = frozenset(
    {"arrow_writes", "no_identifier_fields", "rest_auth_type", "s3_path_style", "s3_use_ssl"}
)
# Kinds of catalogs that Olake has besides; `glue` is what it takes where none is named.
ABSENT = {
    "glue": ", and `catalog_type` must be said",
    **dict.fromkeys(("hive", "s3tables", "biglake"), ""),
    **dict.fromkeys(("nessie", "unity"), " by that name (where the server speaks REST, say rest)"),
}
REFUSED = {
    ("rest_signing_name", "rest_signing_region", "rest_signing_v_4"): (
        "requests are not signed by AWS; use `token` or `credential`"
    ),
    ("gcp_project_id", "gcp_service_account_json", "gcp_auth_scopes"): (
        "Google's log-in is not there; use `token`"
    ),
}
KINDS = {"jdbc": "sql", "lakekeeper": "rest", "polaris": "rest"}


def _choices(*names: str) -> AliasChoices:
    """Return the field's name and Olake's spellings of it, alone and under `writer`."""
    own, *theirs = names
    return AliasChoices(own, *theirs, *(AliasPath("writer", name) for name in names))


class IcebergSettings(Settings):
    """A SQL or REST catalog, the warehouse, and the keys of a store."""

    catalog_type: Literal["sql", "rest"] = Field(
        "sql",
        title="Catalog",
        description="sql keeps it in SQLite or PostgreSQL, rest asks a server.",
        validation_alias=_choices("catalog_type"),
    )
    catalog_name: str = Field(
        "millrace",
        title="Catalog name",
        min_length=1,
        description="What the catalog is called in its database.",
        validation_alias=_choices("catalog_name"),
    )
    uri: str = Field(
        "iceberg.sqlite3",
        title="Catalog address",
        description="A SQLite file, postgresql://host:5432/database, or the URL of a REST server.",
        validation_alias=_choices("uri", "jdbc_url", "rest_catalog_url"),
    )
    username: str | None = Field(
        None, title="Catalog user", validation_alias=_choices("username", "jdbc_username")
    )
    password: SecretStr | None = Field(
        None, title="Catalog password", validation_alias=_choices("password", "jdbc_password")
    )
    token: SecretStr | None = Field(
        None, title="REST token", validation_alias=_choices("token", "rest_token")
    )
    credential: SecretStr | None = Field(
        None,
        title="REST credential",
        description="client:secret of OAuth2.",
        validation_alias=_choices("credential"),
    )
    oauth2_uri: str | None = Field(
        None, title="OAuth2 address", validation_alias=_choices("oauth2_uri")
    )
    scope: str | None = Field(None, title="OAuth2 scope", validation_alias=_choices("scope"))
    warehouse: str = Field(
        "warehouse",
        title="Warehouse",
        min_length=1,
        description="A folder or s3://bucket/key for new tables; the warehouse's name with REST.",
        validation_alias=_choices("warehouse", "iceberg_s3_path"),
    )
    database: str = Field(
        "default",
        title="Default namespace",
        description="Of tables that are named without one.",
        validation_alias=_choices("database", "iceberg_db"),
    )
    endpoint_url: str | None = Field(
        None,
        title="S3 endpoint",
        description="The URL of an S3-compatible store; Amazon's when empty.",
        validation_alias=_choices("endpoint_url", "s3_endpoint"),
    )
    region: str | None = Field(
        None,
        title="S3 region",
        pattern=r"^[A-Za-z0-9-]{1,64}$",
        validation_alias=_choices("region", "aws_region"),
    )
    access_key_id: str | None = Field(
        None, title="S3 access key", validation_alias=_choices("access_key_id", "aws_access_key")
    )
    secret_access_key: SecretStr | None = Field(
        None,
        title="S3 secret key",
        validation_alias=_choices("secret_access_key", "aws_secret_key"),
    )

    def reach(self) -> dict[str, Any]:
        """Return the catalog, the store and the bucket: who is shown a secret."""
        place = "/".join(self.warehouse.split("/")[:3]) if "://" in self.warehouse else ""
        return {
            "catalog_type": self.catalog_type,
            "uri": self.uri,
            "oauth2_uri": self.oauth2_uri,
            "warehouse": place,
            "endpoint_url": self.endpoint_url,
            "region": self.region,
        }

    @model_validator(mode="before")
    @classmethod
    def _refuse_what_means_something_else(cls, values: Any) -> Any:
        writer = values.get("writer") if isinstance(values, dict) else None
        if not isinstance(writer, dict):
            return values
        # A catalog that is not offered is told before its keys are.
        cls._translate_kinds(writer.get("catalog_type") or values.get("catalog_type", "glue"))
        for names, instead in REFUSED.items():
            if given := [name for name in names if writer.get(name)]:
                raise ValueError(f"`writer.{given[0]}` is not offered: {instead}")
        known = {*HARMLESS, *(name for names in REFUSED for name in names)}
        for field in cls.model_fields.values():
            choices = field.validation_alias
            assert isinstance(choices, AliasChoices)
            known |= {
                str(choice.path[1]) for choice in choices.choices if isinstance(choice, AliasPath)
            }
        unknown = [name for name in writer if name not in known]
        if unknown:
            raise ValueError(f"`writer.{unknown[0]}` means nothing here; known: {sorted(known)}")
        return values

    @field_validator("catalog_type", mode="before")
    @classmethod
    def _translate_kinds(cls, value: Any) -> Any:
        if value in ABSENT:
            raise ValueError(
                f"catalogs of {value} are not supported{ABSENT[value]}; offered are sql (jdbc), in "
                "SQLite or PostgreSQL, and rest, where lakekeeper and polaris are rest"
            )
        return KINDS.get(value, value) if isinstance(value, str) else value

    @field_validator("uri")
    @classmethod
    def _refuse_secrets_in_the_address(cls, uri: str) -> str:
        uri = uri.removeprefix("jdbc:")
        if "://" in uri and urlsplit(uri).password is not None:
            raise ValueError("put user and password into `username` and `password`")
        return uri

    @model_validator(mode="after")
    def _require_what_goes_together(self) -> Self:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("`access_key_id` and `secret_access_key` go together")
        if self.catalog_type == "rest" and not self.uri.startswith(("http://", "https://")):
            raise ValueError("`uri` of a REST catalog begins with http:// or https://")
        is_address = "://" in self.uri
        if self.catalog_type == "sql" and is_address and not self.uri.startswith("postgres"):
            raise ValueError("`uri` of a SQL catalog is a path or postgresql://host:5432/database")
        return self
