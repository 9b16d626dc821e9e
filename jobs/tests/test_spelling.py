"""The words of a stream: those of Olake's clients and of our catalogs are taken, others refused."""

import pytest

from connectors.errors import ConfigError
from connectors.samples import STREAM
from jobs.selection import choices
from jobs.spelling import demand_known_words
from jobs.tests.test_sync_jobs import ada, body, ends, shop, stream  # noqa: F401 -- fixtures

# What Olake's own catalog and its client say of a stream, all keys at once.
OLAKE = {
    "selected_streams": {
        "public": [
            {
                "stream_name": "orders",
                "partition_regex": "/{created_at, day}",
                "normalization": True,
                "append_mode": False,
                "chunk_column": "id",
                "filter": "",
                "filter_config": {
                    "logical_operator": "AND",
                    "conditions": [{"column": "amount", "operator": ">", "value": 10}],
                },
                "selected_columns": {"columns": ["id", "_olake_id"], "sync_new_columns": True},
                "use_source_column_names": False,
                "disabled": False,
            }
        ]
    },
    "streams": [
        {
            "stream": {
                "name": "orders",
                "namespace": "public",
                "type_schema": {"properties": {"id": {"type": ["integer"]}}},
                "supported_sync_modes": ["full_refresh", "incremental"],
                "source_defined_primary_key": ["id"],
                "available_cursor_fields": ["id", "updated_at"],
                "cursor_field": "updated_at:id",
                "sync_mode": "incremental",
                "destination_database": "jobname_db:public",
                "destination_table": "orders",
                "default_stream_properties": {"normalization": True, "append_mode": False},
            }
        }
    ],
}


def one(**said):
    return {"streams": [{"stream": {"name": "orders", **said}}]}


def test_what_olakes_clients_send_is_taken():
    demand_known_words(OLAKE)
    assert len(choices(OLAKE)) == 1


def test_what_our_own_catalog_says_is_taken():
    demand_known_words({"streams": [{"stream": STREAM}]})
    demand_known_words({"streams": [STREAM, {"stream": "kinds", "sync_mode": "full_refresh"}]})
    demand_known_words({"streams": [{"stream": STREAM, "sync_mode": "full_refresh", "key": None}]})
    demand_known_words({"selected_streams": None})


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (one(primary_keys=["id"]), "there is no 'primary_keys'; did you mean 'primary_key'?"),
        (one(append=True), "there is no 'append'; did you mean 'append_mode'?"),
        (one(cursor_fields="id"), "did you mean 'cursor_field'?"),
        (one(xyzzy=1), "there is no 'xyzzy'; known: append_mode, checksums"),
        (
            {"streams": [{"stream": {"name": "orders"}, "primary_key": ["id"]}]},
            "'primary_key' stands beside `stream`",
        ),
        (
            {"selected_streams": {"": [{"stream_name": "orders", "selected_column": ["id"]}]}},
            "did you mean 'selected_columns'?",
        ),
    ],
)
def test_other_words_are_refused_with_the_one_that_may_be_meant(config, told):
    with pytest.raises(ConfigError) as caught:
        demand_known_words(config)
    assert caught.value.message.startswith("stream 'orders': ")
    assert told in caught.value.message


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"streams": [stream(primary_keys=["id"])]}, "did you mean 'primary_key'?"),
        ({"streams": [stream(write_mode="upsert")]}, "stream 'main.orders': write mode 'upsert'"),
        ({"streams": [stream(destination_table="a.b.c.d")]}, "stream 'main.orders': "),
        ({"streams": [stream(destination_table="_millrace_commits")]}, "Millrace's own tables"),
        ({"streams": [stream(destination_table="_Millrace_x")]}, "Millrace's own tables"),
        (
            {"streams": [stream(sync_mode="incremental", cursor_field="id:id")]},
            "stream 'orders': 'id' is both cursors",
        ),
        ({"streams": [stream()], "settings": []}, "config.settings must be an object"),
    ],
)
def test_they_are_refused_when_a_job_is_saved_or_changed(ada, ends, config, told):  # noqa: F811
    refused = ada("post", "/jobs", body(ends, config=config))
    assert (refused.status_code, told in refused.json()["message"]) == (400, True)
    job = ada("post", "/jobs", body(ends, stream())).json()["job_id"]
    for method, path in (("put", f"/jobs/{job}"), ("post", f"/jobs/{job}/plan")):
        refused = ada(method, path, body(ends, config=config))
        assert (refused.status_code, told in refused.json()["message"]) == (400, True)


def test_a_stream_that_is_disabled_is_not_selected():
    streams = [{"stream": {"name": "a"}}, {"stream": {"name": "b"}}]
    chosen = [{"stream_name": "a", "disabled": True}, {"stream_name": "b", "disabled": False}]
    found = choices({"streams": streams, "selected_streams": {"": chosen}})
    assert [choice.name for choice in found] == ["b"]
    found = choices({"streams": [{"name": "a", "disabled": True}, {"name": "b"}]})
    assert [choice.name for choice in found] == ["b"]
