"""Whose address a request comes from: the peer's, or what trusted proxies say of it."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.core.exceptions import ImproperlyConfigured

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# One subscriber has as many IPv6 addresses as they like, all within such a network.
SUBSCRIBER_BITS = 64


@lru_cache
def networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Return the networks of these CIDRs (`10.0.0.0/8`, `::1`); a ValueError names the wrong one."""
    return tuple(ip_network(text.strip()) for text in texts)


def checked(name: str, texts: list[str]) -> list[str]:
    """Return the CIDRs of a setting if all are good; else ImproperlyConfigured says what is not."""
    try:
        networks(tuple(texts))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}; write 10.0.0.0/8, say.") from error
    return texts


def client(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Return the client's address: the peer, or the last in X-Forwarded-For that no proxy has.

    Each proxy adds at the right who spoke to it, so only what a trusted one added is believed;
    junk ends the search at the last good address. Empty where the peer has no address.
    """
    address = _read(peer)
    for text in reversed(forwarded.split(",")):
        if address is None or not _is_within(address, trusted):
            break
        before = _read(text)
        if before is None:
            break
        address = before
    return "" if address is None else str(address)


def subscriber(address: str) -> str:
    """Return what to count an address by: itself, or the /64 network of an IPv6 one."""
    with suppress(ValueError):
        known = ip_address(address)
        if isinstance(known, IPv6Address):
            return str(ip_network((known, SUBSCRIBER_BITS), strict=False))
    return address


def _is_within(address: Address, trusted: Iterable[Network]) -> bool:
    return any(address in network for network in trusted)


def _read(text: str) -> Address | None:
    """Return the address in one entry, without port, brackets, quotes and zone."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # Where one socket listens for both kinds, IPv4 peers look like this.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
