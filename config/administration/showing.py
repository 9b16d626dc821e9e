"""Values as the admin's pages show them: links, badges, sizes, durations, JSON."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

NOTHING = "–"
UNITS = ("B", "kB", "MB", "GB", "TB", "PB")

# What a status says, in every app's words.
TONES = {
    **dict.fromkeys(("succeeded", "active"), "good"),
    **dict.fromkeys(("partial", "cancelling", "warning"), "warn"),
    **dict.fromkeys(("failed", "error", "critical"), "bad"),
    **dict.fromkeys(("running", "admin"), "busy"),
}


def badge(value: str, text: object = "", *, tone: str = "") -> SafeString:
    """Return a status as a coloured badge; the tone follows from the value if none is given."""
    shade = tone or TONES.get(value, "plain")
    return format_html('<span class="mr-badge mr-{}">{}</span>', shade, text or value)


def row_link(row: Model | None, text: object = "") -> SafeString | str:
    """Return a link to the row's page of the admin."""
    if row is None:
        return NOTHING
    address = reverse(_page(row, "change"), args=[quote(row.pk)])
    return format_html('<a class="text-link" href="{}">{}</a>', address, text or row)


def list_link(model: type[Model], text: object, **where: object) -> SafeString:
    """Return a link to the list of a model in the admin, filtered."""
    address = reverse(_page(model, "changelist"))
    return format_html('<a class="text-link" href="{}?{}">{}</a>', address, urlencode(where), text)


def pretty(value: object) -> SafeString:
    """Return a JSON value to read, in a box that scrolls; who calls has masked its secrets."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    return format_html('<pre class="mr-json">{}</pre>', text)


def lines(text: str) -> SafeString | str:
    """Return a long text as it was written."""
    return format_html('<pre class="mr-json">{}</pre>', text) if text else NOTHING


def facts(values: Mapping[str, Any]) -> SafeString | str:
    """Return a flat dictionary as short `name value` pairs."""
    pairs = " · ".join(f"{name} {value}" for name, value in values.items())
    return pairs or NOTHING


def size(amount: float | None) -> str:
    """Return bytes as a person says them: 1.5 MB."""
    if amount is None:
        return NOTHING
    steps = 0
    while abs(amount) >= 1000 and steps < len(UNITS) - 1:
        amount, steps = amount / 1000, steps + 1
    digits = 0 if steps == 0 or amount >= 100 else 1
    return f"{amount:.{digits}f} {UNITS[steps]}"


def number(amount: int | None) -> str:
    """Return a count with its thousands apart: 1,234,567."""
    return NOTHING if amount is None else f"{amount:,}"


def duration(seconds: float | None) -> str:
    """Return seconds as a person says them: 850 ms, 12.3 s, 4 m 05 s, 2 h 07 m, 3 d 04 h."""
    if seconds is None:
        return NOTHING
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02} m"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours:02} h"


def took(start: datetime | None, end: datetime | None) -> str:
    """Return how long something took, or has taken so far."""
    if start is None:
        return NOTHING
    return duration(((end or timezone.now()) - start).total_seconds())


def moment(at: datetime | None) -> SafeString | str:
    """Return how long ago or how far ahead a time is; the time itself when pointed at."""
    if at is None:
        return NOTHING
    now = timezone.now()
    is_past = at <= now
    seconds = abs((now - at).total_seconds())
    start, end = (at, now) if is_past else (now, at)
    away = f"{seconds:.0f} s" if seconds < 60 else timesince(start, end, depth=1)
    text = f"{away} ago" if is_past else f"in {away}"
    return format_html(
        '<time datetime="{0}" title="{0}">{1}</time>', f"{at:%Y-%m-%d %H:%M:%S} UTC", text
    )


def _page(model: Model | type[Model], kind: str) -> str:
    meta = model._meta  # noqa: SLF001 -- Django's way to a model's name
    return f"admin:{meta.app_label}_{meta.model_name}_{kind}"
