"""Whose address, program and id a request or a socket is known by."""

import pytest
from asgiref.sync import async_to_sync
from django.http import JsonResponse
from django.test import AsyncClient, Client
from django.urls import path

from config.api import addresses, requests


def who(request):
    return JsonResponse(
        {
            "address": requests.current_address(),
            "agent": requests.current_agent(),
            "id": requests.current_id(),
        }
    )


urlpatterns = [path("who", who)]

PROXIES = addresses.networks(("10.0.0.0/8", "fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        # A stranger says what they like.
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2,10.0.0.3", "198.51.100.1"),
        # All of them are proxies: the one that asked first.
        ("10.0.0.1", "10.0.0.9, 10.0.0.2", "10.0.0.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "198.51.100.1, , 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "198.51.100.1:40312", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::7]:40312", "2001:db8::7"),
        ("10.0.0.1", '"[2001:db8::7]"', "2001:db8::7"),
        ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("fd00::1", "2001:DB8:0:0::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("fe80::1%eth0", "198.51.100.1", "fe80::1"),
        ("127.0.0.1", "198.51.100.1", "127.0.0.1"),
        ("", "198.51.100.1", ""),
        ("unix:", "198.51.100.1", ""),
    ],
)
def test_only_a_trusted_proxy_is_believed_about_the_client(peer, forwarded, found):
    assert addresses.client(peer, forwarded, PROXIES) == found


def test_without_trusted_proxies_the_peer_is_the_client():
    assert addresses.client("127.0.0.1", "198.51.100.1", ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_the_addresses_of_one_ipv6_subscriber_count_as_one(address, counted):
    assert addresses.subscriber(address) == counted


@pytest.mark.urls(__name__)
def test_a_view_knows_who_asks(settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    headers = {
        "x-forwarded-for": "1.2.3.4, 198.51.100.1",
        "user-agent": "a" * 254 + "\x01bc",
        "x-request-id": "abc-1",
    }
    expected = {"address": "198.51.100.1", "agent": "a" * 254 + "b", "id": "abc-1"}
    assert Client().get("/who", headers=headers).json() == expected
    assert async_to_sync(AsyncClient().get)("/who", headers=headers).json() == expected


@pytest.mark.urls(__name__)
def test_the_next_request_is_not_taken_for_the_one_before():
    Client().get("/who", headers={"user-agent": "first", "x-request-id": "first"})
    second = Client().get("/who").json()
    assert (second["agent"], second["address"]) == ("", "127.0.0.1")
    assert second["id"] != "first"


def test_a_socket_is_known_by_the_same(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    requests.begin_socket(
        {
            "client": ("10.0.0.1", 4711),
            "headers": [
                (b"user-agent", b"browser"),
                (b"x-forwarded-for", b"198.51.100.1"),
                (b"x-forwarded-for", b"10.0.0.2"),
                (b"x-request-id", b"abc-3"),
            ],
        }
    )
    found = (requests.current_address(), requests.current_agent(), requests.current_id())
    assert found == ("198.51.100.1", "browser", "abc-3")
    requests.begin_socket({"client": None, "headers": []})
    assert (requests.current_address(), requests.current_agent()) == ("", "")
