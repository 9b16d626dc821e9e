"""Origins, as settings name them."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.api import origins


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://a.example", ("https", "a.example", 443)),
        ("HTTP://A.example:8080/x?y=1", ("http", "a.example", 8080)),
        ("http://[::1]:5173/", ("http", "[::1]", 5173)),
    ],
)
def test_an_origin_is_scheme_host_and_port(url, origin):
    assert origins.read(url) == origin


def test_a_setting_loses_the_slash_at_its_end():
    assert origins.checked("A", ["https://a.example/", "http://b:1"]) == [
        "https://a.example",
        "http://b:1",
    ]
    assert origins.checked_url("A", "https://a.example/api/v3/") == "https://a.example/api/v3"


@pytest.mark.parametrize(
    "url", ["a.example", "*", "https://*.a.example", "https://a.example/x", "https://a.example?x"]
)
def test_a_setting_that_names_no_origin_says_so(url):
    with pytest.raises(ImproperlyConfigured, match="REDIRECT_ALLOWLIST"):
        origins.checked("REDIRECT_ALLOWLIST", [url])


@pytest.mark.parametrize("url", ["", "github.com", "ftp://github.com", "https://github.com#x"])
def test_a_setting_that_is_no_url_says_so(url):
    with pytest.raises(ImproperlyConfigured, match="GITHUB_URL"):
        origins.checked_url("GITHUB_URL", url)
