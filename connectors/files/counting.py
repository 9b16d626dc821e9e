"""Counting what a text file holds, chunk by chunk, without reading it into memory."""

from collections.abc import Iterator
from typing import IO

from connectors.files.streams import chunks_of


def count_outside(stream: IO[bytes], wanted: bytes, quote: bytes | None) -> int:
    """Count a byte outside of quoted fields, in a text whose quotes come in pairs."""
    total = 0
    for piece in _outside(stream, quote):
        total += piece.count(wanted)
    return total


def count_lines(stream: IO[bytes], quote: bytes | None = None) -> int:
    """Count lines outside of quoted fields; a last line without an end counts too."""
    total, last = 0, b"\n"
    for piece in _outside(stream, quote):
        total += piece.count(b"\n")
        last = piece[-1:] or last
    return total + (last != b"\n")


def _outside(stream: IO[bytes], quote: bytes | None) -> Iterator[bytes]:
    """Yield the text with all quoted parts cut out; a doubled quote closes and opens again."""
    inside = False
    for chunk in chunks_of(stream):
        if quote is None or quote not in chunk:
            if not inside:
                yield chunk
            continue
        pieces = chunk.split(quote)
        yield b"".join(pieces[1 if inside else 0 :: 2])
        inside ^= len(pieces) % 2 == 0
