"""Staged files that take the old rows in, or another form, right before the commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from connectors.errors import DataError
from connectors.files.streams import File, chunks_of, opened

if TYPE_CHECKING:
    from connectors.files.destination import Stage


def join_bytes(stage: "Stage") -> None:
    """Let the staged file be the old file's bytes and then its own.

    Packed files are joined as they are: gzip and zstd read one frame after the other.
    """
    assert stage.extended is not None
    with _replacing(stage) as (new, target):
        last = b"\n"
        for chunk in _bytes_of(replace(stage.extended, compression=None)):
            target.write(chunk)
            last = chunk[-1:]
        if stage.aim.packed is None and last != b"\n":
            target.write(b"\n")
        for chunk in _bytes_of(replace(new, compression=None)):
            target.write(chunk)


def into_array(stage: "Stage") -> None:
    """Let the staged lines be an array, after the elements of the old file if there is one."""
    with _replacing(stage) as (new, raw), packing(raw, stage.aim.packed) as target:
        last = b"["
        for piece in _opening(stage.extended):
            target.write(piece)
            last = piece.rstrip()[-1:] or last
        separator = b"\n" if last == b"[" else b",\n"
        for chunk in _bytes_of(new):
            target.write(separator)
            body = chunk.removesuffix(b"\n")
            # The break after the last line becomes no comma, so it waits for what follows.
            separator = b",\n" if len(body) < len(chunk) else b""
            target.write(body.replace(b"\n", b",\n"))
        target.write(b"\n]\n")


def _opening(old: File | None) -> Iterator[bytes]:
    """Yield an array without the bracket that closes it."""
    if old is None:
        yield b"["
        return
    held = b""
    for chunk in _bytes_of(old):
        text = held + chunk
        body = text.rstrip().removesuffix(b"]").rstrip()
        held = text[len(body) :]
        yield body
    if held.strip() != b"]":
        raise DataError(f"{old.shown} does not end as an array does, so nothing can be appended")


def _bytes_of(file: File) -> Iterator[bytes]:
    with opened(file) as stream:
        yield from chunks_of(stream)


@contextmanager
def _replacing(stage: "Stage") -> Iterator[tuple[File, IO[bytes]]]:
    """Give the staged file to read and a new one to write, which then is the staged file."""
    keeper = stage.aim.keeper
    new = keeper.file(stage.file)
    assert new is not None
    folder, _, name = stage.file.rpartition("/")
    keeper.make(f"{folder}/joined")
    fresh = f"{folder}/joined/{name}"
    with keeper.writer(fresh) as target:
        yield new, target
    stage.file = fresh


@contextmanager
def packing(target: IO[bytes], packed: str | None) -> Iterator[IO[bytes]]:
    """Give a stream whose bytes arrive packed."""
    if packed is None:
        yield target
        return
    import pyarrow as pa

    with pa.CompressedOutputStream(pa.PythonFile(target, mode="w"), packed) as stream:
        yield stream
