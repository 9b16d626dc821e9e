"""An S3-compatible store: it keeps the objects, and verifies the URLs that we sign for it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from config.objects.addresses import Address
from config.objects.contracts import MOST_PARTS, Head, Multipart, ObjectsError
from config.objects.embedded import checked_seconds, disposition
from config.objects.multipart import GONE, named
from config.objects.names import checked_key

CONNECT_SECONDS = 5
READ_SECONDS = 60
# Somebody waits for the answer that the store works.
PROBE_SECONDS = 2
# S3 deletes no more at once.
MOST_DELETED = 1000
MISSING = frozenset({"404", "NoSuchKey", "NoSuchUpload", "NotFound"})


class S3Store:
    """Keeps each object under its key in one bucket."""

    root: Path | None = None

    def __init__(self, address: Address) -> None:
        """Keep where the store is; nothing is asked of it yet."""
        self.bucket = address.bucket
        self.endpoint = address.endpoint
        self._address = address

    def upload_url(self, key: str, *, seconds: int, base: str, max_bytes: int | None = None) -> str:
        """Return a URL that takes the object by PUT; S3's cannot say how much at most."""
        return self._signed("put_object", seconds, Key=checked_key(key))

    def begin_multipart(self, key: str, *, parts: int, seconds: int, base: str) -> Multipart:
        """Begin an upload of so many parts; S3 wants 5 MB at least of each but the last."""
        if not 1 <= parts <= MOST_PARTS:
            raise ObjectsError(f"An upload has 1 to {MOST_PARTS} parts, not {parts}.")
        checked_seconds(seconds)
        with self._asking():
            begun = self._client.create_multipart_upload(Bucket=self.bucket, Key=checked_key(key))
        known = begun["UploadId"]
        urls = (
            self._signed("upload_part", seconds, Key=key, UploadId=known, PartNumber=number)
            for number in range(1, parts + 1)
        )
        # The store does not know how many there shall be.
        return Multipart(f"{parts}-{known}", tuple(urls))

    def complete_multipart(self, key: str, upload_id: str) -> None:
        """Join the parts in order; ObjectsError names those that are missing."""
        parts, known = _split(upload_id)
        with self._asking(missing=GONE):
            there = {
                part["PartNumber"]: part["ETag"]
                for page in self._pages("list_parts", Key=key, UploadId=known)
                for part in page.get("Parts", [])
            }
            numbers = range(1, parts + 1)
            if missing := [number for number in numbers if number not in there]:
                raise ObjectsError(f"Parts are missing: {named(missing)} (of {parts}).")
            found = [{"PartNumber": number, "ETag": there[number]} for number in numbers]
            self._client.complete_multipart_upload(
                Bucket=self.bucket, Key=key, UploadId=known, MultipartUpload={"Parts": found}
            )

    def abort_multipart(self, key: str, upload_id: str) -> None:
        """Forget an upload and its parts."""
        self._abort(key, _split(upload_id)[1])

    def download_url(self, key: str, *, seconds: int, base: str, file_name: str) -> str:
        """Return a URL that a browser saves under this name."""
        saved = disposition(file_name)
        return self._signed(
            "get_object", seconds, Key=checked_key(key), ResponseContentDisposition=saved
        )

    def head(self, key: str) -> Head | None:
        """Return what is known of an object; None if there is none."""
        from botocore.exceptions import ClientError

        with self._asking():
            try:
                found = self._client.head_object(Bucket=self.bucket, Key=checked_key(key))
            except ClientError as error:
                if _code(error) in MISSING:
                    return None
                raise
        tag = found["ETag"].strip('"')
        return Head(key, found["ContentLength"], tag, found["LastModified"])

    def listed(self, prefix: str) -> Iterator[Head]:
        """Yield the objects whose keys begin with the prefix, by key."""
        with self._asking():
            for page in self._pages("list_objects_v2", Prefix=prefix):
                for entry in page.get("Contents", []):
                    tag = entry["ETag"].strip('"')
                    yield Head(entry["Key"], entry["Size"], tag, entry["LastModified"])

    def delete(self, prefix: str) -> None:
        """Delete every object whose key begins with the prefix, and open uploads of such keys."""
        if not prefix:
            raise ObjectsError("Name what to delete: an empty prefix is everything.")
        with self._asking():
            for page in self._pages("list_multipart_uploads", Prefix=prefix):
                for upload in page.get("Uploads", []):
                    self._abort(upload["Key"], upload["UploadId"])
        keys = [found.key for found in self.listed(prefix)]
        for first in range(0, len(keys), MOST_DELETED):
            self._delete_some(keys[first : first + MOST_DELETED])

    def put(self, key: str, path: Path) -> None:
        """Store a file of this machine under a key, in parts if it is large."""
        with self._asking():
            self._client.upload_file(str(path), self.bucket, checked_key(key))

    def fetch(self, key: str, path: Path) -> None:
        """Bring an object into a file of this machine."""
        with self._asking(missing=f"There is no object {key!r} (any more)."):
            self._client.download_file(self.bucket, checked_key(key), str(path))

    def location(self, key: str) -> Mapping[str, Any]:
        """Return where an object lies as settings of a file connector; they hold the keys."""
        return {
            "path": f"s3://{self.bucket}/{checked_key(key)}",
            "endpoint_url": self.endpoint,
            "region": self._address.region,
            "access_key_id": self._address.key_id,
            "secret_access_key": self._address.secret,
        }

    def check(self) -> None:
        """Return if the bucket is there and lets us in."""
        with self._asking(missing=f"There is no bucket {self.bucket!r} in the object store."):
            self._prober.head_bucket(Bucket=self.bucket)

    def ensure_bucket(self) -> bool:
        """Make the bucket and return True, unless it is there."""
        from botocore.exceptions import ClientError

        with self._asking():
            try:
                self._client.head_bucket(Bucket=self.bucket)
            except ClientError as error:
                if _code(error) not in MISSING:
                    raise
                region = self._address.region
                # The first of Amazon's regions may not be named.
                place = {} if region == Address.region else {"LocationConstraint": region}
                extra = {"CreateBucketConfiguration": place} if place else {}
                self._client.create_bucket(Bucket=self.bucket, **extra)
                return True
        return False

    def _delete_some(self, keys: list[str]) -> None:
        with self._asking():
            answer = self._client.delete_objects(
                Bucket=self.bucket,
                Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True},
            )
        if errors := answer.get("Errors"):
            raise ObjectsError(f"The object store did not delete {len(errors)} objects.")

    def _abort(self, key: str, known: str) -> None:
        from botocore.exceptions import ClientError

        with self._asking():
            try:
                self._client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=known)
            except ClientError as error:
                if _code(error) not in MISSING:
                    raise

    def _pages(self, operation: str, **arguments: Any) -> Iterator[Any]:
        paginator = self._client.get_paginator(operation)
        return iter(paginator.paginate(Bucket=self.bucket, **arguments))

    def _signed(self, operation: str, seconds: int, **arguments: Any) -> str:
        """Return a URL for those who reach the store from outside."""
        url: str = self._signer.generate_presigned_url(
            operation,
            Params={"Bucket": self.bucket, **arguments},
            ExpiresIn=checked_seconds(seconds),
        )
        return url

    @contextmanager
    def _asking(self, *, missing: str = "") -> Iterator[None]:
        """Say in our words what the store answers; the driver's hold addresses."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            code = _code(error)
            if missing and code in MISSING:
                raise ObjectsError(missing) from error
            raise ObjectsError(f"The object store refused: {code}.") from error
        except (Boto3Error, BotoCoreError) as error:
            raise ObjectsError("The object store does not answer.") from error

    @cached_property
    def _client(self) -> Any:
        return self._made(self._address.endpoint)

    @cached_property
    def _signer(self) -> Any:
        return self._made(self._address.public or self._address.endpoint)

    @cached_property
    def _prober(self) -> Any:
        return self._made(self._address.endpoint, attempts=1, seconds=PROBE_SECONDS)

    def _made(
        self, endpoint: str | None, *, attempts: int = 3, seconds: float = READ_SECONDS
    ) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(
            signature_version="s3v4",
            connect_timeout=min(seconds, CONNECT_SECONDS),
            read_timeout=seconds,
            retries={"mode": "standard", "total_max_attempts": attempts},
            s3={"addressing_style": "path" if endpoint else "virtual"},
            # Not every store knows the newer sums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return boto3.Session().client(
            "s3",
            endpoint_url=endpoint,
            region_name=self._address.region,
            aws_access_key_id=self._address.key_id,
            aws_secret_access_key=self._address.secret,
            config=config,
        )


def _split(upload_id: str) -> tuple[int, str]:
    parts, dash, known = upload_id.partition("-")
    if not (dash and parts.isascii() and parts.isdecimal()):
        raise ObjectsError(GONE)
    return int(parts), known


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
