"""Fields that several transformers have in their settings."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator


def doubled(names: Iterable[str]) -> str | None:
    """Return the first name that comes twice, or None."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if (name := doubled(names)) is not None:
        raise ValueError(f"{name!r} is named twice")
    return names


# Names of columns, each once; a single one may be written without a list.
Names = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_each_once)]
