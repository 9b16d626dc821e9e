"""How an API cuts its answer into pages, and where the next one is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, Literal, Self
from urllib.parse import urljoin, urlsplit

from pydantic import AliasChoices, Field, field_validator, model_validator

from connectors.base import Options
from connectors.errors import DataError

# Where APIs that say nothing more use to put the URL of the next page.
USUAL_NEXT = ("next", "links.next", "_links.next.href", "paging.next", '"@odata.nextLink"')


class Kind(StrEnum):
    """The ways to page; `auto` follows a `Link: rel=next` header or a usual `next` URL."""

    AUTO = "auto"
    NONE = "none"
    PAGE = "page"
    OFFSET = "offset"
    CURSOR = "cursor"
    LINK = "link"


DEFAULT_PARAM = {Kind.PAGE: "page", Kind.OFFSET: "offset", Kind.CURSOR: "cursor"}


class Paging(Options):
    """How the pages of one endpoint are asked for."""

    type: Kind = Field(Kind.AUTO, title="Kind of paging")
    enabled: bool = Field(default=True, title="Read all pages")
    param: str | None = Field(
        None,
        title="Parameter",
        description="Says which page: its number, its offset or its cursor.",
        validation_alias=AliasChoices("param", "page_param", "offset_param", "cursor_param"),
    )
    start: int | None = Field(None, title="First page or offset", ge=0)
    size: int | None = Field(
        None,
        title="Records per page",
        ge=1,
        validation_alias=AliasChoices("size", "page_size", "limit"),
    )
    size_param: str = Field(
        "limit",
        title="Parameter of the size",
        validation_alias=AliasChoices("size_param", "limit_param"),
    )
    next_path: str | None = Field(
        None,
        title="Path to the next page",
        description="JSON path to the next cursor or the next URL.",
        validation_alias=AliasChoices("next_path", "cursor_path", "next_url_path"),
    )
    send_in: Literal["query", "body"] = Field("query", title="Where the parameters go")

    @field_validator("next_path")
    @classmethod
    def _compile_path(cls, value: str | None) -> str | None:
        return value if value is None else check_path(value)

    @model_validator(mode="after")
    def _require_the_cursors_path(self) -> Self:
        if self.type is Kind.CURSOR and self.next_path is None:
            raise ValueError("paging by cursor needs `next_path`, the JSON path to the next cursor")
        return self

    @property
    def kind(self) -> Kind:
        """Return the kind of paging in force."""
        return self.type if self.enabled else Kind.NONE


@dataclass(frozen=True)
class Page:
    """One answer: its URL, links, content, digest, how many records it held, and if in an array."""

    number: int
    url: str
    links: Mapping[str, str]
    document: Any
    digest: bytes
    count: int
    is_list: bool


@dataclass(frozen=True)
class Turn:
    """What to ask for next: a URL of its own, or values to be sent with the usual request."""

    url: str | None = None
    values: Mapping[str, str | int] = field(default_factory=dict)


class Course:
    """Leads from page to page; raises DataError where it would go in a circle."""

    def __init__(self, paging: Paging) -> None:
        """Begin before the first page."""
        self._paging = paging
        self._param = paging.param or DEFAULT_PARAM.get(paging.kind, "")
        usual_start = 1 if self._is_by_page else 0
        self._place = usual_start if paging.start is None else paging.start
        self._seen: set[str] = set()
        self._last_digest = b""

    @property
    def _is_by_page(self) -> bool:
        return self._paging.kind is Kind.PAGE

    def first(self) -> Turn:
        """Return what the first page is asked with."""
        if self._paging.kind in (Kind.PAGE, Kind.OFFSET):
            return Turn(values={self._param: self._place, **self._size()})
        return Turn(values=self._size())

    def after(self, page: Page) -> Turn | None:
        """Return what follows this page; nothing after the last one."""
        match self._paging.kind:
            case Kind.NONE:
                return None
            case Kind.PAGE | Kind.OFFSET:
                return self._count_on(page)
            case Kind.CURSOR:
                return self._by_cursor(page)
            case _:
                return self._by_link(page)

    def _size(self) -> dict[str, str | int]:
        size = self._paging.size
        return {} if size is None else {self._paging.size_param: size}

    def _count_on(self, page: Page) -> Turn | None:
        """Go on until a page is empty: a server may send fewer records than it was asked for."""
        if page.count == 0:
            return None
        if page.digest == self._last_digest:
            raise DataError(
                f"Page {page.number} is the same as the page before it: the server ignores "
                f"{self._param!r}; set `pagination` to what it understands, or its type to none"
            )
        self._last_digest = page.digest
        self._place += 1 if self._is_by_page else page.count
        return Turn(values={self._param: self._place, **self._size()})

    def _by_cursor(self, page: Page) -> Turn | None:
        assert self._paging.next_path is not None
        cursor = first_of(self._paging.next_path, page.document)
        if cursor is None or cursor == "" or cursor is False:
            return None
        if not isinstance(cursor, str | int):
            raise DataError(
                f"Page {page.number}: {self._paging.next_path} leads to no cursor but to "
                f"{type(cursor).__name__}"
            )
        self._see(str(cursor), page)
        return Turn(values={self._param: cursor, **self._size()})

    def _by_link(self, page: Page) -> Turn | None:
        target = self._next_url(page)
        if not target:
            return None
        try:
            url = urljoin(page.url, target)
            _ = urlsplit(url).port
        except ValueError:
            raise DataError(f"Page {page.number}: the next page is said to be no URL") from None
        self._seen.add(page.url)
        self._see(url, page)
        return Turn(url=url)

    def _next_url(self, page: Page) -> str | None:
        if self._paging.next_path is not None:
            found = first_of(self._paging.next_path, page.document)
            if found is not None and not isinstance(found, str):
                raise DataError(f"Page {page.number}: {self._paging.next_path} leads to no URL")
            return found
        if "next" in page.links:
            return page.links["next"]
        # A lone object may have a member `next` of its own.
        is_sure = self._paging.kind is Kind.LINK or page.is_list
        return self._usual_url(page) if is_sure else None

    def _usual_url(self, page: Page) -> str | None:
        found = (first_of(path, page.document) for path in USUAL_NEXT)
        return next((url for url in found if _looks_like_url(url)), None)

    def _see(self, place: str, page: Page) -> None:
        if place in self._seen:
            raise DataError(
                f"Page {page.number} leads back to a page that was read already; "
                "the server goes in a circle, and nothing was loaded"
            )
        self._seen.add(place)


def _looks_like_url(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://", "/", "?"))


# --- JSON paths --------------------------------------------------------------------------------


@cache
def _compiled(path: str) -> Any:
    from jsonpath_ng.parser import parse

    return parse(path)


def check_path(path: str) -> str:
    """Return a JSON path that can be read, or raise ValueError."""
    from jsonpath_ng.exceptions import JSONPathError

    try:
        _compiled(path)
    except JSONPathError as error:
        text = str(error).splitlines()[0]
        raise ValueError(f"{path!r} is no JSON path such as $.data.items: {text}") from None
    return path


def all_of(path: str, document: Any) -> list[Any]:
    """Return everything that a JSON path leads to."""
    return [match.value for match in _compiled(path).find(document)]


def first_of(path: str, document: Any) -> Any:
    """Return the first thing that a JSON path leads to, or None."""
    return next(iter(all_of(path, document)), None)
