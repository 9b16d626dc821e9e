"""What happens to every request and answer: an id, and no error as a web page."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from config.api import answers, requests
from config.api.problems import Problem

# Where a person reads, errors are pages; everywhere else a program does.
PAGES = ("/admin/", "/app/", "/static/")

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


def _without_page(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    kind = response.headers.get("Content-Type", "")
    if response.status_code < 400 or kind.startswith("application/json"):
        return response
    if request.path.startswith(PAGES) or not kind.startswith(("text/html", "text/plain")):
        return response
    if not isinstance(response, HttpResponse):
        return response
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
        return f"There is no {request.path} here; /docs lists every path"
    if response.status_code == 400:
        try:
            request.get_host()
        except DisallowedHost:
            host = request.headers.get("Host", "")
            return f"This server does not answer to {host!r}; name it in ALLOWED_HOSTS"
    return ""
