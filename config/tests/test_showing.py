"""Values as people read them in the admin."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from config.administration import showing


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (45_600_000, "45.6 MB"),
        (150_000_000, "150 MB"),
        (7 * 10**18, "7000 PB"),
    ],
)
def test_bytes_are_told_in_the_unit_that_fits(amount, text):
    assert showing.size(amount) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.0456, "46 ms"),
        (12.34, "12.3 s"),
        (245, "4 m 05 s"),
        (7620, "2 h 07 m"),
        (273_600, "3 d 04 h"),
    ],
)
def test_seconds_are_told_in_the_units_that_fit(seconds, text):
    assert showing.duration(seconds) == text


def test_what_goes_on_has_taken_so_long_so_far():
    begin = timezone.now() - timedelta(minutes=2, seconds=10)
    assert showing.took(begin, None).startswith("2 m 1")
    assert showing.took(begin, begin + timedelta(seconds=1.5)) == "1.5 s"
    assert showing.took(None, None) == "–"


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "3 s ago"), (-3700, "1\xa0hour ago"), (130, "in 2\xa0minutes")]
)
def test_a_moment_says_how_far_it_is_and_when_it_is(seconds, text):
    at = timezone.now() + timedelta(seconds=seconds)
    shown = showing.moment(at)
    assert f">{text}<" in shown
    assert f'title="{at:%Y-%m-%d %H:%M:%S} UTC"' in shown


def test_what_people_typed_is_no_html():
    evil = "<script>alert(1)</script>"
    user = User(pk=1, username=evil)
    for shown in (
        showing.row_link(user),
        showing.badge(evil),
        showing.pretty({evil: evil}),
        showing.lines(evil),
        showing.list_link(User, evil, username=evil),
    ):
        assert "<script" not in shown
