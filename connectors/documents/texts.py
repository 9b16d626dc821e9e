"""Values of BSON as text: MongoDB's relaxed extended JSON, which loses none of them."""

import re
from collections.abc import Callable
from typing import Any

import orjson
from bson import Int64, ObjectId, json_util

# Subclasses of text and number (code, 64 bits) and dates are BSON's own and pass through `_spelled`.
_OPTIONS = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATETIME
_RELAXED = json_util.RELAXED_JSON_OPTIONS
# A field that holds a float whose exponent is all ones: NaN or infinity, which JSON cannot say.
_ODD = re.compile(rb"\x01[^\x00]*\x00.{6}[\xf0-\xff][\x7f\xff]", re.DOTALL)


def spelling(batch: bytes) -> Callable[[Any], str]:
    """Return what turns values out of this batch of documents into text: the fast way, if it may."""
    return _careful if _ODD.search(batch) else _fast


def _fast(value: Any) -> str:
    return orjson.dumps(value, default=_spelled, option=_OPTIONS).decode()


def _careful(value: Any) -> str:
    return json_util.dumps(value, json_options=_RELAXED, ensure_ascii=False, separators=(",", ":"))


def _spelled(value: Any) -> Any:
    if type(value) is Int64:
        return int(value)
    if type(value) is ObjectId:
        return {"$oid": value.binary.hex()}
    return json_util.default(value, _RELAXED)
