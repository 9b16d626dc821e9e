"""Safe actions: one service for each chosen row, asked about before it happens."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from rest_framework.exceptions import APIException
from unfold.enums import ActionVariant

from config.administration.showing import row_link

# Each row is a call of a service; a program is the better way to more of them.
MOST_AT_ONCE = 200
MOST_SHOWN = 10
CONFIRMED = "confirmed"

# Takes the admin's page, the request and one row; returns what became of the row.
Deed = Callable[[Any, HttpRequest, Any], str]
# What Django and django-unfold call with chosen rows, or with one row's key.
Act = Callable[..., HttpResponseBase | None]


def always(_row: Model) -> bool:
    """Say that the action is offered on every row's page."""
    return True


def verb(
    description: str,
    *,
    icon: str,
    question: str = "",
    is_dangerous: bool = False,
    fits: Callable[[Any], bool] = always,
) -> Callable[[Deed], Act]:
    """Make a method that does something to one row an action of the list and of the row's page.

    Name it in `actions` and `actions_detail`. It is asked about if there is a question, and always
    on a row's page, where the button is a link that must not change anything by itself.
    What was done the service writes down itself.
    """

    def decorate(deed: Deed) -> Act:
        @wraps(deed)
        def act(
            page: Any,
            request: HttpRequest,
            chosen: QuerySet[Any] | None = None,
            *,
            object_id: str | None = None,
        ) -> HttpResponseBase | None:
            return _act(page, request, act, _rows(page, request, chosen, object_id), object_id)

        vars(act).update(
            deed=deed,
            short_description=description,
            icon=icon,
            question=question,
            fits=fits,
            variant=ActionVariant.DANGER if is_dangerous else ActionVariant.DEFAULT,
            attrs={},
        )
        return act

    return decorate


def _act(
    page: Any, request: HttpRequest, act: Any, rows: list[Model], object_id: str | None
) -> HttpResponseBase | None:
    """Ask, or do it; None leads back to the list."""
    if len(rows) > MOST_AT_ONCE:
        text = f"Choose {MOST_AT_ONCE} rows at most; nothing was done."
        page.message_user(request, text, messages.ERROR)
        return None
    is_asked = request.method == "POST" and CONFIRMED in request.POST
    if not is_asked and (act.question or object_id is not None):
        return _ask(page, request, act, rows)
    _do(page, request, act, rows)
    return None if object_id is None else _back(page, request, object_id)


def _rows(
    page: Any, request: HttpRequest, chosen: QuerySet[Any] | None, object_id: str | None
) -> list[Model]:
    if object_id is None:
        assert chosen is not None
        return list(chosen[: MOST_AT_ONCE + 1])
    row = page.get_object(request, unquote(object_id))
    if row is None:
        raise Http404
    return [row]


def _back(page: Any, request: HttpRequest, object_id: str) -> HttpResponseBase:
    """Return to the row's page, or to the list if the row is gone."""
    is_there = page.get_object(request, unquote(object_id)) is not None
    return HttpResponseRedirect("../change/" if is_there else "../../")


def _do(page: Any, request: HttpRequest, act: Any, rows: Iterable[Model]) -> None:
    """Call the service for each row, and tell what became of the first of them and of the rest."""
    told: dict[int, list[str]] = {messages.SUCCESS: [], messages.WARNING: []}
    for row in rows:
        try:
            told[messages.SUCCESS].append(act.deed(page, request, row))
        except (APIException, ValidationError, *page.refusals) as error:
            told[messages.WARNING].append(f"{row}: {_said(error)}")
    for level, texts in told.items():
        for text in texts[:MOST_SHOWN]:
            page.message_user(request, text, level)
        if len(texts) > MOST_SHOWN:
            page.message_user(request, f"… and {len(texts) - MOST_SHOWN} more.", level)


def _said(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def _ask(page: Any, request: HttpRequest, act: Any, rows: list[Model]) -> HttpResponseBase:
    meta = page.model._meta  # noqa: SLF001 -- Django's way to a model's name
    context = {
        **page.admin_site.each_context(request),
        "title": act.short_description,
        "opts": meta,
        "question": act.question or f"{act.short_description}?",
        "is_dangerous": act.variant == ActionVariant.DANGER,
        "chosen": [row_link(row) for row in rows[:MOST_SHOWN]],
        "others": max(len(rows) - MOST_SHOWN, 0),
        "keys": [row.pk for row in rows],
        "action": request.POST.get("action", ""),
        "key_field": ACTION_CHECKBOX_NAME,
        "confirmed": CONFIRMED,
        "media": page.media,
    }
    return TemplateResponse(request, "administration/question.html", context)
