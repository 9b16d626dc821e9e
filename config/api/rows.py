"""Rows of the database in the shape of a serializer, without instances.

A serializer stays the one description of a row. Its fields say which columns to read and what is
done with a value; for most of them that is what JSON does anyway, and nothing is called.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework import serializers
from rest_framework.settings import api_settings

Row = dict[str, Any]
# What these make of a column's value is what the renderer makes of it too.
PLAIN = {
    field.to_representation
    for field in (
        serializers.BooleanField,
        serializers.CharField,
        serializers.ChoiceField,
        serializers.DateTimeField,
        serializers.FloatField,
        serializers.IntegerField,
        serializers.JSONField,
        serializers.ReadOnlyField,
        serializers.UUIDField,
    )
}


@dataclass(frozen=True)
class Columns:
    """What a serializer reads of a row, and how the row is answered."""

    keys: tuple[str, ...]
    paths: tuple[str, ...]
    """The columns as a query names them, such as job__uuid."""
    turns: tuple[tuple[int, Callable[[Any], Any]], ...]
    """At which places a value becomes another one, and how."""

    def shaped(self, found: Iterable[Sequence[Any]]) -> list[Row]:
        """Return rows of values, in the order of `paths`, as the objects that are answered.

        What a row has behind them is left out.
        """
        turned = self._turned(found) if self.turns else found
        return [dict(zip(self.keys, values, strict=False)) for values in turned]

    def _turned(self, found: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        for row in found:
            values = list(row)
            for place, turn in self.turns:
                if values[place] is not None:
                    values[place] = turn(values[place])
            yield values


@cache
def columns(serializer: type[serializers.Serializer[Any]]) -> Columns:
    """Return what a serializer reads; ImproperlyConfigured if a field needs more than one column."""
    fields = {name: field for name, field in serializer().fields.items() if not field.write_only}
    for name, field in fields.items():
        if field.source == "*" or isinstance(field, (serializers.BaseSerializer, _RELATED)):
            raise ImproperlyConfigured(
                f"{serializer.__name__}.{name} is no single column; make it a field with a "
                "to_representation of its own, or answer these rows by the serializer itself"
            )
    return Columns(
        keys=tuple(fields),
        paths=tuple("__".join(field.source_attrs) for field in fields.values()),
        turns=tuple(
            (place, field.to_representation)
            for place, field in enumerate(fields.values())
            if not _is_plain(field)
        ),
    )


_RELATED = (serializers.RelatedField, serializers.ManyRelatedField)


def _is_plain(field: serializers.Field[Any, Any, Any, Any]) -> bool:
    """Return whether the renderer writes a column's value as the field would."""
    if isinstance(field, serializers.DateTimeField):
        return getattr(field, "format", api_settings.DATETIME_FORMAT) == "iso-8601"
    if isinstance(field, serializers.UUIDField):
        return field.uuid_format == "hex_verbose"
    if isinstance(field, serializers.BigIntegerField):
        return not getattr(field, "coerce_to_string", api_settings.COERCE_BIGINT_TO_STRING)
    return type(field).to_representation in PLAIN
