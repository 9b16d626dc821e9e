"""Olake's way to say where files are written: everything lies under `writer`."""

from typing import Any

from pydantic import AliasChoices, AliasPath, Field, SecretStr, model_validator

from connectors.files.settings import FileSettings

# What Olake calls our fields, inside of `writer`.
_NAMES = {
    "s3_region": "region",
    "s3_endpoint": "endpoint_url",
    "s3_access_key": "access_key_id",
    "s3_secret_key": "secret_access_key",
}
_PLACES = ("local_path", "s3_bucket", "s3_path")
# These change how files are cut, and no row.
HARMLESS = ("max_file_size_mb",)


class WrappedFileSettings(FileSettings):
    """Where files lie, in our words or as `{"writer": {"s3_bucket": …}}`."""

    secret_access_key: SecretStr | None = Field(
        None,
        title="S3 secret key",
        validation_alias=AliasChoices("secret_access_key", AliasPath("writer", "s3_secret_key")),
    )

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, values: Any) -> Any:
        writer = values.get("writer") if isinstance(values, dict) else None
        if writer is None:
            return values
        if not isinstance(writer, dict):
            raise ValueError("`writer` must be an object")  # noqa: TRY004 -- pydantic hears this
        known = {*_NAMES, *_PLACES, *HARMLESS}
        if unknown := [name for name in writer if name not in known]:
            raise ValueError(f"`writer.{unknown[0]}` means nothing here; known: {sorted(known)}")
        others = {name: value for name, value in values.items() if name not in ("writer", "type")}
        said = {_NAMES[name]: value or None for name, value in writer.items() if name in _NAMES}
        return {**said, "path": _place(writer), **others}


def _place(writer: dict[str, Any]) -> str:
    """Return the path that a writer names: a folder, or a bucket and what lies in it."""
    local, bucket = writer.get("local_path"), writer.get("s3_bucket")
    if bool(local) == bool(bucket):
        raise ValueError("`writer` needs either `s3_bucket`, with `s3_path`, or `local_path`")
    if local:
        return str(local)
    return f"s3://{bucket}/{str(writer.get('s3_path') or '').strip('/')}".rstrip("/") + "/"
