"""Uploaded files and results: kept on the platform's own disk, or in an S3-compatible store.

Whoever asks gets a URL, signed as S3 does it (SigV4), with which a browser sends or fetches one
object for a while. The embedded store's URLs lead to `/objects/…`, which `serving` answers.
"""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from config.objects.addresses import Address
from config.objects.contracts import Head, Multipart, ObjectsError, ObjectStore
from config.objects.credentials import all_derived
from config.objects.embedded import EmbeddedStore
from config.objects.s3 import S3Store

__all__ = [
    "Head",
    "Multipart",
    "ObjectStore",
    "ObjectsError",
    "embedded_store",
    "object_store",
]


def object_store() -> ObjectStore:
    """Return the store that the settings name; it is made once per process."""
    return _s3(settings.OBJECT_STORE) if settings.OBJECT_STORE else _embedded_by_settings()


def embedded_store() -> EmbeddedStore | None:
    """Return the store whose URLs this server answers; None where a system of its own does."""
    return None if settings.OBJECT_STORE else _embedded_by_settings()


def _embedded_by_settings() -> EmbeddedStore:
    return _embedded(
        settings.DATA_DIR / "objects",
        settings.OBJECT_BUCKET,
        settings.OBJECT_MAX_BYTES,
        (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS),
    )


# By what they are made of, so that a test may change the settings.
@lru_cache(maxsize=4)
def _s3(address: Address) -> S3Store:
    return S3Store(address)


@lru_cache(maxsize=4)
def _embedded(
    folder: Path, bucket: str, most_bytes: int, secret_keys: tuple[str, ...]
) -> EmbeddedStore:
    keys = all_derived(secret_keys)
    return EmbeddedStore(folder, bucket=bucket, keys=keys, most_bytes=most_bytes)
