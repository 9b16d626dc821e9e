"""Where an S3-compatible store is: what OBJECT_STORE_URL and Amazon's own variables say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
FORM = "s3://bucket or s3://key:secret@bucket?endpoint=https://s3.example.org&region=eu-central-1"
OPTIONS = ("endpoint", "region")


@dataclass(frozen=True)
class Address:
    """A bucket of an S3-compatible store, and how to get in; `repr` keeps the keys to itself."""

    bucket: str
    key_id: str
    secret: str
    region: str = "us-east-1"
    endpoint: str | None = None
    """The store's URL for the servers; None means Amazon's."""
    public: str | None = None
    """The store's URL for browsers, where it has another name for them."""

    def __repr__(self) -> str:
        return f"Address({self.bucket!r}, endpoint={self.endpoint!r})"


def checked_bucket(setting: str, bucket: str) -> str:
    """Return the name of a bucket; ImproperlyConfigured if S3 would not have it."""
    if not BUCKET.fullmatch(bucket) or ".." in bucket:
        raise ImproperlyConfigured(
            f"{setting}: {bucket!r} is no name of a bucket: 3 to 63 small letters, digits, dots "
            "and hyphens."
        )
    return bucket


def checked(url: str, public: str, environment: Mapping[str, str]) -> Address | None:
    """Return where the store is, or None if there is no URL; ImproperlyConfigured if it is wrong.

    What the URL does not say is taken from AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and
    AWS_SECRET_ACCESS_KEY.
    """
    if not url:
        return None
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    place, _, bucket = parts.netloc.rpartition("@")
    key_id, _, secret = place.partition(":")
    if parts.scheme != "s3" or parts.path.strip("/") or not set(options) <= set(OPTIONS):
        # The URL itself may hold a secret.
        raise ImproperlyConfigured(f"OBJECT_STORE_URL must look like {FORM}.")
    found = Address(
        bucket=checked_bucket("OBJECT_STORE_URL", bucket),
        key_id=unquote(key_id) or environment.get("AWS_ACCESS_KEY_ID", ""),
        secret=unquote(secret) or environment.get("AWS_SECRET_ACCESS_KEY", ""),
        region=options.get("region")
        or environment.get("AWS_REGION")
        or environment.get("AWS_DEFAULT_REGION")
        or Address.region,
        endpoint=_origin("AWS_ENDPOINT_URL", options.get("endpoint", ""))
        or _origin("AWS_ENDPOINT_URL", environment.get("AWS_ENDPOINT_URL", "")),
        public=_origin("OBJECT_STORE_PUBLIC_URL", public),
    )
    if not (found.key_id and found.secret):
        raise ImproperlyConfigured(
            "OBJECT_STORE_URL needs keys: s3://key:secret@bucket, or AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY."
        )
    return found


def _origin(setting: str, url: str) -> str | None:
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or "@" in url:
        raise ImproperlyConfigured(f"{setting} must look like https://s3.example.org.")
    return url.rstrip("/")
