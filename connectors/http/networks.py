"""Which hosts may be reached: public addresses, and the networks that this installation allows.

What is checked is always an address, never a name: a name is resolved here, once, and the
connection is made to exactly the addresses that were checked.
"""

import re
import socket
import threading
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from connectors.errors import ConfigError, TransientError

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

# Translators put an IPv4 address into the last 32 bits of such an address (RFC 6052).
NAT64 = ip_network("64:ff9b::/96")
# All that is assigned to the public Internet (RFC 4291).
UNICAST = ip_network("2000::/3")
LOOPBACK = (ip_address("127.0.0.1"), ip_address("::1"))
# What resolvers read as a number: 127.1, 0x7f000001 and 017700000001 all mean 127.0.0.1.
NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|\d+)")
# The parser's own words quote the URL, and with it what may be a password.
UNREADABLE = "The URL cannot be read; write it as https://host/path or https://host:8443/path"
ADVICE = (
    "only public addresses and the networks named in ALLOWED_NETWORKS may be reached; "
    "whoever runs this installation can add one there"
)


def parse_networks(texts: Sequence[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks (CIDR or single addresses) of a setting such as ALLOWED_NETWORKS."""
    try:
        return tuple(ip_network(text.strip(), strict=False) for text in texts)
    except ValueError as error:
        raise ConfigError(f"ALLOWED_NETWORKS: {error}; write it as 10.0.0.0/8") from None


def shown(url: str) -> str:
    """Return a URL fit for messages: no user, no password, no query, no fragment."""
    try:
        pieces = urlsplit(url)
        netloc = pieces.netloc.rpartition("@")[2]
    except ValueError:
        return "the URL"
    return f"{pieces.scheme}://{netloc}{pieces.path}"


def vet_url(url: str, networks: Networks) -> None:
    """Refuse a URL that is not plain http(s) or whose host is an address that is out of reach.

    Other names are judged when they are resolved for the connection. Raises ConfigError.
    """
    pieces = _pieces(url)
    if pieces.scheme.lower() not in ("http", "https"):
        raise ConfigError("A URL begins with http:// or https://", field="url")
    host = pieces.hostname
    if not host:
        raise ConfigError(f"{shown(url)}: the URL names no host", field="url")
    meant = _meant_by(host)
    if meant and not any(is_reachable(address, networks) for address in meant):
        vet_address(host, meant[0], networks)
    if "@" in pieces.netloc:
        raise ConfigError(
            f"{shown(url)}: a URL may not carry a user or a password; "
            "give them as settings of their own (auth: basic, username, password)",
            field="url",
        )


def _pieces(url: str) -> SplitResult:
    if any(ord(character) <= 32 or character == "\\" for character in url):
        raise ConfigError("A URL holds no blanks, control characters or backslashes", field="url")
    try:
        pieces = urlsplit(url)
        _ = pieces.port
    except ValueError:
        raise ConfigError(UNREADABLE, field="url") from None
    return pieces


def _meant_by(host: str) -> tuple[Address, ...]:
    """Return the addresses that a host means without a resolver; none for most names."""
    name = host.removesuffix(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return LOOPBACK
    address = _literal(host)
    return () if address is None else (address,)


def _literal(host: str) -> Address | None:
    """Return the address that a host spells, or None for a name; refuse odd spellings of numbers."""
    try:
        return ip_address(host)
    except ValueError:
        last = host.removesuffix(".").rpartition(".")[2]
        if NUMBER.fullmatch(last) is None and ":" not in host:
            return None
    raise ConfigError(
        f"{host!r} is an odd spelling of an address; write it as 203.0.113.7 or [2001:db8::7] "
        f"({ADVICE})",
        field="url",
    )


def vet_address(host: str, address: Address, networks: Networks) -> None:
    """Raise ConfigError unless the address is public or allowed; `host` is for the message."""
    if not is_reachable(address, networks):
        spelled = str(address) if host == str(address) else f"{host} ({address})"
        raise ConfigError(f"{spelled} is not a public address: {ADVICE}", field="url")


def is_reachable(address: Address, networks: Networks) -> bool:
    """Whether an address is public or lies in an allowed network."""
    meant = _meant(address)
    if meant.is_multicast or meant.is_unspecified:
        return False
    if any(meant.version == network.version and meant in network for network in networks):
        return True
    return _is_public(meant)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_reserved
    # A tunnel's far end is an IPv4 address that nobody would have checked.
    is_tunnel = address.sixtofour is not None or address.teredo is not None
    return address in UNICAST and address.is_global and not is_tunnel


def _meant(address: Address) -> Address:
    """Return the IPv4 address inside of a mapped or translated IPv6 one, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address


def resolve(host: str, port: int, networks: Networks, seconds: float | None) -> list[str]:
    """Return the addresses of a host that may be reached, in the resolver's order.

    Raises ConfigError when there is no such host or none of its addresses may be reached, and
    TransientError when the name could not be resolved in time.
    """
    literal = _literal(host)
    found = [literal] if literal is not None else _look_up(host, port, seconds)
    allowed = [str(address) for address in found if is_reachable(address, networks)]
    if not allowed:
        vet_address(host, found[0], networks)
    return allowed


def _look_up(host: str, port: int, seconds: float | None) -> list[Address]:
    """Ask the system's resolver, which knows no time-out, in a thread that may be left behind."""
    answers: list[list[Address] | OSError | UnicodeError] = []

    def ask() -> None:
        try:
            # The dot that ends a full name is for the resolver's search list, not for all resolvers.
            name = host.removesuffix(".")
            entries = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answers.append(error)
        else:
            answers.append([ip_address(entry[4][0]) for entry in entries])

    asking = threading.Thread(target=ask, name=f"resolve {host}", daemon=True)
    asking.start()
    asking.join(seconds)
    if not answers:
        raise TransientError(f"The name {host!r} could not be resolved within {seconds:g} s")
    answer = answers[0]
    if isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_AGAIN:
        raise TransientError(f"The name {host!r} could not be resolved: {answer.strerror}")
    if isinstance(answer, OSError | UnicodeError) or not answer:
        raise ConfigError(f"There is no host named {host!r}; check the URL", field="url")
    return list(dict.fromkeys(answer))
