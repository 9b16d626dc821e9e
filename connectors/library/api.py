"""HTTP APIs that answer with JSON: any method, log-in and paging, read page by page."""

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from connectors import base, records
from connectors.base import (
    Access,
    Check,
    CheckReport,
    Extraction,
    Source,
    State,
    Stream,
    lazy_frame,
)
from connectors.errors import ConfigError, DataError, MillraceError
from connectors.http import Client, Retries, Timeouts, requests, vet_url
from connectors.http.progress import Progress
from connectors.http.reading import Batch, Endpoint, Reader, Sample, Scope
from connectors.http.settings import ApiReadOptions, ApiSettings

if TYPE_CHECKING:
    import polars as pl

# What a first look at an endpoint may hold before its pages stream.
SAMPLE_BYTES = 8 << 20
DISCOVERED_RECORDS = 1_000


class Api(Source):
    """Reads records from an HTTP API."""

    name = "api"
    label = "HTTP API"
    description = "JSON over HTTP: GET, POST, PUT or PATCH, log-in, paging, retries."
    aliases = ("rest-api", "rest-api-extractor", "api-extractor", "http")
    Settings = ApiSettings
    ReadOptions = ApiReadOptions
    example: ClassVar[Mapping[str, Any]] = {"url": "${api_url}"}

    settings: ApiSettings

    def __init__(self, settings: ApiSettings, access: Access) -> None:
        """Judge the URL; connect on the first call."""
        super().__init__(settings, access)
        vet_url(settings.url, access.networks)
        self._hide = requests.hiding(_secrets(settings))
        self._clients: list[Client] = []

    def check(self) -> CheckReport:
        """Ask for the URL once, for at most 4 seconds, and look at what comes."""
        timeouts, began = Timeouts(connect=2, read=3, total=4), time.monotonic()
        client = self._client(timeouts, Retries(attempts=1))
        endpoint = _endpoint(
            self.settings,
            ApiReadOptions.model_validate({"endpoint": self.settings.check_path}),
            None,
        )
        params = [*endpoint.params, *endpoint.login_params]
        try:
            with client.stream(
                endpoint.method, endpoint.url, params=params, headers=endpoint.headers
            ) as response:
                status, head = response.status_code, next(response.iter_bytes(), b"")
        except MillraceError as error:
            hint = "Look at the URL and the log-in; a base URL alone needs `check_path`"
            return CheckReport((Check("request", passed=False, message=error.message, hint=hint),))
        details = {"status": status, "latency_ms": round((time.monotonic() - began) * 1000)}
        return CheckReport((Check("request", passed=True), _check_json(head)), details)

    def discover(self) -> list[Stream]:
        """Return the one stream of this URL, its columns learned from the first records."""
        options = ApiReadOptions.model_validate({})
        types = _types(options, self._sample(options, None, rows=DISCOVERED_RECORDS), None)
        schema = {name: records.polars_type(kind) for name, kind in types.items()}
        pieces = urlsplit(self.settings.url)
        name = pieces.path.rstrip("/").rpartition("/")[2] or str(pieces.hostname)
        return [Stream(name=name, schema=schema, options={})]

    def scan(self, options: base.ReadOptions, state: State | None = None) -> Extraction:
        """Return the records as a lazy frame; the first pages are read at once."""
        assert isinstance(options, ApiReadOptions)
        sample = self._sample(options, state, rows=options.sample_records)
        types = _types(options, sample, state)
        progress = Progress(options.cursor_field, types, state)
        expected = sample.rows if sample.is_everything else None
        samples = [sample]

        def batches(columns: list[str]) -> "Iterator[pl.DataFrame]":
            again = not samples
            current = self._sample(options, state, rows=1) if again else samples.pop()
            wanted = {name: types[name] for name in columns or types}
            for batch in current.batches():
                _refuse_unknown(batch, types, options)
                try:
                    frame = records.frame(batch.records, wanted)
                except DataError as error:
                    raise DataError(
                        f"Page {batch.number}, {error.message}", field="types"
                    ) from None
                progress.see(batch.records)
                yield frame
            progress.is_whole = current.is_everything

        schema = {name: records.polars_type(kind) for name, kind in types.items()}
        return Extraction(lazy_frame(schema, batches), progress.state, expected)

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients:
            client.close()

    def _sample(self, options: ApiReadOptions, state: State | None, *, rows: int) -> Sample:
        settings = self.settings
        timeouts = Timeouts(settings.connect_timeout, settings.timeout, settings.total_timeout)
        client = self._client(timeouts, Retries(settings.max_attempts, longest=settings.max_wait))
        endpoint = _endpoint(settings, options, state)
        scope = Scope(
            paging=options.pagination,
            records_path=options.records_path,
            is_exact=any(kind.startswith("decimal") for kind in options.types.values()),
            max_records=options.max_records,
            max_pages=options.max_pages,
            max_bytes=options.max_page_mb << 20,
        )
        reader = Reader(client, endpoint, scope, self._hide)
        return Sample(reader, rows=rows, size=SAMPLE_BYTES)

    def _client(self, timeouts: Timeouts, retries: Retries) -> Client:
        client = Client(
            self.access,
            stopping=self.stopping,
            timeouts=timeouts,
            retries=retries,
            rate=self.settings.rate,
            hide=self._hide,
        )
        self._clients.append(client)
        return client


