"""Origins of web addresses: the scheme, the host and the port, of which all three must fit."""

import re
from ipaddress import IPv6Address
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

# The characters of RFC 3986 without `#`. So there is no blank, no control character, no backslash
# (browsers take it for a slash) and nothing outside of ASCII (which browsers turn into other names).
FIT = re.compile(r"https?://[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+", re.IGNORECASE)
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
LONGEST = 2000
USUAL_PORTS = {"http": 80, "https": 443}
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

Origin = tuple[str, str, int]


def read(url: str) -> Origin:
    """Return the scheme, the host in lower case and the port; ValueError says what is wrong."""
    if len(url) > LONGEST or not FIT.fullmatch(url):
        raise ValueError("it must be a whole http or https URL without a fragment")
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("it must not hold a user's name")
    if parts.path.startswith("//"):
        raise ValueError("its path must not begin with two slashes")
    host = _host(parts)
    if parts.netloc.lower().removeprefix(host) not in ("", f":{parts.port}"):
        raise ValueError("its host is not a name and a port")
    port = parts.port if parts.port is not None else USUAL_PORTS[parts.scheme]
    return parts.scheme, host, port


def is_loopback(origin: Origin) -> bool:
    """Return whether this machine itself is meant."""
    return origin[1] in LOOPBACK


def checked(name: str, urls: list[str]) -> list[str]:
    """Return the origins of a setting if each is one; else ImproperlyConfigured says what is not."""
    found = [checked_url(name, url) for url in urls]
    for url in found:
        if urlsplit(url).path or "?" in url:
            raise ImproperlyConfigured(f"{name}: {url} has a path; write https://example.org.")
    return found


def checked_url(name: str, url: str) -> str:
    """Return the URL of a setting, without a slash at its end; ImproperlyConfigured if it is none."""
    try:
        read(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={url!r}: {error}.") from error
    return url.rstrip("/")


def _host(parts: SplitResult) -> str:
    """Return the host as the URL has it, in lower case; ValueError if it is no name or address."""
    host = (parts.hostname or "").lower()
    if parts.netloc.startswith("["):
        IPv6Address(host)
        return f"[{host}]"
    if not HOST.fullmatch(host):
        raise ValueError("its host is not a name")
    return host
