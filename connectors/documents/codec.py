"""How BSON is decoded into Python's values."""

from typing import Any

from bson import CodecOptions, UuidRepresentation, decode_all
from bson.codec_options import DatetimeConversion

CODEC: CodecOptions[dict[str, Any]] = CodecOptions(
    # A UUID of the old subtype does not say whose byte order it has, so none is guessed here.
    uuid_representation=UuidRepresentation.UNSPECIFIED,
    # Dates that no calendar of ours has are told apart, not an error.
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)


def decode(batch: bytes) -> list[dict[str, Any]]:
    """Return the documents of a batch."""
    return decode_all(batch, CODEC)
