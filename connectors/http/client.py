"""The guarded client: one caller at a time, bounded waits, retries that hear a stop."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

from connectors.base import Access
from connectors.errors import Cancelled, ConfigError, DataError, MillraceError, TransientError
from connectors.http import statuses
from connectors.http.networks import shown, vet_url

if TYPE_CHECKING:
    import httpx2
    import tenacity

Result = TypeVar("Result")
REDIRECTS = 10
# What may follow a redirect to another origin: nothing that could be a secret.
HARMLESS_HEADERS = frozenset(
    {"accept", "accept-encoding", "content-length", "content-type", "host", "user-agent"}
)
# Enough of an error page to say what went wrong.
EXCERPT_BYTES = 4096

# These libraries log whole URLs and headers, and with them tokens.
for library in ("httpx2", "httpcore2"):
    logging.getLogger(library).setLevel(logging.WARNING)


@dataclass(frozen=True)
class Timeouts:
    """Seconds for the connection, for each silence of the server, and for one whole try."""

    connect: float = 10.0
    read: float = 60.0
    total: float | None = None


@dataclass(frozen=True)
class Retries:
    """How often a request is tried in all, and the bounds of the pauses (seconds) in between."""

    attempts: int = 5
    shortest: float = 0.5
    longest: float = 60.0


@dataclass(frozen=True)
class Answer:
    """A whole answer; header names are in lower case, `links` maps relations to URLs."""

    status: int
    url: str
    headers: Mapping[str, str]
    links: Mapping[str, str]
    body: bytes


class Client:
    """Sends requests to where `access` allows; serves one caller at a time."""

    def __init__(
        self,
        access: Access,
        *,
        stopping: threading.Event | None = None,
        timeouts: Timeouts | None = None,
        retries: Retries | None = None,
        rate: float | None = None,
        hide: Callable[[str], str] = str,
    ) -> None:
        """Make a client that gives up when `stopping` is set and sends `rate` requests a second.

        `hide` masks secrets in messages.
        """
        import httpx2

        from connectors.http.transport import Guard, GuardedTransport

        self._networks = access.networks
        self._stopping = stopping or threading.Event()
        self._timeouts = timeouts or Timeouts()
        self._retries = retries or Retries()
        self._hide = hide
        self._interval = 0.0 if rate is None else 1 / rate
        self._next_start = 0.0
        self._guard = Guard(access.networks, self._stopping)
        self._client = httpx2.Client(
            transport=GuardedTransport(self._guard),
            trust_env=False,
            headers={"User-Agent": "millrace", "Accept": "*/*"},
            timeout=httpx2.Timeout(self._timeouts.read, connect=self._timeouts.connect),
        )

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection."""
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        max_bytes: int | None = None,
    ) -> Answer:
        """Return the answer to a request, its body read whole and decompressed.

        Raises ConfigError (a place out of reach, 4xx), DataError (a body of more than
        `max_bytes`), TransientError (what remained of connection errors, 429 and 5xx after the
        retries, or at once when the server asks for a longer pause than allowed).
        """

        def once() -> Answer:
            with self.stream(
                method, url, params=params, headers=headers, content=content
            ) as response:
                body = b"".join(_bounded(response.iter_bytes(), max_bytes, url))
                links = {name: link["url"] for name, link in response.links.items() if name}
                plain = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, str(response.url), plain, links, body)

        return self.insist(once)

    def insist(self, once: Callable[[], Result]) -> Result:
        """Call `once` again after a TransientError, as the retries of this client allow."""
        from tenacity import Retrying, retry_if_exception_type

        return Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=self._is_hopeless,
            wait=self._pause,
            sleep=self._rest,
            reraise=True,
        )(once)

    def _is_hopeless(self, state: "tenacity.RetryCallState") -> bool:
        asked = _asked_pause(state)
        return state.attempt_number >= self._retries.attempts or asked > self._retries.longest

    def _pause(self, state: "tenacity.RetryCallState") -> float:
        """Return a random pause that doubles, or what the server asked for where that is longer."""
        from tenacity import wait_random_exponential

        growing = wait_random_exponential(self._retries.shortest, max=self._retries.longest)
        return max(growing(state), _asked_pause(state))

    def _rest(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise Cancelled("The request was stopped")

    @contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> "Iterator[httpx2.Response]":
        """Send one request without retries and yield a response of status 2xx, its body unread."""
        import httpx2

        vet_url(url, self._networks)
        self._keep_pace()
        total = self._timeouts.total
        self._guard.deadline = float("inf") if total is None else time.monotonic() + total
        try:
            target = httpx2.URL(url)
            if params:
                target = target.copy_merge_params(list(params))
            request = self._client.build_request(method, target, headers=headers, content=content)
            response = self._follow(request)
            try:
                self._judge(response)
                yield response
            finally:
                response.close()
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise self._translate(error, url) from error

    def _keep_pace(self) -> None:
        """Wait until the next request may start."""
        now = time.monotonic()
        self._next_start = max(self._next_start, now) + self._interval
        self._rest(self._next_start - self._interval - now)

    def _follow(self, request: "httpx2.Request") -> "httpx2.Response":
        """Send a request and what its redirects ask for, each judged like the first."""
        for _ in range(REDIRECTS + 1):
            response = self._client.send(request, stream=True, follow_redirects=False)
            following = response.next_request
            if following is None:
                return response
            response.close()
            vet_url(str(following.url), self._networks)
            if not _is_same_host(request.url, following.url):
                for name in set(following.headers) - HARMLESS_HEADERS:
                    del following.headers[name]
            request = following
        raise ConfigError(
            f"{shown(str(request.url))}: more than {REDIRECTS} redirects", field="url"
        )

    def _judge(self, response: "httpx2.Response") -> None:
        """Raise what a status outside of 2xx means."""
        if response.is_success:
            return
        text = b""
        for chunk in response.iter_bytes():
            text += chunk
            if len(text) >= EXCERPT_BYTES:
                break
        excerpt = statuses.excerpt(text[:EXCERPT_BYTES], self._hide)
        raise statuses.refusal(
            response.status_code, shown(str(response.url)), response.headers, excerpt
        )

    def _translate(self, error: Exception, url: str) -> MillraceError:
        import httpx2

        where, text = shown(url), self._hide(str(error))
        if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
            return ConfigError(f"{where}: the URL cannot be used: {text}", field="url")
        if isinstance(error, httpx2.LocalProtocolError):
            return ConfigError(f"{where}: a header or the URL cannot be sent: {text}")
        if isinstance(error, httpx2.DecodingError):
            return DataError(f"{where}: the compressed answer is broken: {text}")
        if isinstance(error, httpx2.TimeoutException):
            return TransientError(f"{where} did not answer in time")
        return TransientError(f"{where}: the connection failed: {text or type(error).__name__}")


def _asked_pause(state: "tenacity.RetryCallState") -> float:
    error = state.outcome.exception() if state.outcome else None
    return (error.retry_after or 0.0) if isinstance(error, TransientError) else 0.0


def _is_same_host(old: "httpx2.URL", new: "httpx2.URL") -> bool:
    """Whether headers may go along: the same origin, or its step from http to https."""
    if old.origin == new.origin:
        return True
    step = (old.scheme, new.scheme, old.port, new.port)
    return old.host == new.host and step == ("http", "https", None, None)


def _bounded(chunks: Iterator[bytes], limit: int | None, url: str) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if limit is not None and size > limit:
            raise DataError(
                f"{shown(url)}: the answer has more than {limit} bytes; ask for smaller pages"
            )
        yield chunk
