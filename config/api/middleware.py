"""What happens to every request and answer: an id, a judgement, and no error as a web page."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from django.views.defaults import server_error

from config.api import answers, requests
from config.api.parsers import too_large
from config.api.problems import Problem

# Where a person reads, errors are pages; everywhere else a program does.
PAGES = ("/admin/", "/app/")
UNFIT = "The address holds the character U+0000 (%00), which no database can hold"
# So much of an address is told back.
LONGEST_PATH = 200

Answer = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def request_ids(get_response: Answer) -> Answer:
    """Keep who asks, and send the request's id back as X-Request-ID; stands first of all."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            request_id = requests.begin(request)
            response = await get_response(request)
            response.headers[requests.HEADER] = request_id
            return response

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        request_id = requests.begin(request)
        response = get_response(request)
        response.headers[requests.HEADER] = request_id
        return response

    return answer


@sync_and_async_middleware
def error_bodies(get_response: Answer) -> Answer:
    """Turn what Django answers with a web page (no such path, a bad host) into the error body.

    It looks at the answer instead of naming handlers, so that DEBUG's pages cannot get past it.
    """
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            return _without_page(request, await get_response(request))

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _without_page(request, get_response(request))

    return answer


@sync_and_async_middleware
def fit_requests(get_response: Answer) -> Answer:
    """Refuse an address that nothing could look up, and a body larger than this server reads."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            return _refusal(request) or await get_response(request)

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _refusal(request) or get_response(request)

    return answer


def _refusal(request: HttpRequest) -> HttpResponse | None:
    query = request.META.get("QUERY_STRING", "")
    if "\0" in request.path_info or "\0" in query or "%00" in query:
        problem = Problem(status=400, message=UNFIT)
    elif _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        problem = Problem(status=413, message=str(too_large()))
    else:
        return None
    refusal = HttpResponse()
    answers.turn_into(problem, refusal, path=request.path)
    return refusal


def _length(request: HttpRequest) -> int:
    """Return how many bytes the body is said to have; 0 where nothing sensible is said."""
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said[:19]) if said.isascii() and said.isdecimal() else 0


def _without_page(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    kind = response.headers.get("Content-Type", "")
    if response.status_code < 400 or kind.startswith("application/json"):
        return response
    if not kind.startswith(("text/html", "text/plain")) or not isinstance(response, HttpResponse):
        return response
    if request.path.startswith(PAGES):
        # With DEBUG Django shows how the code is made and what it holds; the log tells that.
        is_ours = settings.DEBUG and response.status_code >= 500
        return server_error(request) if is_ours else response
    problem = Problem(
        status=response.status_code,
        message=_reason(request, response),
        extra={"request_id": requests.current_id()} if response.status_code >= 500 else {},
    )
    answers.turn_into(problem, response, path=request.path)
    return response


def _reason(request: HttpRequest, response: HttpResponseBase) -> str:
    """Return what Django knew and its page would have said; empty where the status says it all."""
    if response.status_code == 404 and not request.resolver_match:
        path = request.path
        shown = path if len(path) <= LONGEST_PATH else f"{path[:LONGEST_PATH]}…"
        return f"There is no {shown} here; /docs lists every path"
    if response.status_code == 400:
        try:
            request.get_host()
        except DisallowedHost:
            host = request.headers.get("Host", "")
            return f"This server does not answer to {host!r}; name it in ALLOWED_HOSTS"
    return ""
