"""Bodies as the API reads them: what no database could hold or no reader survive is refused."""

import json
import re
from collections.abc import Mapping
from math import isinf
from typing import Any, BinaryIO, NoReturn

from django.conf import settings
from django.http import QueryDict
from rest_framework import parsers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from config.api.errors import TooLarge

MOST_LEVELS = 100
# An escaped NUL or half of a surrogate pair; either side of a pair is looked at more closely.
SUSPECT = re.compile(rb"\\u(0000|[dD][89a-fA-F])")


class JSONParser(BaseParser):
    """Parses a JSON body of any content; a fault says where it is."""

    media_type = "application/json"

    def parse(
        self,
        stream: BinaryIO,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body's value; ParseError if it is not JSON, TooLarge if it is too long."""
        return load(_read(stream))


class FormParser(BaseParser):
    """Parses the fields of a form, in UTF-8 whatever the type says."""

    media_type = "application/x-www-form-urlencoded"

    def parse(
        self,
        stream: BinaryIO,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> QueryDict:
        """Return the fields; ParseError if one cannot be held, TooLarge if the form is too long."""
        return _without_nul(QueryDict(_read(stream), encoding="utf-8"))


class MultiPartParser(parsers.MultiPartParser):
    """Parses the fields of a form in parts, for routes that take no files: the body has a limit."""

    def parse(
        self,
        stream: BinaryIO,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> QueryDict:
        """Return the fields without the files; TooLarge if the body is too long."""
        context = {**(parser_context or {}), "encoding": "utf-8"}
        request = context["request"]
        # Without this header the stream is empty, so there is no more than it says.
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise too_large()
        form: QueryDict = super().parse(stream, media_type, context).data
        return _without_nul(form)


def load(text: bytes) -> Any:
    """Return the value of a JSON text in UTF-8; ParseError says what is wrong and where."""
    try:
        value = json.loads(
            text.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite
        )
    except RecursionError:
        raise _invalid("it is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise _invalid(f"byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _invalid(str(error)) from error
    except ValueError as error:
        raise _invalid("a number has more digits than this server reads") from error
    # Most bodies have neither, and are not walked.
    if SUSPECT.search(text) or text.count(b"[") + text.count(b"{") > MOST_LEVELS:
        _demand_fit(value, level=0)
    return value


def too_large() -> TooLarge:
    """Return the error of a body that is larger than this server reads."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return TooLarge(f"The body has more than the {most} bytes that this server reads")


def _without_nul(form: QueryDict) -> QueryDict:
    if any("\x00" in text for name, values in form.lists() for text in (name, *values)):
        raise ParseError(
            "The form holds the character U+0000, which no database can hold",
            code="invalid_form",
        )
    return form


def _read(stream: BinaryIO) -> bytes:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    text = stream.read(most + 1)
    if len(text) > most:
        raise too_large()
    return text


def _demand_fit(value: Any, *, level: int) -> None:
    if isinstance(value, str):
        _demand_text(value)
        return
    if not isinstance(value, (dict, list)):
        return
    if level >= MOST_LEVELS:
        raise _invalid(f"it is nested more than {MOST_LEVELS} levels deep")
    for inner in [*value, *value.values()] if isinstance(value, dict) else value:
        _demand_fit(inner, level=level + 1)


def _demand_text(text: str) -> None:
    if "\x00" in text:
        raise _invalid("a text holds the character U+0000, which no database can hold")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise _invalid("a text holds half of a surrogate pair")


def _refuse_constant(name: str) -> NoReturn:
    raise _invalid(f"{name} is not a JSON value")


def _finite(text: str) -> float:
    """Return a number that a float can hold; Python would take 1e400 as infinity."""
    value = float(text)
    if isinf(value):
        raise _invalid(f"the number {text[:20]} is too large")
    return value


def _invalid(reason: str) -> ParseError:
    return ParseError(f"The body is not valid JSON: {reason}", code="invalid_json")