def _secrets(settings: ApiSettings) -> list[str]:
    found = list(requests.secrets_in([value for _, value in settings]))
    if settings.username is not None and settings.password is not None:
        login = requests.basic(settings.username, settings.password.get_secret_value())
        found.append(login.removeprefix("Basic "))
    return found


def _endpoint(settings: ApiSettings, options: ApiReadOptions, state: State | None) -> Endpoint:
    headers = {"Accept": "application/json"}
    if options.body is not None or settings.body_secrets:
        headers["Content-Type"] = "application/json"
    headers |= {name: requests.plain(value) for name, value in settings.headers.items()}
    ours = dict(options.endpoint_params)
    if options.cursor_param is not None and state and state["cursor"] is not None:
        ours[options.cursor_param] = state["cursor"]
    return Endpoint(
        url=requests.join(settings.url, options.endpoint),
        method=options.method,
        headers=headers | _login_headers(settings),
        params=requests.pairs(ours),
        login_params=[*requests.pairs(settings.params), *_login_params(settings)],
        body=options.body,
        body_secrets={name: requests.plain(item) for name, item in settings.body_secrets.items()},
    )


def _login_headers(settings: ApiSettings) -> dict[str, str]:
    if settings.auth == "bearer":
        return {"Authorization": f"Bearer {requests.plain(settings.token)}"}
    if settings.auth == "basic":
        login = requests.basic(str(settings.username), requests.plain(settings.password))
        return {"Authorization": login}
    if settings.auth == "api_key" and settings.api_key_in == "header":
        return {settings.api_key_name: requests.plain(settings.api_key)}
    return {}


def _login_params(settings: ApiSettings) -> list[tuple[str, str]]:
    if settings.auth == "api_key" and settings.api_key_in == "query":
        return [(settings.api_key_name, requests.plain(settings.api_key))]
    return []


def _check_json(head: bytes) -> Check:
    begins_right = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{", b"")
    message = "" if begins_right else "The answer is not JSON"
    hint = "" if begins_right else "Check the URL; a page for people has another address"
    return Check("json", passed=begins_right, message=message, hint=hint)


def _types(options: ApiReadOptions, sample: Sample, state: State | None) -> dict[str, str]:
    """Return the columns and their types: as asked for, as known from before, or as sampled."""
    known = {**(state or {}).get("types", {}), **options.types}
    types = {**known, **sample.types(), **known}
    if not sample.rows and not known:
        types = dict.fromkeys(options.columns or (), "string")
    if not types:
        raise DataError(
            "The answer holds no records, so its columns are unknown; set `types`, such as "
            '{"id": "int64", "name": "string"}',
            field="types",
        )
    asked = [*(options.columns or ()), *([options.cursor_field] if options.cursor_field else [])]
    missing = [name for name in asked if name not in types]
    if missing:
        raise ConfigError(
            f"No record has {missing[0]!r}; there are: {', '.join(types)}. If it comes later, give "
            "its type in `types`",
            field="columns",
        )
    return {name: types[name] for name in options.columns} if options.columns else types


def _refuse_unknown(batch: Batch, types: Mapping[str, str], options: ApiReadOptions) -> None:
    """A column that the first pages did not have would be lost in silence."""
    if options.columns:
        return
    unknown = [
        name
        for name in dict.fromkeys(key for row in batch.records for key in row)
        if name not in types
    ]
    if unknown:
        raise DataError(
            f"Page {batch.number} brings the column {unknown[0]!r}, which the records before did not "
            f'have; set `types` to keep it, such as {{"{unknown[0]}": "json"}}, or `columns` '
            "to leave it out",
            field="types",
        )
