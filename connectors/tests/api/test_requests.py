"""What the api connector sends, and what it refuses to be told."""

import base64
import json
import logging

import pytest

from connectors.errors import ConfigError, DataError
from connectors.library.api import Api
from connectors.secrets import mask
from connectors.tests.api.answers import PEOPLE, as_json
from tests.servers.http import Reply, replies


@pytest.mark.parametrize(
    ("config", "header", "value"),
    [
        ({"auth": "bearer", "token": "abc"}, "authorization", "Bearer abc"),
        ({"auth_type": "bearer", "auth_token": "abc"}, "authorization", "Bearer abc"),
        (
            {"auth": "basic", "username": "me", "password": "pä:ss"},
            "authorization",
            "Basic " + base64.b64encode("me:pä:ss".encode()).decode(),
        ),
        ({"auth": "api_key", "api_key": "abc"}, "x-api-key", "abc"),
        ({"auth": "api_key", "api_key": "abc", "api_key_name": "K"}, "k", "abc"),
        ({"headers": {"X-Trace": "7"}}, "x-trace", "7"),
        ({"headers": {"Authorization": "Custom abc"}}, "authorization", "Custom abc"),
        ({"headers": {"Accept": "application/vnd.api+json"}}, "accept", "application/vnd.api+json"),
    ],
)
def test_each_way_to_log_in_is_sent(read, server, config, header, value):
    server.routes["/"] = replies(as_json(PEOPLE))
    read(config)
    assert server.requests[0].headers[header] == value


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_is_sent_as_json_with_its_secret_members(read, server, method):
    server.routes["/v1/search"] = replies(as_json(PEOPLE))
    read(
        {
            "url": "/v1/?format=json",
            "endpoint": "search",
            "method": method,
            "params": {"key": "k", "deep": True, "none": None},
            "endpoint_params": {"tags": ["a", "b"], "n": 1.5},
            "body": {"filter": {"key": "status"}},
            "body_secrets": {"password": "p"},
        }
    )
    received = server.requests[0]
    assert received.method == method
    assert received.params == {
        "format": "json",
        "key": "k",
        "deep": "true",
        "tags": "b",
        "n": "1.5",
    }
    assert json.loads(received.body) == {"filter": {"key": "status"}, "password": "p"}
    assert received.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("config", "advice"),
    [
        ({"url": "http://me:secret@example.com/"}, "url: .*may not carry a password"),
        ({"url": "http://example.com/?api_key=secret"}, "url: .*may not carry a password"),
        ({"url": "http://me:[secret]@example.com/"}, "url: The URL cannot be read"),
        ({"auth": "bearer"}, "'bearer' needs `token`"),
        ({"auth": "basic", "username": "me"}, "'basic' needs `username` and `password`"),
        ({"auth": "api_key"}, "'api_key' needs `api_key`"),
        ({"token": "secret"}, "set auth to 'bearer'"),
        ({"auth": "oauth"}, "auth: .*none"),
        ({"method": "DELETE"}, "method: .*GET"),
        ({"body": {"a": 1}}, "set `method` to POST"),
        ({"headers": {"Host": "x"}}, "'Host' is set by the client"),
        ({"headers": {"X-A": "a\nb"}}, "one line of plain ASCII"),
        ({"headers": {"a b": "c"}}, "one line of plain ASCII"),
        ({"endpoint_params": {"access_token": "secret"}}, "'access_token' looks like a secret"),
        ({"method": "POST", "body": [{"password": "secret"}]}, "'password' looks like a secret"),
        ({"endpoint": "../x?y=1"}, "an endpoint is a path"),
        ({"endpoint": "http://example.com"}, "an endpoint is a path"),
        ({"records_path": "$.["}, "no JSON path such as"),
        ({"pagination": "cursor"}, "needs `next_path`"),
        ({"pagination": "pages"}, "pagination.*type"),
        ({"pagination": {"type": "page", "pagesize": 3}}, "pagination.pagesize"),
        ({"types": {"id": "bigint"}}, "Unknown type 'bigint'; known: string, json"),
        ({"types": {"id": "decimal(40,2)"}}, "Unknown type"),
        ({"cursor_field": "id"}, "go together"),
        ({"max_records": 0}, "max_records"),
        ({"urls": "x"}, "does not know the setting 'urls'; known: .*url"),
    ],
)
def test_a_wrong_setting_is_refused_when_it_is_saved(opened, config, advice):
    with pytest.raises(ConfigError, match=advice) as caught:
        opened(config)
    assert "secret" not in caught.value.message.replace("_secrets", "").replace("a secret", "")


def test_a_private_address_is_refused_when_it_is_saved(opened, server):
    for url in (server.url, "http://localhost:80", "http://[::ffff:169.254.169.254]/"):
        with pytest.raises(ConfigError, match="ALLOWED_NETWORKS"):
            opened({"url": url}, networks=())


def test_secrets_are_masked_wherever_they_stand():
    given = {
        "url": "https://example.com",
        "auth_token": "t",
        "headers": {"X-Auth-Token": "t", "Accept": "text/csv"},
        "params": {"key": "k", "n": 1},
        "body_secrets": {"pin": "1234"},
    }
    assert mask(Api.Settings, given) == {
        "url": "https://example.com",
        "auth_token": "********",
        "headers": {"X-Auth-Token": "********", "Accept": "text/csv"},
        "params": {"key": "********", "n": 1},
        "body_secrets": {"pin": "********"},
    }


def test_no_secret_is_in_an_error_a_log_a_state_or_a_printout(opened, server, caplog):
    caplog.set_level(logging.DEBUG)
    config = {
        "auth": "basic",
        "username": "me",
        "password": "s3cret/1",
        "params": {"api_key": "s3cret/2"},
        "headers": {"X-Auth": "s3cret/3"},
        "cursor_field": "id",
        "cursor_param": "since",
    }
    api, options = opened(config)
    seen = [repr(api.settings), str(api.settings), repr(options)]
    server.routes["/"] = replies(as_json(PEOPLE))
    extraction = api.scan(options)
    extraction.frame.collect()
    seen.append(repr(extraction.state()))
    for status in (200, 400, 401):
        server.routes["/"] = lambda request, status=status: Reply(
            f"you sent {request.headers} {request.params}".encode(), status
        )
        with pytest.raises((ConfigError, DataError)) as caught:
            api.scan(options)
        seen.append(caught.value.message)
    login = base64.b64encode(b"me:s3cret/1").decode()
    for text in [*seen, caplog.text]:
        assert "s3cret" not in text
        assert login not in text
