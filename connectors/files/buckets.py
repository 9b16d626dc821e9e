"""Written files in a bucket of an S3-compatible store."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any, cast

from connectors.files.keeping import Keeper
from connectors.files.objects import explain
from connectors.files.streams import File, Foreign, chunks_of, opened

if TYPE_CHECKING:
    from obstore.store import S3Store

# What a store copies in one call (5 GB at Amazon); more is streamed through.
COPY_BYTES = 5 * 10**9


class Bucket(Keeper):
    """A prefix of a bucket; what stands between a copy and a deletion is in the manifest."""

    def __init__(self, store: "S3Store", bucket: str, prefix: str) -> None:
        """Keep objects below `prefix`."""
        self._store = store
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    def url(self, name: str) -> str:
        """Return the object's URL."""
        return f"s3://{self._bucket}/{self._key(name)}"

    def file(self, name: str) -> File | None:
        """Return the object, if there is one."""
        import obstore

        try:
            found = obstore.head(self._store, self._key(name))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise explain(error, self.url(name)) from error
        return File(self.url(name), self.url(name), found["size"], None, self._store, found["path"])

    def children(self, folder: str) -> list[str]:
        """Return the objects right below a prefix."""
        below = self._listed(folder)["objects"]
        return sorted(str(item["path"]).rpartition("/")[2] for item in below)

    def below(self, folder: str) -> list[str]:
        """Return the next names that a prefix has."""
        return sorted(
            str(name).rpartition("/")[2] for name in self._listed(folder)["common_prefixes"]
        )

    def make(self, folder: str) -> None:
        """Do nothing: a bucket has no folders."""

    def move(self, old: str, new: str) -> None:
        """Copy, then delete."""
        import obstore

        found = self.file(old)
        if found is None:
            return
        try:
            if found.size > COPY_BYTES:
                self._stream(found, new)
            else:
                obstore.copy(self._store, self._key(old), self._key(new))
        except FileNotFoundError:
            return
        except Exception as error:
            raise explain(error, self.url(new)) from error
        self.remove([old])

    def remove(self, names: Sequence[str]) -> None:
        """Delete objects."""
        import obstore

        if names:
            try:
                obstore.delete(self._store, [self._key(name) for name in names])
            except FileNotFoundError:
                return
            except Exception as error:
                raise explain(error, self.url(names[0])) from error

    def clear(self, folder: str) -> None:
        """Delete all objects below a prefix."""
        import obstore

        pages = obstore.list(self._store, self._key(folder))
        found = [str(item["path"]).removeprefix(self._prefix) for page in pages for item in page]
        self.remove(found)

    def settle(self, names: Sequence[str]) -> None:
        """Do nothing: a store answers when it has kept an object."""

    @contextlib.contextmanager
    def writer(self, name: str) -> Iterator[IO[bytes]]:
        """Open an upload that becomes an object when it is closed."""
        import obstore

        with obstore.open_writer(self._store, self._key(name)) as stream:
            yield cast("IO[bytes]", Foreign(write=stream.write))

    def load(self, name: str) -> tuple[bytes | None, str]:
        """Read an object; its tag is the store's."""
        import obstore

        try:
            found = obstore.get(self._store, self._key(name))
        except FileNotFoundError:
            return None, ""
        except Exception as error:
            raise explain(error, self.url(name)) from error
        return bytes(found.bytes()), str(found.meta["e_tag"])

    def swap(self, name: str, content: bytes, tag: str) -> bool:
        """Put on condition, which the store judges."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        mode: Any = {"e_tag": tag} if tag else "create"
        try:
            obstore.put(self._store, self._key(name), content, mode=mode)
        except (AlreadyExistsError, PreconditionError, FileNotFoundError):
            return False
        except Exception as error:
            raise explain(error, self.url(name)) from error
        return True

    def _key(self, name: str) -> str:
        return self._prefix + name

    def _listed(self, folder: str) -> Any:
        import obstore

        try:
            return obstore.list_with_delimiter(
                self._store, f"{self._key(folder).rstrip('/')}/".lstrip("/")
            )
        except Exception as error:
            raise explain(error, self.url(folder)) from error

    def _stream(self, found: File, new: str) -> None:
        with opened(found) as stream, self.writer(new) as target:
            for chunk in chunks_of(stream):
                target.write(chunk)
