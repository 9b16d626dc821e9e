"""How many requests a user may send to the ETL Builder's routes, and the headers that tell it."""

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from config.api import addresses, answers, counting, rates, requests
from config.api.errors import TooMany
from config.api.problems import Problem

if TYPE_CHECKING:
    # The views import this file.
    from rest_framework.views import APIView

# The clients of the other contracts poll, and were never told of a limit.
LIMITED = re.compile(r"/api/v1/(pipelines|executions|connections|modules)(/|$)")
# DRF's request and Django's share this dictionary.
KEPT = "millrace.standing"
TOO_MANY = "Too many requests"


@dataclass(frozen=True)
class Standing:
    """How far a user is from the limit: how many requests it allows and how many were sent."""

    limit: int
    number: int
    seconds_left: float

    @property
    def is_over(self) -> bool:
        """Whether this request was one too many."""
        return self.number > self.limit

    def headers(self) -> dict[str, str]:
        """Return the headers of the contract; the reset is in Unix seconds."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.number)),
            "X-RateLimit-Reset": str(math.ceil(time.time() + self.seconds_left)),
        }


class RequestRate(BaseThrottle):
    """Holds up who sends more than RATE_LIMIT to a limited route; other routes have no limit."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request; TooMany, which says when to try again, if it is one too many."""
        standing = _count(request) if LIMITED.match(request.path_info) else None
        if standing and standing.is_over:
            raise TooMany(TOO_MANY, wait=standing.seconds_left)
        return True


@sync_and_async_middleware
def rate_headers(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Tell the standing with each answer of a limited route; stands inside of the CORS headers."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            response = await get_response(request)
            if LIMITED.match(request.path_info):
                await sync_to_async(_tell)(request, response)
            return response

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if LIMITED.match(request.path_info):
            _tell(request, response)
        return response

    return answer


def _tell(request: HttpRequest, response: HttpResponseBase) -> None:
    """Add the headers; what no view counted, such as a bad token, is counted here."""
    standing = request.META.get(KEPT) or _count(request)
    if standing is None:
        return
    if standing.is_over and response.status_code != 429 and isinstance(response, HttpResponse):
        refusal = TooMany(TOO_MANY, wait=standing.seconds_left)
        headers = {"Retry-After": str(refusal.wait)}
        problem = Problem(status=429, message=str(refusal), headers=headers)
        answers.turn_into(problem, response, path=request.path)
    for name, value in standing.headers().items():
        response.headers[name] = value


def _count(request: Request | HttpRequest) -> Standing | None:
    """Count the request and keep where its user stands; None if there is no limit."""
    rate = rates.read(settings.RATE_LIMIT)
    if rate is None:
        return None
    number, left = counting.count(f"rate:{_who(request)}", seconds=rate.seconds)
    standing = request.META[KEPT] = Standing(rate.number, number, left)
    return standing


def _who(request: Request | HttpRequest) -> str:
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    return f"address:{addresses.subscriber(requests.current_address())}"
