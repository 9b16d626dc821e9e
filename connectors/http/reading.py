"""Reading records from an endpoint, page by page, and learning their columns from the first ones."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors import records
from connectors.errors import DataError
from connectors.http.client import Answer, Client
from connectors.http.networks import shown
from connectors.http.paging import Course, Kind, Page, Paging, Turn, all_of
from connectors.http.statuses import Refused, excerpt
from connectors.records import Record

# The members under which APIs put their records, where no path says so.
USUAL_MEMBERS = ("data", "results", "items", "records")
# An answer that is one object, and one record.
WHOLE = "the whole answer"
NO_CONTENT = 204
NOT_FOUND = 404

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Endpoint:
    """What is asked for, secrets laid open; those go only to the origin of `url`."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Pairs = field(default=(), repr=False)
    # Parameters that log in; they are added to the URLs of following pages too.
    login_params: Pairs = field(default=(), repr=False)
    body: Any = field(default=None, repr=False)
    body_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Scope:
    """How an answer is read and where reading ends."""

    paging: Paging
    records_path: str | None = None
    is_exact: bool = False
    max_records: int | None = None
    max_pages: int = 100_000
    max_bytes: int = 64 << 20


@dataclass(frozen=True)
class Batch:
    """The records of one page, its number (from 1) and its size in bytes."""

    number: int
    records: list[Record]
    size: int


class Reader:
    """Reads the pages of one endpoint in order, once."""

    def __init__(
        self, client: Client, endpoint: Endpoint, scope: Scope, hide: Callable[[str], str] = str
    ) -> None:
        """Prepare; `hide` masks secrets in messages."""
        self._client = client
        self._endpoint = endpoint
        self._scope = scope
        self._hide = hide
        self._where: str | None = None
        self.is_finished = False

    def batches(self) -> Iterator[Batch]:
        """Yield the records of page after page; `is_finished` tells that there are no more.

        Raises ConfigError, DataError and TransientError that name the page.
        """
        course = Course(self._scope.paging)
        turn: Turn | None = course.first()
        left = self._scope.max_records
        for number in itertools.count(1):
            self._refuse_too_many(number)
            assert turn is not None
            answer = self._ask(turn, number)
            if answer is None:
                break
            document, found = self._read(answer, number)
            kept = found if left is None else found[:left]
            yield Batch(number, kept, len(answer.body))
            left = None if left is None else left - len(kept)
            is_list = self._where not in (None, WHOLE)
            turn = course.after(_page(number, answer, document, len(found), is_list=is_list))
            if left == 0 and (turn is not None or len(kept) < len(found)):
                return
            if turn is None:
                break
        self.is_finished = True

    def _refuse_too_many(self, number: int) -> None:
        if number > self._scope.max_pages:
            raise DataError(
                f"{shown(self._endpoint.url)} has more than {self._scope.max_pages} pages; raise "
                "`max_pages` if that is right, or set `max_records` to read only a part",
                field="max_pages",
            )

    def _ask(self, turn: Turn, number: int) -> Answer | None:
        """Return the answer to a turn; nothing where a server has no page of that number."""
        url = turn.url or self._endpoint.url
        is_home = _origin(url) == _origin(self._endpoint.url)
        try:
            return self._client.request(
                self._endpoint.method,
                url,
                params=self._params(turn, url) if is_home else (),
                headers=self._endpoint.headers if is_home else None,
                content=self._content(turn) if is_home else None,
                max_bytes=self._scope.max_bytes,
            )
        except Refused as error:
            is_past_the_end = error.status == NOT_FOUND and number > 1
            if is_past_the_end and self._scope.paging.kind is Kind.PAGE:
                return None
            raise

    def _params(self, turn: Turn, url: str) -> Pairs:
        if turn.url is not None:
            present = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
            return [pair for pair in self._endpoint.login_params if pair[0] not in present]
        place = self._scope.paging.send_in == "query"
        values = [(name, str(value)) for name, value in turn.values.items()] if place else []
        return [*self._endpoint.params, *self._endpoint.login_params, *values]

    def _content(self, turn: Turn) -> bytes | None:
        body = self._endpoint.body
        if isinstance(body, str):
            return body.encode()
        more = turn.values if self._scope.paging.send_in == "body" else {}
        if body is None and not more and not self._endpoint.body_secrets:
            return None
        if isinstance(body, list):
            return json.dumps(body).encode()
        return json.dumps({**(body or {}), **self._endpoint.body_secrets, **more}).encode()

    def _read(self, answer: Answer, number: int) -> tuple[Any, list[Record]]:
        if answer.status == NO_CONTENT:
            return None, []
        place = f"{shown(answer.url)}, page {number}"
        try:
            document = records.parse(answer.body, exact=self._scope.is_exact)
        except records.MisfitError as error:
            raise DataError(f"{place}: {error}; give its column a decimal in `types`") from None
        except ValueError as error:
            kind = answer.headers.get("content-type", "no content type")
            text = excerpt(answer.body, self._hide) or "nothing"
            reason = "" if isinstance(error, UnicodeDecodeError) else f" ({error})"
            raise DataError(
                f"{place}: the answer ({answer.status}, {kind}) is not JSON{reason}. "
                f"It begins with: {text}"
            ) from None
        return document, _as_records(self._find(document, place), place)

    def _find(self, document: Any, place: str) -> list[Any]:
        """Return the array of records, in the same place on every page."""
        if self._scope.records_path is not None:
            self._where = self._scope.records_path
            return _at_path(self._scope.records_path, document, place)
        where, found = _usual_records(document, place)
        if self._where not in (None, where):
            raise DataError(
                f"{place}: the records were in {self._where} before and are in {where} here; "
                "set `records_path`",
                field="records_path",
            )
        self._where = where
        return found


