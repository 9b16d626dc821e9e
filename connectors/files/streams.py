"""The bytes of a file, unpacked, as a stream; and files that are rewritten on their way in."""

import codecs
import io
import os
import shutil
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from connectors.errors import Cancelled, ConfigError, DataError

if TYPE_CHECKING:
    from obstore.store import S3Store

CHUNK_BYTES = 1 << 20
HEAD_BYTES = 1 << 16
# What unpacks to more than both is a bomb (docs/decisions/0114).
HARMLESS_BYTES = 1 << 30
LARGEST_RATIO = 200
# What Polars and Arrow unpack by themselves while they read.
NATIVE = (None, "gzip", "zstd")
PACKED_SUFFIXES = (".gz", ".gzip", ".zst", ".bz2", ".zip", ".7z", ".xz", ".rar")


@dataclass(frozen=True)
class File:
    """One file to read: `url` as Polars takes it, its size as stored, and where messages see it."""

    url: str
    shown: str
    size: int
    compression: str | None = None
    store: "S3Store | None" = None
    key: str = ""
    # When it last changed, and what tells this very content from others where that is known.
    modified: datetime | None = None
    tag: str = ""

    @property
    def storage_name(self) -> str:
        """Return the file's own name, without folders."""
        return self.shown.rpartition("/")[2]


class Foreign(io.RawIOBase):
    """A store's reader or writer with the manners of a Python file."""

    def __init__(
        self,
        read: Callable[[int], Any] | None = None,
        write: Callable[[bytes], Any] | None = None,
    ) -> None:
        """Read or write through one of the two."""
        super().__init__()
        self._read, self._write = read, write

    def readable(self) -> bool:
        """Whether this can be read."""
        return self._read is not None

    def writable(self) -> bool:
        """Whether this can be written."""
        return self._write is not None

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes."""
        assert self._read is not None
        return bytes(self._read(size))

    def write(self, content: Any) -> int:
        """Write all of the bytes."""
        assert self._write is not None
        self._write(bytes(content))
        return len(content)


@contextmanager
def opened(file: File) -> "Iterator[IO[bytes]]":
    """Open a file's unpacked bytes, wherever it lies, as something with `read(size)`."""
    import pyarrow as pa

    source: Any = file.url
    if file.store is not None:
        import obstore

        reader = obstore.open_reader(file.store, file.key)
        source = pa.PythonFile(Foreign(reader.read), mode="r")
    packed = None if file.compression == "zip" else file.compression
    try:
        with pa.input_stream(source, compression=packed) as stream:
            yield stream if packed is None else pa.PythonFile(Foreign(_limited(stream, file)), "r")
    except (OSError, EOFError) as error:
        if isinstance(error, FileNotFoundError | PermissionError) or packed is None:
            raise
        raise DataError(f"{file.shown} is not a sound {packed} file: {error}") from None


def _limited(stream: IO[bytes], file: File) -> Callable[[int], bytes]:
    """Return what reads a packed stream, and a DataError where it unpacks to far too much."""
    unpacked = 0

    def read(size: int) -> bytes:
        nonlocal unpacked
        chunk = stream.read(size)
        unpacked += len(chunk)
        if unpacked > max(HARMLESS_BYTES, LARGEST_RATIO * file.size):
            raise DataError(
                f"{file.shown} unpacks to more than {LARGEST_RATIO} times its {file.size:,} bytes, as "
                "only files do that are made to fill disks; unpack it yourself if it is sound"
            )
        return chunk

    return read


