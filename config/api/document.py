"""The OpenAPI document of every route: made once in a process, and as it is committed."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

FILE = settings.BASE_DIR / "docs" / "openapi.json"


@cache
def document() -> dict[str, Any]:
    """Return the document; it is made at the first call and shared, so nobody may change it."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


@cache
def text() -> bytes:
    """Return the document as it is served and committed."""
    return (json.dumps(document(), indent=2, ensure_ascii=False) + "\n").encode()
