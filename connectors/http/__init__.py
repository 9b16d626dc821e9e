"""HTTP for connectors: a client that reaches only what it may, waits only as long as it should.

Addresses are resolved and checked here and connected to as checked, redirects are judged like
first requests, the environment's proxies are ignored, failures that may pass are tried again.
"""

from connectors.http.client import Answer, Client, Retries, Timeouts
from connectors.http.downloading import download
from connectors.http.networks import parse_networks, shown, vet_url

__all__ = [
    "Answer",
    "Client",
    "Retries",
    "Timeouts",
    "download",
    "parse_networks",
    "shown",
    "vet_url",
]
