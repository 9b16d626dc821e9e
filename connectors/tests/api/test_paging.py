"""How the api connector goes from page to page."""

import json

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError
from connectors.tests.api.answers import PEOPLE, as_json, in_pages
from tests.servers.http import HttpServer, Reply, replies


def test_pages_are_read_until_one_is_empty_even_if_they_are_short(read, server):
    """A server may send fewer records than it was asked for, so a short page is not the last."""
    server.routes["/"] = in_pages(PEOPLE, 1)
    paging = {"type": "page", "size": 100, "size_param": "per_page"}
    assert read({"pagination": paging}).to_dicts() == PEOPLE
    assert [request.params["page"] for request in server.requests] == ["1", "2", "3", "4"]
    assert server.requests[0].params["per_page"] == "100"


def test_a_page_after_the_last_may_be_missing(read, server):
    server.routes["/"] = lambda request: (
        as_json(PEOPLE) if request.params["p"] == "0" else Reply(b"no such page", 404)
    )
    paging = {"type": "page", "page_param": "p", "start": 0}
    assert read({"pagination": paging}).to_dicts() == PEOPLE


def test_the_first_page_may_not_be_missing(read, server):
    with pytest.raises(ConfigError, match=r"404.*check the URL"):
        read({"pagination": "page"})
    assert len(server.requests) == 1


def test_offsets_grow_by_what_was_received(read, server):
    def answer(request):
        begin = int(request.params["offset"])
        return as_json({"items": PEOPLE[begin : begin + 2]})

    server.routes["/"] = answer
    assert read({"pagination": {"type": "offset", "size": 50}}).to_dicts() == PEOPLE
    assert [request.params["offset"] for request in server.requests] == ["0", "2", "3"]
    assert server.requests[0].params["limit"] == "50"


@pytest.mark.parametrize("kind", ["page", "offset"])
def test_a_server_that_ignores_the_paging_is_noticed(read, server, kind):
    server.routes["/"] = replies(as_json(PEOPLE))
    with pytest.raises(DataError, match="Page 2 is the same as the page before"):
        read({"pagination": kind})


def test_a_cursor_in_the_answer_leads_on_until_there_is_none(read, server):
    pages = {
        None: {"data": PEOPLE[:1], "meta": {"next": "b"}},
        "b": {"data": [], "meta": {"next": 3}},
        "3": {"data": PEOPLE[1:], "meta": {"next": None}},
    }
    server.routes["/"] = lambda request: as_json(pages[request.params.get("after")])
    paging = {"type": "cursor", "param": "after", "next_path": "$.meta.next"}
    assert read({"pagination": paging}).to_dicts() == PEOPLE


def test_a_cursor_may_travel_in_the_body(read, server):
    def answer(request):
        cursor = json.loads(request.body).get("cursor")
        return as_json({"data": PEOPLE[1:]} if cursor else {"data": PEOPLE[:1], "next": "x"})

    server.routes["/"] = answer
    paging = {"type": "cursor", "next_path": "next", "send_in": "body", "size": 2}
    config = {"method": "POST", "body": {"query": "all"}, "pagination": paging}
    assert read(config).to_dicts() == PEOPLE
    assert json.loads(server.requests[1].body) == {"query": "all", "cursor": "x", "limit": 2}


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"]])
def test_a_cursor_that_repeats_itself_ends_the_reading(read, server, cursors):
    answers = [as_json({"data": [{"id": n}], "next": text}) for n, text in enumerate(cursors)]
    server.routes["/"] = replies(*answers)
    with pytest.raises(DataError, match=f"Page {len(cursors)} leads back.*circle"):
        read({"pagination": {"type": "cursor", "next_path": "next"}})


def test_link_headers_are_followed_without_any_setting(read, server):
    def answer(request):
        page = int(request.params.get("page", 1))
        following = f'</list?page={page + 1}>; rel="next", </list?page=3>; rel="last"'
        reply = as_json(PEOPLE[page - 1 : page])
        return Reply(reply.body, headers={"Link": following} if page < 3 else {})

    server.routes["/list"] = answer
    config = {"url": "/list", "auth": "bearer", "token": "t0ken", "endpoint_params": {"q": "x"}}
    assert read(config).to_dicts() == PEOPLE
    assert [request.params.get("page") for request in server.requests] == [None, "2", "3"]
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer t0ken"}
    assert read({"url": "/list", "pagination": "none"}).height == 1


