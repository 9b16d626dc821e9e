"""Folders of files on an SFTP server."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Self

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator

from connectors.base import Access, Check, CheckReport
from connectors.errors import ConfigError, MillraceError, TransientError
from connectors.files.formats import FORMATS, FormatSettings, suffixes_of
from connectors.files.keys import trusted_keys
from connectors.files.listing import expression
from connectors.files.locations import MAGIC, name_parts
from connectors.files.remote import Door, Session
from connectors.files.settings import FileSettings, GrowingReadOptions
from connectors.files.streams import File
from connectors.files.trees import TreeSource

# All that a check may take is five seconds.
CHECK_SECONDS = 2.0
HINTS = {
    "host_key": "Compare the fingerprint with what the server's owner says",
    "password": "Check username and password",
    "private_key": "Check username and private_key; its public half stands in authorized_keys",
    "path": "Check the path; it begins with / or lies in the user's folder",
}


class SftpSettings(FormatSettings):
    """Which server, who asks, by which key it is known, and what is read there."""

    host: str = Field(title="Host", min_length=1, max_length=255)
    port: int = Field(22, ge=1, le=65_535, title="Port")
    username: str = Field(
        title="User name", min_length=1, validation_alias=AliasChoices("username", "user")
    )
    password: SecretStr | None = Field(None, title="Password")
    private_key: SecretStr | None = Field(
        None, title="Private key", description="Ed25519, ECDSA or RSA, as PEM or OpenSSH text."
    )
    passphrase: SecretStr | None = Field(None, title="Passphrase of the private key")
    host_key: str | None = Field(
        None,
        title="Host key",
        max_length=65_536,
        description="The server's fingerprint (SHA256:…), its public key, or known_hosts lines. "
        "An unknown server is refused, and the connection test tells its fingerprint.",
        validation_alias=AliasChoices("host_key", "known_hosts", "fingerprint"),
    )
    path: str = Field(
        ".",
        title="Path",
        min_length=1,
        max_length=4096,
        description="A folder, a file, or a pattern such as in/*.csv. The folders right below it "
        "are the streams.",
        validation_alias=AliasChoices("path", "remote_path", "root"),
    )
    timeout: float = Field(
        30, gt=0, le=600, title="Time-out in seconds", description="Of each step, not of a file."
    )
    max_download_mb: int = Field(
        20_000,
        ge=1,
        title="Largest download in MB",
        description="Of one run of a stream; files are kept on disk until it ends.",
    )

    def reach(self) -> dict[str, Any]:
        """Return the server, and by what it is known."""
        return {"host": self.host, "port": self.port, "host_key": self.host_key}

    @model_validator(mode="before")
    @classmethod
    def _know_the_format_by_the_path(cls, said: Any) -> Any:
        """Take the format from a path that ends in one, as other platforms' tasks leave it out."""
        if not isinstance(said, Mapping) or {"format", "file_format", "file_type"} & said.keys():
            return said
        path = next((said[name] for name in ("path", "remote_path", "root") if name in said), "")
        suffix = name_parts(PurePosixPath(str(path)).name)[1]
        found = next((kind for kind in FORMATS if suffix in suffixes_of(kind)), None)
        return said if found is None else {**said, "format": found}

    @field_validator("host_key")
    @classmethod
    def _require_keys(cls, text: str | None) -> str | None:
        if text is not None:
            trusted_keys(text)
        return text or None

    @field_validator("path")
    @classmethod
    def _require_an_open_path(cls, path: str) -> str:
        pieces = PurePosixPath(path).parts
        if any(ord(character) < 32 for character in path):
            raise ValueError("a path holds no control characters")
        if any(piece.startswith(".") for piece in pieces):
            raise ValueError("names that begin with a dot are closed")
        return path

    @model_validator(mode="after")
    def _require_one_proof(self) -> Self:
        if (self.password is None) == (self.private_key is None):
            raise ValueError("give either `password` or `private_key`")
        return self