class Scratch:
    """A folder for files that are unpacked or translated before they are read."""

    def __init__(self, folder: Path, stopping: threading.Event) -> None:
        """Make the folder inside of `folder` when it is first needed."""
        self._parent = folder
        self.stopping = stopping
        self._own: Path | None = None

    @property
    def folder(self) -> Path:
        """Return the folder, made on first use."""
        if self._own is None:
            self._parent.mkdir(parents=True, exist_ok=True)
            self._own = Path(tempfile.mkdtemp(prefix="files-", dir=self._parent))
        return self._own

    def named(self, name: str) -> Path:
        """Return a path in the folder, for a file that somebody else writes."""
        return self.folder / name

    def fresh(self, suffix: str) -> Path:
        """Return an empty new file in the folder, whose name ends so."""
        handle, path = tempfile.mkstemp(suffix=suffix, dir=self.folder)
        os.close(handle)
        return Path(path)

    def close(self) -> None:
        """Remove everything."""
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    def keep(self, file: File, chunks: Iterator[bytes]) -> File:
        """Write chunks into a new file that stands for `file` from here on."""
        handle, path = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(handle, "wb") as target:
            for chunk in chunks:
                if self.stopping.is_set():
                    raise Cancelled("Reading was stopped")
                target.write(chunk)
        return replace(file, url=path, compression=None, store=None)

    def rewritten(self, file: File, rewrite: Callable[[IO[bytes]], Iterator[bytes]]) -> File:
        """Stream a file through `rewrite` into the folder."""
        with opened(file) as stream:
            return self.keep(file, rewrite(stream))

    def unpacked(self, file: File) -> File:
        """Unpack what Polars cannot: bz2, and a zip archive with one file in it."""
        if file.compression in NATIVE:
            return file
        if file.compression == "bz2":
            return self.rewritten(file, chunks_of)
        local = file if file.store is None else self.rewritten(file, chunks_of)
        try:
            with zipfile.ZipFile(local.url) as archive:
                member = self._member(archive, file)
                with archive.open(member) as stream:
                    packed = replace(file, size=member.compress_size)
                    read = _limited(stream, packed)
                    return self.keep(file, iter(lambda: read(CHUNK_BYTES), b""))
        # zipfile raises the latter three for broken bytes, a packing that it lacks, a locked archive.
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise DataError(f"{file.shown} is not a zip archive that opens: {error}") from None

    def _member(self, archive: zipfile.ZipFile, file: File) -> zipfile.ZipInfo:
        """Return the one file of an archive; refuse what is packed twice or finds no room."""
        members = [item for item in archive.infolist() if not item.is_dir()]
        if len(members) != 1:
            names = ", ".join(item.filename for item in members[:5]) + ", …" * (len(members) > 5)
            raise ConfigError(
                f"{file.shown} holds {len(members)} files; a zip archive that is read holds "
                f"exactly one{f'. There are: {names}' if names else ''}",
                field="path",
            )
        (member,) = members
        if member.filename.lower().endswith(PACKED_SUFFIXES):
            raise DataError(
                f"{file.shown} holds {member.filename}, which is packed itself; unpack it once first"
            )
        if member.file_size > shutil.disk_usage(self.folder).free:
            raise DataError(
                f"{file.shown} unpacks to {member.file_size:,} bytes, and there is no room for that"
            )
        return member


def beginning(file: File) -> tuple[bytes, int]:
    """Return the first unpacked bytes of a file, and about how many it has unpacked in all."""
    with opened(file) as stream:
        head: bytes = stream.read(CHUNK_BYTES)
    if file.compression is None or not head:
        return head, file.size
    packed = replace(file, compression=None)
    with opened(packed) as stream:
        first = stream.read(HEAD_BYTES)
    return head, round(file.size * _unpacked_size(first, file.compression) / max(len(first), 1))


def _unpacked_size(first: bytes, compression: str) -> int:
    """Return how many bytes the beginning of a packed file holds."""
    import pyarrow as pa

    size = 0
    try:
        with pa.input_stream(pa.py_buffer(first), compression=compression) as stream:
            while piece := stream.read(1 << 14):
                size += len(piece)
    except OSError:  # it is only the beginning
        pass
    return size


def chunks_of(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield a stream's bytes in chunks of one megabyte."""
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def to_utf8(
    encoding: str, name: str, *, is_strict: bool = True
) -> Callable[[IO[bytes]], Iterator[bytes]]:
    """Return what translates a stream from `encoding`; a byte outside of it is a DataError.

    When it is not strict, such bytes become one that no UTF-8 has, so that a reader finds them.
    """

    def translate(stream: IO[bytes]) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(encoding)("strict" if is_strict else MARKED)
        read = 0
        try:
            for chunk in chunks_of(stream):
                yield decoder.decode(chunk).encode(errors="surrogateescape")
                read += len(chunk)
            yield decoder.decode(b"", final=True).encode(errors="surrogateescape")
        except UnicodeError as error:
            raise DataError(
                f"{name} is not {encoding} near byte {read}: {error}; set `encoding`"
            ) from None

    return translate


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for bytes that cannot be decoded: the surrogate of byte 0xff."""
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff", error.end


MARKED = "millrace.marked"
codecs.register_error(MARKED, _mark)
