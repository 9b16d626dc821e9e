"""What a person may set of an HTTP API: how to reach it, and what to read there."""

import re
from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator

from connectors import records
from connectors.base import ReadOptions, Settings
from connectors.errors import ConfigError
from connectors.http import requests
from connectors.http.paging import Paging, check_path

Value = str | SecretStr | int | float | bool | None


class ApiSettings(Settings):
    """How to reach an API: its address, what every request carries, the log-in, patience."""

    url: str = Field(title="URL", validation_alias=AliasChoices("url", "base_url"))
    headers: dict[str, str | SecretStr] = Field({}, title="Headers")
    params: dict[str, Value | list[Value]] = Field({}, title="Parameters of every request")
    auth: Literal["none", "bearer", "basic", "api_key"] = Field(
        "none", title="Log-in", validation_alias=AliasChoices("auth", "auth_type")
    )
    token: SecretStr | None = Field(
        None,
        title="Token",
        description="For bearer.",
        validation_alias=AliasChoices("token", "auth_token", "bearer_token"),
    )
    username: str | None = Field(
        None, title="User", validation_alias=AliasChoices("username", "user")
    )
    password: SecretStr | None = Field(None, title="Password")
    api_key: SecretStr | None = Field(None, title="API key")
    api_key_name: str = Field("X-API-Key", title="Name of the header or parameter of the API key")
    api_key_in: Literal["header", "query"] = Field("header", title="Where the API key goes")
    body_secrets: dict[str, SecretStr] = Field({}, title="Secret members of the JSON body")
    connect_timeout: float = Field(10, title="Seconds for a connection", gt=0, le=300)
    timeout: float = Field(60, title="Seconds that the server may be silent", gt=0, le=3600)
    total_timeout: float = Field(900, title="Seconds for one page", gt=0, le=86400)
    max_attempts: int = Field(5, title="Attempts at a request", ge=1, le=20)
    max_wait: float = Field(60, title="Longest pause between attempts (seconds)", ge=0, le=3600)
    rate: float | None = Field(None, title="Requests per second", gt=0)
    check_path: str = Field("", title="Path below the URL that a connection test asks for")

    def reach(self) -> dict[str, Any]:
        """Return the address; its path too, for one host may serve many."""
        return {"url": self.url}

    @field_validator("url")
    @classmethod
    def _refuse_secrets_in_url(cls, value: str) -> str:
        requests.refuse_secrets_in_url(value)
        return value

    @field_validator("headers")
    @classmethod
    def _wrap_secret_headers(cls, value: dict[str, Any]) -> dict[str, Any]:
        requests.check_headers(value)
        return requests.wrap_secrets(value)

    @field_validator("params")
    @classmethod
    def _wrap_secret_params(cls, value: dict[str, Any]) -> dict[str, Any]:
        return requests.wrap_secrets(value)

    @model_validator(mode="after")
    def _require_what_the_log_in_needs(self) -> Self:
        given = {
            "bearer": self.token is not None,
            "basic": self.username is not None and self.password is not None,
            "api_key": self.api_key is not None,
        }
        needs = {"bearer": "`token`", "basic": "`username` and `password`", "api_key": "`api_key`"}
        if self.auth != "none" and not given[self.auth]:
            raise ValueError(f"auth {self.auth!r} needs {needs[self.auth]}")
        unused = [kind for kind, is_given in given.items() if is_given and kind != self.auth]
        if unused:
            raise ValueError(
                f"{needs[unused[0]]} is given, but auth is {self.auth!r}: set auth to {unused[0]!r}"
            )
        return self


class ApiReadOptions(ReadOptions):
    """What to read: the endpoint, where its records are, how it pages, what its columns hold."""

    endpoint: str = Field("", title="Path below the URL")
    method: Literal["GET", "POST", "PUT", "PATCH"] = Field("GET", title="Method")
    endpoint_params: dict[str, Value | list[Value]] = Field({}, title="Parameters of the endpoint")
    body: dict[str, Any] | list[Any] | str | None = Field(None, title="Body")
    records_path: str | None = Field(
        None,
        title="JSON path to the records",
        validation_alias=AliasChoices("records_path", "json_path", "response_path", "data_path"),
    )
    pagination: Paging = Field(
        Paging.model_validate({}),
        title="Pagination",
        validation_alias=AliasChoices("pagination", "paging"),
    )
    types: dict[str, str] = Field({}, title="Types of columns")
    cursor_field: str | None = Field(None, title="Column that only grows")
    cursor_param: str | None = Field(None, title="Parameter that takes its greatest value")
    max_records: int | None = Field(
        None,
        title="Stop after records",
        ge=1,
        validation_alias=AliasChoices("max_records", "limit"),
    )
    max_pages: int = Field(100_000, title="Fail after pages", ge=1)
    max_page_mb: int = Field(64, title="Biggest page in MB", ge=1, le=4096)
    sample_records: int = Field(10_000, title="Records that the columns are learned from", ge=1)

    @field_validator("pagination", mode="before")
    @classmethod
    def _name_alone_is_enough(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value

    @field_validator("records_path")
    @classmethod
    def _compile_path(cls, value: str | None) -> str | None:
        return None if value in (None, "$") else check_path(str(value))

    @field_validator("types")
    @classmethod
    def _know_types(cls, value: dict[str, str]) -> dict[str, str]:
        try:
            return {name: records.check_type(text) for name, text in value.items()}
        except ConfigError as error:
            raise ValueError(error.message) from None

    @field_validator("endpoint")
    @classmethod
    def _stay_below_the_url(cls, value: str) -> str:
        if re.search(r"[?#\\\s]|://", value):
            raise ValueError("an endpoint is a path; parameters go into `endpoint_params`")
        return value

    @field_validator("endpoint_params", "body")
    @classmethod
    def _refuse_secrets(cls, value: Any) -> Any:
        requests.refuse_secrets(value)
        return value

    @field_validator("body", mode="before")
    @classmethod
    def _take_nothing_for_none(cls, value: Any) -> Any:
        return value or None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.method == "GET" and self.body is not None:
            raise ValueError("a GET has no body; set `method` to POST")
        if (self.cursor_field is None) != (self.cursor_param is None):
            raise ValueError("`cursor_field` and `cursor_param` go together")
        return self
