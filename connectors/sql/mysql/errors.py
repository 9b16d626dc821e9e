"""What MySQL, MariaDB and PyMySQL say, told in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.errors import ConfigError, DataError, MillraceError, TransientError

_LOGIN = (ConfigError, "check username and password")
_RIGHTS = (ConfigError, "grant the user the right")
_NAME = (ConfigError, "check the name")
_REACH = (TransientError, "check host and port, and that the server runs")
_ROOM = (TransientError, "the server has no room now")
_DISK = (TransientError, "the server's disk is full")
_AGAIN: tuple[type[MillraceError], str] = (TransientError, "")
_CONFIG: tuple[type[MillraceError], str] = (ConfigError, "")

# The server's numbers; what is not here is about the rows.
_BY_NUMBER: dict[int, tuple[type[MillraceError], str]] = {
    **dict.fromkeys((1045, 1698, 1862, 2059), _LOGIN),
    1049: (ConfigError, "check the name of the database"),
    **dict.fromkeys((1044, 1142, 1143, 1227, 1370, 1410), _RIGHTS),
    **dict.fromkeys((1051, 1054, 1146, 1109, 1305), _NAME),
    **dict.fromkeys((1064, 1060, 1059, 1103, 1115, 1235, 1289, 1295, 1286, 1792, 3024), _CONFIG),
    **dict.fromkeys((1129, 1130), (ConfigError, "the server does not let this machine in")),
    **dict.fromkeys((2002, 2003, 2005), _REACH),
    **dict.fromkeys((1040, 1041, 1203, 1226), _ROOM),
    **dict.fromkeys((1021, 1114, 28), _DISK),
    **dict.fromkeys((1053, 1152, 1158, 1159, 1160, 1161, 1205, 1213, 1317, 1927, 1969), _AGAIN),
    **dict.fromkeys((1412, 1637, 2006, 2013, 2014, 2027, 1077, 1079, 1080, 3159), _AGAIN),
    2026: (ConfigError, "check ssl_mode and the certificates"),
    1153: (DataError, "a value is longer than the server's max_allowed_packet"),
}
LOCKED = 1205


@contextmanager
def told(*secrets: str) -> Iterator[None]:
    """Raise what PyMySQL and TLS raise inside as errors of our tree, without secrets."""
    import ssl

    import pymysql

    try:
        yield
    except (pymysql.err.MySQLError, ssl.SSLError, OSError) as error:
        raise _scrubbed(translated(error), secrets) from None


def translated(error: BaseException) -> MillraceError:
    """Return an error of the driver as one of ours."""
    import ssl

    origin = getattr(error, "original_exception", None)
    if isinstance(error, ssl.SSLError) or isinstance(origin, ssl.SSLError):
        return ConfigError(f"MySQL: {origin or error} (check ssl_mode and the certificates)")
    number, text = _parts(error)
    if number is None:
        return TransientError(f"MySQL: {text}")
    kind, hint = _BY_NUMBER.get(number, (DataError, ""))
    return kind(f"MySQL: {text}" + (f" ({hint})" if hint else ""))


def number_of(error: BaseException) -> int | None:
    """Return the server's number of an error."""
    return _parts(error)[0]


def _parts(error: BaseException) -> tuple[int | None, str]:
    """Return the number and the words of an error of the driver."""
    match error.args:
        case (int(number), str(text), *_) if not isinstance(error, OSError):
            return number, text
        case (int(number), *_) if not isinstance(error, OSError):
            # The driver uses what it closed when another thread cut the connection.
            return 2006, str(error)
    return None, str(error)


def _scrubbed(error: MillraceError, secrets: tuple[str, ...]) -> MillraceError:
    """Return the error without the secrets."""
    text = error.message
    for secret in filter(None, secrets):
        for spelling in {secret, repr(secret)[1:-1]}:
            text = text.replace(spelling, "********")
    return type(error)(text, field=error.field)
