"""One MongoDB server or replica set: opened for a while, and its errors in our words."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.documents.settings import MongoSettings
from connectors.errors import ConfigError, DataError, TransientError

if TYPE_CHECKING:
    from pymongo import MongoClient
    from pymongo.database import Database

    Client = MongoClient[dict[str, Any]]

APPLICATION = "millrace"
CONNECT_SECONDS = 4
# For commands that list and count.
ANSWER_SECONDS = 60
# What a server answers to a log-in that it does not know.
UNKNOWN_LOGIN = (18, 8000)
UNAUTHORIZED = 13
# Ended by somebody, out of time, a cursor that is gone, a member that steps down: the same call
# may work later.
PASSING = frozenset({6, 7, 43, 50, 64, 89, 91, 112, 133, 134, 175, 189, 237, 246, 262, 290})


class Server:
    """Opens clients for the settings; certificates are written under `scratch`."""

    def __init__(self, settings: MongoSettings, scratch: Path) -> None:
        """Keep what the driver is told."""
        self._settings = settings
        self._scratch = scratch
        self._files: list[Path] = []
        self.address = settings.address()
        # What ends the readings that were begun.
        self.enders: list[Callable[[], None]] = []

    def __str__(self) -> str:
        return ",".join(self.address.hosts)

    def open(self) -> "Client":
        """Return a client; it connects on the first call."""
        from pymongo import MongoClient

        with self.told():
            return MongoClient(**self._arguments())

    def database(self, client: "Client") -> "Database[dict[str, Any]]":
        """Return the database."""
        return client[self.address.database]

    def forget(self) -> None:
        """Remove the certificates."""
        for path in self._files:
            path.unlink(missing_ok=True)

    def interrupt(self) -> None:
        """End every reading."""
        for end in list(self.enders):
            end()

    @contextmanager
    def told(self, seconds: float | None = ANSWER_SECONDS) -> Iterator[None]:
        """Say in our words what the driver says, without the password; commands end in time."""
        import pymongo
        from bson.errors import InvalidBSON
        from pymongo import errors

        try:
            with pymongo.timeout(seconds):
                yield
        except errors.OperationFailure as error:
            raise self._refusal(error) from None
        except errors.ConnectionFailure as error:
            raise TransientError(f"{self} does not answer: {self._plain(error)}") from None
        except errors.ConfigurationError as error:
            raise ConfigError(self._plain(error), field="hosts") from None
        except InvalidBSON as error:
            raise DataError(
                f"A document is not sound ({self._plain(error)}); mend it, or leave its field out "
                "with `columns`"
            ) from None

    def _refusal(self, error: Any) -> ConfigError | TransientError:
        code, text = error.code or 0, self._plain(error)
        if code in UNKNOWN_LOGIN:
            return ConfigError(
                f"The server refused the log-in ({text}); check username, password and authdb",
                field="password",
            )
        if code == UNAUTHORIZED:
            return ConfigError(
                f"The server does not allow it ({text}); grant the user the role `read` on "
                f"{self.address.database!r}",
                field="username",
            )
        passes = code in PASSING or 10_000 <= code < 14_000
        return TransientError(f"The server answered: {text}") if passes else ConfigError(text)

    def _plain(self, error: Exception) -> str:
        text = str(error).split(", Timeout:")[0].split(", full error:")[0]
        text = re.sub(r" ?\(configured timeouts:[^)]*\)", "", text).strip()
        secret = self.address.password
        return text.replace(secret, "********") if secret else text

    def _arguments(self) -> dict[str, Any]:
        there, options = self.address, self.address.options
        scheme = "mongodb+srv" if there.srv else "mongodb"
        query = "&".join(f"{name}={value}" for name, value in there.parameters.items())
        said: dict[str, Any] = {
            "host": f"{scheme}://{','.join(there.hosts)}/" + (f"?{query}" if query else ""),
            "appname": APPLICATION,
            "serverSelectionTimeoutMS": CONNECT_SECONDS * 1000,
            "connectTimeoutMS": CONNECT_SECONDS * 1000,
            "readPreference": options["read_preference"],
            **self._tls(),
        }
        if there.username:
            said |= {"username": there.username, "authSource": options.get("authdb", "admin")}
        if there.password:
            said["password"] = there.password
        if "replica_set" in options:
            said["replicaSet"] = options["replica_set"]
        return said

    def _tls(self) -> Mapping[str, Any]:
        mode = self._settings.mode()
        if mode == "disable":
            return {"tls": False}
        said: dict[str, Any] = {"tls": True}
        if mode == "require":
            said["tlsAllowInvalidCertificates"] = True
        if mode == "verify-ca":
            said["tlsAllowInvalidHostnames"] = True
        if self._settings.ssl_root is not None:
            said["tlsCAFile"] = self._file("root", self._settings.ssl_root.get_secret_value())
        own = [self._settings.ssl_certificate, self._settings.ssl_key]
        texts = [text.get_secret_value() for text in own if text is not None]
        if texts:
            # One file with both, as the driver wants it.
            said["tlsCertificateKeyFile"] = self._file("own", "\n".join(texts))
        return said

    def _file(self, name: str, text: str) -> str:
        path = self._scratch / f"mongodb-{name}-{id(self):x}.pem"
        path.touch(mode=0o600)
        path.write_text(text)
        self._files.append(path)
        return str(path)
