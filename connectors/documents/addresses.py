"""Where a MongoDB server is: a list of hosts, or a connection string."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

PORT = 27017
# What the driver may be told beside the settings. Paths of files, proxies and plug-ins are not
# among them: they would reach what belongs to the installation.
PARAMETERS = frozenset(
    {
        *("authMechanism", "compressors", "directConnection", "heartbeatFrequencyMS"),
        *("localThresholdMS", "maxStalenessSeconds", "readConcernLevel", "readPreferenceTags"),
        *("retryReads", "serverMonitoringMode", "socketTimeoutMS", "srvMaxHosts"),
        *("srvServiceName", "zlibCompressionLevel"),
    }
)
# What changes nothing for who only reads, or is ours to say.
HARMLESS = frozenset(
    {
        *("appName", "connectTimeoutMS", "journal", "maxConnecting", "maxIdleTimeMS"),
        *("maxPoolSize", "minPoolSize", "retryWrites", "serverSelectionTimeoutMS", "timeoutMS"),
        *("uuidRepresentation", "w", "waitQueueTimeoutMS", "wTimeoutMS"),
    }
)
# What has a setting of its own.
OWN = {
    "authsource": "authdb",
    "replicaset": "replica_set",
    "readpreference": "read_preference",
    "tls": "ssl",
    "ssl": "ssl",
}


@dataclass(frozen=True)
class Address:
    """Where a server is, as a connection string says it; empty where it says nothing."""

    hosts: tuple[str, ...]
    srv: bool = False
    username: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    # By the names of the settings.
    options: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)


def host_of(text: str, port: int) -> str:
    """Return `host:port`; ValueError for what is neither a name nor an address."""
    name, _, said = text.strip().rpartition(":") if ":" in text else (text.strip(), "", "")
    if text.strip().endswith("]"):
        name, said = text.strip(), ""
    is_port = said == "" or (said.isdigit() and 0 < int(said) < 65536)
    if not name or not is_port or any(sign in name for sign in "/\\@, \t\n"):
        raise ValueError(f"{text!r} is not a host; write it as db.example.com:27017")
    return f"{name}:{said or port}"


def parse(uri: str) -> Address:
    """Take a connection string apart without asking anybody; ValueError where it is none."""
    scheme, separator, rest = uri.strip().partition("://")
    if not separator or scheme not in ("mongodb", "mongodb+srv"):
        raise ValueError("a connection string begins with mongodb:// or mongodb+srv://")
    # Several hosts are no URL, so the hosts are taken out before the rest is read as one.
    authority, slash, tail = rest.partition("/")
    if not slash and "?" in authority:
        authority, _, query = authority.partition("?")
        tail = f"?{query}"
    login, _, hosts = authority.rpartition("@")
    username, _, password = login.partition(":")
    srv = scheme == "mongodb+srv"
    pieces = urlsplit(f"x://x/{tail}")
    options, parameters = _sorted_out(parse_qsl(pieces.query, keep_blank_values=True))
    return Address(
        tuple(hosts.split(",")) if srv else tuple(host_of(one, PORT) for one in hosts.split(",")),
        srv,
        unquote(username),
        unquote(password),
        unquote(pieces.path.strip("/")),
        options,
        parameters,
    )


def known_parameters(given: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return what is passed to the driver, in its spelling; ValueError names what is not known."""
    spelled = {name.lower(): name for name in PARAMETERS}
    ignored = {name.lower() for name in HARMLESS}
    found = {}
    for name, value in given:
        if name.lower() in spelled:
            found[spelled[name.lower()]] = value
        elif name.lower() in OWN:
            raise ValueError(f"{name!r} has a setting of its own: `{OWN[name.lower()]}`")
        elif name.lower() not in ignored:
            raise ValueError(
                f"{name!r} is not among the parameters that are passed on; known: "
                f"{', '.join(sorted(PARAMETERS))}"
            )
    return found


def _sorted_out(query: Sequence[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    options = {OWN[name.lower()]: value for name, value in query if name.lower() in OWN}
    others = [(name, value) for name, value in query if name.lower() not in OWN]
    return options, known_parameters(others)