@pytest.mark.parametrize(
    ("config", "member"),
    [
        ({}, lambda url: {"next": url}),
        ({}, lambda url: {"links": {"next": url}}),
        ({"pagination": "link"}, lambda url: {"@odata.nextLink": url}),
        (
            {"pagination": {"type": "link", "next_path": "$.cursor.url"}},
            lambda url: {"cursor": {"url": url}},
        ),
    ],
)
def test_a_url_of_the_next_page_in_the_answer_is_followed(read, server, config, member):
    second = {"results": PEOPLE[2:], **member(None)}
    server.routes["/first"] = replies(
        as_json({"results": PEOPLE[:2], **member(f"{server.url}/second?page=2")})
    )
    server.routes["/second"] = replies(as_json(second))
    config = {**config, "url": "/first", "auth": "api_key", "api_key": "k3y", "api_key_in": "query"}
    assert read({**config, "api_key_name": "apikey"}).to_dicts() == PEOPLE
    assert server.requests[1].params == {"page": "2", "apikey": "k3y"}


def test_a_next_page_that_was_read_already_ends_the_reading(read, server):
    server.routes["/"] = replies(as_json({"data": PEOPLE, "next": "/?page=1"}))
    with pytest.raises(DataError, match="circle"):
        read()


def test_a_next_page_elsewhere_gets_no_secrets_and_no_private_address(read, server):
    with HttpServer() as other:
        other.routes["/"] = replies(as_json({"data": PEOPLE[1:]}))
        server.routes["/"] = replies(as_json({"data": PEOPLE[:1], "next": other.url + "/"}))
        config = {"auth": "bearer", "token": "t0ken", "params": {"api_key": "k3y"}}
        assert read(config).to_dicts() == PEOPLE
        assert "t0ken" not in str(other.requests)
        assert "k3y" not in str(other.requests)
    for target in ("http://169.254.169.254/", "http://10.0.0.1/", "http://0x0a000001/"):
        server.routes["/"] = replies(as_json({"data": PEOPLE, "next": target}))
        with pytest.raises(ConfigError, match="ALLOWED_NETWORKS"):
            read()


def test_reading_ends_at_the_records_that_were_asked_for(read, server):
    server.routes["/"] = in_pages(PEOPLE, 2)
    assert read({"pagination": "page", "max_records": 2}).to_dicts() == PEOPLE[:2]
    assert len(server.requests) == 1
    assert read({"pagination": "page", "max_records": 3}).to_dicts() == PEOPLE
    assert read({"max_records": 1}).height == 1


def test_more_pages_than_allowed_are_an_error_not_a_silent_end(read, server):
    server.routes["/"] = in_pages([{"id": n} for n in range(10)], 1)
    with pytest.raises(DataError, match="more than 3 pages; raise `max_pages`"):
        read({"pagination": "page", "max_pages": 3})


def test_pages_are_asked_for_when_they_are_needed(opened, server):
    server.routes["/"] = in_pages([{"id": n} for n in range(20)], 1)
    api, options = opened({"pagination": "page", "sample_records": 2})
    extraction = api.scan(options)
    assert len(server.requests) == 2
    assert extraction.frame.head(5).collect(engine="streaming").height == 5
    assert len(server.requests) < 12
    assert extraction.frame.collect(engine="streaming").height == 20, "a second reading begins anew"


def test_all_records_are_known_to_number_when_all_were_sampled(opened, server):
    server.routes["/"] = replies(as_json(PEOPLE))
    api, options = opened()
    assert api.scan(options).rows == 3
    server.routes["/"] = in_pages(PEOPLE, 1)
    api, options = opened({"pagination": "page", "sample_records": 1})
    assert api.scan(options).rows is None


def test_a_filter_and_a_choice_of_columns_reach_the_right_rows(opened, server):
    server.routes["/"] = in_pages(PEOPLE, 2)
    api, options = opened({"pagination": "page"})
    frame = api.scan(options).frame.filter(pl.col("id") > 1).select("name")
    assert frame.collect(engine="streaming")["name"].to_list() == ["Grace", "Hedy"]
    assert api.scan(options).frame.select(pl.len()).collect(engine="streaming").item() == 3
