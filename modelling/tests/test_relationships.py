"""Relationships and columns: composite keys, circles, lists that are replaced."""

import pytest

pytestmark = pytest.mark.django_db


def names(table):
    return [column["name"] for column in table["columns"]]


def ids(table):
    return [column["id"] for column in table["columns"]]


def circular(drawing):
    rows = drawing.get("relationships")["relationships"]
    return {row["name"] for row in rows if row["is_circular"]}


def test_a_key_of_several_columns_is_one_relationship(drawing):
    parent = drawing.table("customers", "country", "number")
    child = drawing.table("orders", "id", "country", "number")
    made = drawing.relate(
        parent, child, source_column_ids=ids(parent), target_column_ids=ids(child)[1:]
    )
    assert made["source_column_id"] == ids(parent)[0]
    assert made["target_column_id"] == ids(child)[1]
    assert made["target_column_ids"] == ids(child)[1:]
    single = drawing.put(
        f"relationships/{made['id']}", source_column_id=None, target_column_id=None
    )
    assert (single["source_column_ids"], single["target_column_id"]) == ([], None)


def test_columns_belong_to_their_tables_and_come_in_pairs(drawing):
    parent, child = drawing.table("customers", "a", "b"), drawing.table("orders", "a")
    for body, field in (
        ({"source_column_id": ids(child)[0]}, "source_column_ids"),
        (
            {"source_column_ids": ids(parent), "target_column_ids": ids(child)},
            "target_column_ids",
        ),
    ):
        body |= {"source_table_id": parent["id"], "target_table_id": child["id"]}
        told = drawing.make("relationships", **body, status=400)
        assert told["details"]["field"] == field


def test_ends_must_be_tables_of_the_workspace(drawing):
    table, gone = drawing.table("orders"), drawing.table("old")
    drawing.delete(f"tables/{gone['id']}")
    body = {"source_table_id": table["id"], "target_table_id": gone["id"]}
    told = drawing.make("relationships", **body, status=400)
    assert told["details"]["field"] == "target_table_id"
    told = drawing.make("relationships", source_table_id=table["id"], status=400)
    assert told["message"] == "target_table_id is required"


def test_circles_are_flagged_and_kept_true(drawing):
    a, b, c = (drawing.table(name) for name in "abc")
    drawing.relate(a, b, name="ab")
    bc = drawing.relate(b, c, name="bc")
    assert circular(drawing) == set()
    seq = drawing.seq()
    closing = drawing.relate(c, a, name="ca")
    assert closing["is_circular"] is True
    assert circular(drawing) == {"ab", "bc", "ca"}
    told = [(event["type"], event["data"]["is_circular"]) for event in drawing.events(seq)]
    assert told == [
        ("relationship_updated", True),
        ("relationship_updated", True),
        ("relationship_created", True),
    ]
    changed = drawing.put(f"relationships/{bc['id']}", target_table_id=a["id"])
    assert changed["is_circular"] is True
    assert circular(drawing) == {"ab", "bc"}
    drawing.delete(f"relationships/{bc['id']}")
    assert circular(drawing) == set()


def test_a_table_may_relate_to_itself_and_a_deleted_table_opens_the_circle(drawing):
    a, b = drawing.table("a"), drawing.table("b")
    assert drawing.relate(a, a, name="aa")["is_circular"] is True
    drawing.relate(a, b, name="ab")
    drawing.relate(b, a, name="ba")
    assert circular(drawing) == {"aa", "ab", "ba"}
    drawing.delete(f"tables/{b['id']}")
    assert circular(drawing) == {"aa"}


def test_columns_keep_their_ids_by_id_and_by_name(drawing):
    made = drawing.table("orders", "id", "sum", "note")
    first, second, third = ids(made)
    changed = drawing.put(
        f"tables/{made['id']}",
        columns=[
            {"name": "note", "nullable": False},
            {"id": first, "name": "order_id"},
            {"name": "new", "data_type": "TEXT"},
        ],
    )
    assert names(changed) == ["note", "order_id", "new"]
    assert ids(changed)[:2] == [third, first]
    assert ids(changed)[2] not in (first, second, third)
    assert [column["order"] for column in changed["columns"]] == [0, 1, 2]
    note = changed["columns"][0]
    assert (note["data_type"], note["nullable"]) == ("INT", False)


def test_two_columns_may_swap_their_names(drawing):
    made = drawing.table("orders", "a", "b")
    first, second = ids(made)
    changed = drawing.put(
        f"tables/{made['id']}",
        columns=[{"id": first, "name": "b"}, {"id": second, "name": "a"}],
    )
    assert dict(zip(ids(changed), names(changed), strict=True)) == {first: "b", second: "a"}


def test_the_sent_order_is_followed_and_becomes_dense(drawing):
    columns = [{"name": "b", "order": 7}, {"name": "a", "order": 3}, {"name": "c", "order": 9}]
    made = drawing.make("tables", name="x", primary_domain_id=drawing.sales, columns=columns)
    assert names(made) == ["a", "b", "c"]
    assert [column["order"] for column in made["columns"]] == [0, 1, 2]


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ([{"name": "a"}, {"name": "a"}], "columns.1.name"),
        ([{"data_type": "INT"}], "columns.0.name"),
        ([{"name": "a", "nullable": "yes"}], "columns.0.nullable"),
        ([{"name": "a", "constraints": []}], "columns.0.constraints"),
        ([{"name": "a", "id": "x"}], "columns.0.id"),
        ([{"name": "a", "order": "first"}], "columns.0.order"),
        ("a, b", "columns"),
        (["a"], "columns.0"),
        (
            [{"name": "a", "foreign_key_reference": "11111111-1111-4111-8111-111111111111"}],
            "columns.0.foreign_key_reference",
        ),
    ],
)
def test_a_wrong_column_is_told_by_its_place(drawing, columns, field):
    body = {"name": "x", "primary_domain_id": drawing.sales, "columns": columns}
    assert drawing.make("tables", **body, status=400)["details"]["field"] == field
    assert drawing.get("tables")["tables"] == []


def test_a_column_that_goes_leaves_no_end_open(drawing):
    parent, child = drawing.table("customers", "a", "b"), drawing.table("orders", "a", "b")
    edge = drawing.relate(
        parent, child, source_column_ids=ids(parent), target_column_ids=ids(child)
    )
    seq = drawing.seq()
    drawing.put(f"tables/{parent['id']}", columns=[{"id": ids(parent)[1]}])
    left = drawing.get(f"relationships/{edge['id']}")
    assert left["source_column_ids"] == [ids(parent)[1]]
    assert left["target_column_ids"] == [ids(child)[1]]
    told = [event["type"] for event in drawing.events(seq)]
    assert told == ["relationship_updated", "table_updated"]


def test_a_column_of_another_table_is_not_moved(drawing):
    one = drawing.table("customers", "a")
    body = {"name": "x", "primary_domain_id": drawing.sales}
    two = drawing.make("tables", **body, columns=[{"id": ids(one)[0], "name": "a"}])
    assert ids(two) != ids(one)
    assert ids(drawing.get(f"tables/{one['id']}")) == ids(one)
