"""Access to an S3-compatible store: for Polars, and for listing, copying and deleting."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from connectors.base import Access
from connectors.errors import ConfigError, MillraceError, TransientError
from connectors.files.settings import FileSettings
from connectors.http.networks import resolve, vet_url

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

DEFAULT_REGION = "us-east-1"


def storage_options(settings: FileSettings) -> dict[str, Any]:
    """Return the options with which Polars reaches the store; they hold secrets."""
    options: dict[str, Any] = {"aws_region": settings.region or DEFAULT_REGION}
    if settings.endpoint_url:
        options["aws_endpoint_url"] = settings.endpoint_url
        options["aws_virtual_hosted_style_request"] = "false"
        options["aws_allow_http"] = str(settings.endpoint_url.startswith("http://")).lower()
    if settings.access_key_id and settings.secret_access_key:
        options["aws_access_key_id"] = settings.access_key_id
        options["aws_secret_access_key"] = settings.secret_access_key.get_secret_value()
    else:
        # What the machine itself may read is not what its users may read.
        options["aws_skip_signature"] = "true"
    return options


def open_store(
    settings: FileSettings, bucket: str, access: Access, *, seconds: float | None = None
) -> "S3Store":
    """Return a client of one bucket; with `seconds`, one that gives up after that long."""
    from obstore.store import S3Store

    _vet_endpoint(settings, access)
    limits: dict[str, Any] = {"client_options": {"allow_http": True}}
    if seconds is not None:
        limits["client_options"] |= {"connect_timeout": f"{seconds}s", "timeout": f"{seconds}s"}
        limits["retry_config"] = {
            "max_retries": 0,
            "retry_timeout": timedelta(seconds=seconds),
        }
    config = cast("S3Config", storage_options(settings))
    return S3Store(bucket, config=config, **limits)


def explain(error: BaseException, place: str) -> BaseException:
    """Say in our words what a store answered; other errors pass as they are."""
    text = str(error)
    kinds: tuple[tuple[tuple[str, ...], type[MillraceError], str], ...] = (
        (("NoSuchBucket",), ConfigError, "there is no such bucket"),
        (
            ("403 Forbidden", "AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId"),
            ConfigError,
            "the store refused the keys; check access_key_id, secret_access_key and region",
        ),
        (
            ("error sending request", "timed out", "503", "500 Internal", "429"),
            TransientError,
            "the store did not answer; check endpoint_url",
        ),
    )
    if not (type(error).__module__.startswith("obstore") or "object-store" in text):
        return error
    for signs, kind, meaning in kinds:
        if any(sign in text for sign in signs):
            return kind(f"{place}: {meaning}")
    return TransientError(f"{place}: the store answered: {text.splitlines()[0][:300]}")


def _vet_endpoint(settings: FileSettings, access: Access) -> None:
    """Let nobody look around in private networks through a store that is none."""
    if not settings.endpoint_url:
        return
    try:
        vet_url(settings.endpoint_url, access.networks)
        pieces = urlsplit(settings.endpoint_url)
        port = pieces.port or (443 if pieces.scheme == "https" else 80)
        resolve(pieces.hostname or "", port, access.networks, 5)
    except ConfigError as error:
        raise ConfigError(error.message, field="endpoint_url") from None
