"""The words in which a job may tell of a stream; others are refused, for nobody would follow them.

Only when a job is saved: what was stored before goes on as it was read then.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from connectors.configuration import spellings
from connectors.errors import ConfigError
from jobs.selection import Choice, item_name

# What a catalog says beside, and what clients of the contract send that changes no row.
ACCEPTED = frozenset(
    {
        *("stream", "stream_name", "selected_columns", "filter_config", "disabled"),
        *("supported_sync_modes", "available_cursor_fields", "default_stream_properties"),
        *("additional_properties", "additional_properties_schema", "json_schema"),
        *("source_defined_cursor", "default_cursor_field", "statistics", "sync_new_columns"),
        *("destination_database", "partition_regex", "chunk_column", "split_column"),
        *("use_source_column_names", "sort_key"),
    }
)


def demand_known_words(config: Mapping[str, Any]) -> None:
    """Refuse keys of a stream that mean nothing, with the one that may be meant."""
    meant = set(spellings(Choice))
    for place, item in _items(config):
        name = item_name(item)
        unknown = [key for key in item if key not in meant and key not in ACCEPTED]
        if unknown:
            text = f"stream {name!r}: there is no {unknown[0]!r}; {_advice(unknown[0], meant)}"
            raise ConfigError(text, field=place)
        if beside := _beside(item):
            text = f"stream {name!r}: {beside!r} stands beside `stream`; write it into that object"
            raise ConfigError(text, field=place)


def _items(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each object that tells of a stream; `choices` has judged their form."""
    for item in config.get("streams") or ():
        yield "config.streams", item
        if isinstance(item.get("stream"), Mapping):
            yield "config.streams", item["stream"]
    for chosen in (config.get("selected_streams") or {}).values():
        for item in chosen:
            yield "config.selected_streams", item


def _beside(item: Mapping[str, Any]) -> str:
    """Return what an entry says next to its `stream`, where nobody looks, and not in it."""
    inner = item.get("stream")
    if not isinstance(inner, Mapping):
        return ""
    said = [key for key, value in item.items() if key != "stream" and value]
    return next((key for key in said if inner.get(key) != item[key]), "")


def _advice(key: str, meant: set[str]) -> str:
    words = {*meant, "selected_columns", "filter_config"}
    near = get_close_matches(str(key), sorted(words), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(words))}"
