"""One request under ASGI and its answer, with no more of HTTP than objects need."""

from collections.abc import Mapping

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings

from config.api import requests
from config.api.problems import Problem, envelope
from config.api.renderers import dump

METHODS = "GET, HEAD, PUT, OPTIONS"
EXPOSED = "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, X-Request-ID"
PREFLIGHT_SECONDS = 3600

Headers = Mapping[str, str]


class Refusal(Exception):
    """The request is answered with an error: what the platform's one body says."""

    def __init__(
        self, status: int, message: str, code: str = "", headers: Headers | None = None
    ) -> None:
        """Keep what went wrong."""
        super().__init__(message)
        self.problem = Problem(status=status, message=message, code=code, headers=headers or {})


class Gone(Exception):
    """The client went away; nobody hears an answer."""


class Exchange:
    """A request, of which the body is read piece by piece, and its answer."""

    def __init__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Keep the request, and who sends it."""
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query = scope["query_string"].decode("latin-1")
        self.receive = receive
        self.has_begun = False
        self._send = send
        self._headers = scope["headers"]
        self.request_id = requests.begin_socket(scope)

    def header(self, name: str) -> str:
        """Return a header of the request by its name in small letters; empty if it is not there."""
        wanted = name.encode("latin-1", "replace")
        return ",".join(text.decode("latin-1") for key, text in self._headers if key == wanted)

    def length(self) -> int | None:
        """Return how long the body says it is; None where it does not say."""
        said = self.header("content-length")
        return int(said[:19]) if said.isascii() and said.isdecimal() else None

    async def begin(self, status: int, headers: Headers) -> None:
        """Send the status and the headers, also those that let pages of other sites read them."""
        every = {**self._shared(), requests.HEADER: self.request_id, **headers}
        pairs = [(name.lower().encode(), text.encode("latin-1")) for name, text in every.items()]
        self.has_begun = True
        await self._send(
            {"type": "http.response.start", "status": status, "headers": pairs, "trailers": False}
        )

    async def body(self, data: bytes, *, is_last: bool) -> None:
        """Send some of the body; returns when there is room for more of it."""
        await self._send({"type": "http.response.body", "body": data, "more_body": not is_last})

    async def finish(self, status: int, headers: Headers, data: bytes = b"") -> None:
        """Send a whole answer."""
        length = {} if status == 204 else {"Content-Length": str(len(data))}
        await self.begin(status, {**length, **headers})
        await self.body(b"" if self.method == "HEAD" else data, is_last=True)

    async def refuse(self, problem: Problem) -> None:
        """Send the one body of errors."""
        data = dump(envelope(problem, path=self.path))
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        await self.finish(problem.status, {**headers, **problem.headers}, data)

    async def answer_preflight(self) -> None:
        """Tell a browser what a page may send here; the answer itself is the same for all."""
        asked = self.header("access-control-request-headers")
        allowed = {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": asked if asked.isprintable() else "",
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }
        is_known = "Access-Control-Allow-Origin" in self._shared()
        await self.finish(204, {"Allow": METHODS, **(allowed if is_known else {})})

    def _shared(self) -> Headers:
        origin = self.header("origin")
        if origin not in settings.CORS_ALLOWED_ORIGINS:
            return {"Vary": "Origin"}
        headers = {
            "Vary": "Origin",
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": EXPOSED,
        }
        if settings.CORS_ALLOW_CREDENTIALS:
            headers["Access-Control-Allow-Credentials"] = "true"
        return headers

    def __repr__(self) -> str:
        # The query lets in whoever reads it.
        return f"{self.method} {self.path}"