def _page(number: int, answer: Answer, document: Any, count: int, *, is_list: bool) -> Page:
    digest = hashlib.sha256(answer.body).digest()
    return Page(number, answer.url, answer.links, document, digest, count, is_list)


def _origin(url: str) -> tuple[str, str | None, int]:
    pieces = urlsplit(url)
    port = pieces.port or {"http": 80, "https": 443}.get(pieces.scheme, 0)
    return pieces.scheme, pieces.hostname, port


def _at_path(path: str, document: Any, place: str) -> list[Any]:
    found = all_of(path.removesuffix("[*]"), document)
    if not found:
        known = ", ".join(map(repr, document)) if isinstance(document, dict) else "a list"
        raise DataError(
            f"{place}: {path} leads nowhere; the answer holds {known}", field="records_path"
        )
    lists = [item for item in found if isinstance(item, list)]
    if len(lists) == len(found):
        return [record for part in lists for record in part]
    return [item for item in found if item is not None]


def _usual_records(document: Any, place: str) -> tuple[str, list[Any]]:
    """Return where the records are and the records: an array, its usual member, or one object."""
    if isinstance(document, list):
        return "$", document
    if not isinstance(document, dict):
        raise DataError(f"{place}: the answer is neither an object nor an array but {document!r}")
    arrays = [name for name, value in document.items() if isinstance(value, list)]
    if len(arrays) == 1 and arrays[0] in USUAL_MEMBERS:
        return arrays[0], document[arrays[0]]
    return WHOLE, [document]


def _as_records(found: list[Any], place: str) -> list[Record]:
    objects = sum(isinstance(item, dict) for item in found)
    if objects == len(found):
        return found
    if objects:
        raise DataError(f"{place}: some records are objects and some are not")
    return [{"value": item} for item in found]


# --- The first pages ---------------------------------------------------------------------------


class Sample:
    """The first pages of a reader, kept, and then the rest of them."""

    def __init__(self, reader: Reader, *, rows: int, size: int) -> None:
        """Read pages until there are `rows` records or `size` bytes, or no more pages."""
        self._reader = reader
        self._rest = reader.batches()
        self._kept: list[Batch] = []
        while self.rows < rows and sum(batch.size for batch in self._kept) < size:
            batch = next(self._rest, None)
            if batch is None:
                break
            self._kept.append(batch)

    @property
    def rows(self) -> int:
        """Return how many records are kept."""
        return sum(len(batch.records) for batch in self._kept)

    @property
    def is_everything(self) -> bool:
        """Whether no page is left to be read."""
        return self._reader.is_finished

    def types(self) -> dict[str, str]:
        """Return the columns of the kept records and their types."""
        return records.infer([record for batch in self._kept for record in batch.records])

    def batches(self) -> Iterator[Batch]:
        """Yield the kept pages, letting go of each, and then the rest."""
        while self._kept:
            yield self._kept.pop(0)
        yield from self._rest
