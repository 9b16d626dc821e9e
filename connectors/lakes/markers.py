"""Markers as properties of a table: they live and change with its commits."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from connectors.base import Marker
from connectors.errors import LeaseLost

PREFIX = "millrace."


def property_of(stream: str) -> str:
    """Return the name of the property that keeps the marker of a stream."""
    return PREFIX + hashlib.sha256(stream.encode()).hexdigest()[:16]


def marker_in(properties: Mapping[str, str | None], stream: str) -> Marker | None:
    """Return the marker of the stream's last commit."""
    found = properties.get(property_of(stream))
    return None if not found else Marker(**json.loads(found))


def dump(marker: Marker) -> dict[str, str]:
    """Return the property that a commit sets."""
    text = json.dumps(asdict(marker), ensure_ascii=True, separators=(",", ":"))
    return {property_of(marker.stream): text}


def admit(properties: Mapping[str, str | None], place: str, marker: Marker) -> Marker | None:
    """Return the stored marker where this run has already committed, None where it may now.

    Raises LeaseLost where a later holder of the target has committed meanwhile.
    """
    stored = marker_in(properties, marker.stream)
    if stored is not None and stored.run == marker.run:
        return stored
    fences = [
        json.loads(text)["fence"]
        for name, text in properties.items()
        if name.startswith(PREFIX) and text
    ]
    if max(fences, default=0) > marker.fence:
        raise LeaseLost(f"{place} was taken over by a later run; nothing was committed")
    return None