class Sftp(TreeSource):
    """Streams of files on a server."""

    name = "sftp"
    label = "SFTP"
    description = "Folders of CSV, JSON, Parquet or Excel files on an SFTP server."
    aliases = ("sftp-extractor",)
    Settings = SftpSettings
    ReadOptions = GrowingReadOptions
    example = {
        "host": "${sftp_host}",
        "port": "${sftp_port}",
        "username": "${sftp_username}",
        "private_key": "${sftp_private_key}",
        "host_key": "${sftp_host_key}",
        "path": "${sftp_folder}",
        "format": "csv",
    }

    def __init__(self, settings: SftpSettings, access: Access) -> None:
        """Keep the settings; connect later."""
        super().__init__(settings, access)
        self.reach = settings
        self.session = self._session(settings.timeout)
        self._brought = 0

    def place(self) -> FileSettings:
        """Return settings for files that were brought to this machine."""
        return FileSettings.model_validate({"path": "."})

    def shown(self) -> str:
        """Return where the files are, fit for messages."""
        path = self.reach.path if self.reach.path.startswith("/") else f"/~/{self.reach.path}"
        return f"sftp://{self.reach.host}:{self.reach.port}{path}"

    def check(self) -> CheckReport:
        """Test whether the server is there and known, lets us in, and has the path."""
        session = self._session(min(CHECK_SECONDS, self.reach.timeout))
        root, _ = self._root()
        try:
            what = session.look(root)
        except MillraceError as error:
            hint = HINTS.get(
                error.field or "", "Check host and port, and whether a firewall is between"
            )
            return CheckReport((Check("server", passed=False, message=str(error), hint=hint),))
        finally:
            session.close()
        return CheckReport((Check("server", passed=True, message=f"{self.shown()} is {what}"),))

    def listed(self) -> Mapping[str, File]:
        """Return the files below the path, or those that its pattern means."""
        root, pattern = self._root()
        wanted = None if pattern is None else re.compile(expression(pattern))
        found: dict[str, File] = {}
        for entry in self.session.files(root):
            path = entry.path or PurePosixPath(root).name
            if not entry.size or (wanted is not None and not wanted.fullmatch(entry.path)):
                continue
            remote = f"{root.rstrip('/')}/{entry.path}" if entry.path else root
            shown = f"sftp://{self.reach.host}/{remote.lstrip('/')}"
            packed = name_parts(PurePosixPath(remote).name)[2]
            found[path] = File("", shown, entry.size, packed, None, remote, entry.modified)
        return found

    def fetched(self, files: Sequence[File]) -> list[File]:
        """Bring files to this machine, if there is room for all of them."""
        total = sum(file.size for file in files)
        self._demand_room(total)
        self._brought += total
        return [self._fetched(file) for file in files]

    def interrupt(self) -> None:
        """End the connection, and with it whatever is under way."""
        super().interrupt()
        self.session.close()

    def close(self) -> None:
        """End the connection and remove what was brought here."""
        self.session.close()
        super().close()

    def _fetched(self, file: File) -> File:
        name = PurePosixPath(file.key).name
        path = self.inner.scratch.fresh(name_parts(name)[1])
        self.session.download(file.key, path, file.size)
        return replace(file, url=str(path))

    def _demand_room(self, total: int) -> None:
        limit = self.reach.max_download_mb << 20
        if self._brought + total > limit:
            raise ConfigError(
                f"{total:,} bytes are to be downloaded, and max_download_mb lets {limit:,}; raise "
                "it, choose a deeper path, or read on from the last load with a cursor",
                field="max_download_mb",
            )
        free = shutil.disk_usage(self.inner.scratch.folder).free
        if total > free:
            raise TransientError(
                f"The disk is full: {total:,} bytes are to be downloaded and {free:,} are free; "
                "free some space; the run is tried again"
            )

    def _root(self) -> tuple[str, str | None]:
        """Return the folder that is listed, and the pattern of paths below it."""
        pieces = PurePosixPath(self.reach.path).parts
        first = next((n for n, piece in enumerate(pieces) if MAGIC.search(piece)), None)
        if first is None:
            return str(PurePosixPath(self.reach.path)), None
        return str(PurePosixPath(*pieces[:first])), "/".join(pieces[first:])

    def _session(self, seconds: float) -> Session:
        secrets = {
            name: None if secret is None else secret.get_secret_value()
            for name in ("password", "private_key", "passphrase")
            for secret in [getattr(self.reach, name)]
        }
        door = Door(
            host=self.reach.host,
            port=self.reach.port,
            username=self.reach.username,
            trusted=trusted_keys(self.reach.host_key or ""),
            seconds=seconds,
            **secrets,
        )
        return Session(door, self.stopping.is_set)
