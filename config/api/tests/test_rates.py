"""Rates and networks as settings write them."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.api import addresses, rates
from config.api.rates import Rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("60/min", Rate(60, 60)),
        ("5/s", Rate(5, 1)),
        ("100/h", Rate(100, 3600)),
        ("10/15min", Rate(10, 900)),
        (" 7 / 2 d ", Rate(7, 172_800)),
        ("0", None),
        ("0/min", None),
        ("", None),
    ],
)
def test_a_rate_is_a_number_and_a_time(text, rate):
    assert rates.read(text) == rate


@pytest.mark.parametrize("text", ["60", "60/m", "sixty/min", "-1/min", "1.5/s", "6/0min", "٦/min"])
def test_a_wrong_rate_is_refused_with_its_setting_and_an_example(text):
    with pytest.raises(ImproperlyConfigured, match=r"RATE_LIMIT=.*60/min.*0 means no limit"):
        rates.checked("RATE_LIMIT", text)


def test_a_wrong_network_is_refused_with_its_setting():
    assert addresses.checked("TRUSTED_PROXIES", ["10.0.0.0/8", "::1"]) == ["10.0.0.0/8", "::1"]
    with pytest.raises(ImproperlyConfigured, match=r"TRUSTED_PROXIES: 'caddy' does not appear"):
        addresses.checked("TRUSTED_PROXIES", ["10.0.0.0/8", "caddy"])
