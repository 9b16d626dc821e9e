"""The standard's contracts in and out: nothing is lost, and every mistake has its place."""

import json
import random
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from modelling.exchange.faults import FormatError
from modelling.formats import odcs
from modelling.formats.odcs.versions import is_valid
from modelling.schema import Column, Document, Domain, Relationship, Table
from modelling.tests.documents import by_id, documents

EXAMPLES = sorted((Path(__file__).parent / "data" / "odcs").glob("*.yaml"))
MINIMAL = "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: '1'\nstatus: draft\n"
USUAL = {"required": "false", "primaryKey": "false", "unique": "false", "primaryKeyPosition": "-1"}
QUICK = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def loaded(text):
    return yaml.load(text, yaml.CBaseLoader)


def faults_of(text):
    with pytest.raises(FormatError) as error:
        odcs.parse(text)
    return error.value.faults


@QUICK
@given(documents())
def test_what_was_exported_comes_back_the_same(document):
    text = odcs.render(document)
    again = odcs.parse(text)
    assert by_id(again.document) == by_id(document)
    assert odcs.render(again.document) == text
    assert is_valid(yaml.safe_load(text.replace("\ufeff", "")), "v3.1.0")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_what_was_imported_is_exported_with_all_it_said(path):
    text = path.read_text()
    first = odcs.parse(text).document
    written = odcs.render(first)
    assert odcs.parse(written).document == first
    assert missing(loaded(text), loaded(written)) == []


def missing(before, after, path=""):
    """Return what a contract said and its export does not; our own additions are not looked at."""
    if isinstance(before, dict):
        said = {key: value for key, value in before.items() if USUAL.get(key) != value}
        absent = [f"{path}.{key}" for key in said if key not in after]
        inner = [key for key in said if key in after and key != "apiVersion"]
        return absent + [
            one for key in inner for one in missing(said[key], after[key], f"{path}.{key}")
        ]
    if (
        isinstance(before, list)
        and before
        and isinstance(before[0], dict)
        and "property" in before[0]
    ):
        return [f"{path}.{one['property']}" for one in before if plain(one) not in after]
    if isinstance(before, list):
        pairs = enumerate(zip(before, after, strict=True))
        return [one for place, pair in pairs for one in missing(*pair, f"{path}[{place}]")]
    return [] if plain(before) == after else [f"{path}: {before} became {after}"]


def plain(value):
    """Return a property with the null that an empty value is."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return "null" if value == "" else value


def test_ids_that_are_no_uuids_are_written_as_they_were():
    path = next(path for path in EXAMPLES if path.name.startswith("full"))
    document = odcs.parse(path.read_text()).document
    assert [table["id"] for table in loaded(odcs.render(document))["schema"]] == [
        "tbl_obj",
        "receivers_obj",
    ]
    moved = document.tables[0].model_copy(update={"id": UUID(int=5), "name": "renamed"})
    links = tuple(
        one.model_copy(update={"target_table_id": UUID(int=5)}) for one in document.relationships
    )
    other = document.model_copy(
        update={"tables": (moved, document.tables[1]), "relationships": links}
    )
    assert odcs.parse(odcs.render(other)).document == other


def two_tables(**relationship):
    one, many, domain = UUID(int=1), UUID(int=2), UUID(int=3)
    keys = [
        Column(id=UUID(int=10 + n), name=f"k{n}", data_type="INT", is_primary_key=True, order=n)
        for n in (0, 1)
    ]
    held = [Column(id=UUID(int=20 + n), name=f"f{n}", data_type="INT", order=n) for n in (0, 1)]
    tables = (
        Table(id=one, name="one", primary_domain_id=domain, columns=keys),
        Table(id=many, name="many", primary_domain_id=domain, columns=held),
    )
    link = Relationship(id=UUID(int=9), source_table_id=one, target_table_id=many, **relationship)
    return Document(
        id=UUID(int=8),
        name="W",
        domains=[Domain(id=domain, name="D")],
        tables=tables,
        relationships=[link],
    )


def test_the_many_side_is_the_one_that_refers():
    ends = {"source_column_ids": [UUID(int=10)], "target_column_ids": [UUID(int=20)]}
    contract = loaded(odcs.render(two_tables(**ends)))
    one, many = contract["schema"]
    assert "relationships" not in one["properties"][0]
    assert many["properties"][0]["relationships"][0]["to"] == "one.k0"


def test_a_composite_key_is_two_lists_on_the_table_that_refers():
    sides = ([UUID(int=11), UUID(int=10)], [UUID(int=20), UUID(int=21)])
    document = two_tables(source_column_ids=sides[0], target_column_ids=sides[1])
    said = loaded(odcs.render(document))["schema"][1]["relationships"][0]
    assert (said["from"], said["to"]) == (["many.f0", "many.f1"], ["one.k1", "one.k0"])
    again = odcs.parse(odcs.render(document)).document
    assert again.relationships == document.relationships


def test_a_foreign_key_without_our_words_is_read_from_its_columns():
    text = MINIMAL + (
        "schema:\n"
        "  - name: a\n    properties: [{name: id, physicalType: INT, primaryKey: true}]\n"
        "  - name: b\n    properties:\n"
        "      - {name: id, primaryKey: true, relationships: [{to: a.id}]}\n"
        "      - {name: boss, required: true, relationships: [{to: b.id}]}\n"
    )
    found = odcs.parse(text).document
    a, b = found.tables
    first, second = found.relationships
    assert (first.source_table_id, first.target_table_id) == (a.id, b.id)
    assert (first.cardinality, first.optionality) == ("one-to-one", "optional")
    assert (second.source_table_id, second.target_table_id) == (b.id, b.id)
    assert (second.cardinality, second.optionality) == ("one-to-many", "required")
    assert b.columns[1].foreign_key_reference == b.columns[0].id


def test_nested_properties_are_columns_with_dots_and_go_back_where_they_were():
    text = MINIMAL + (
        "schema:\n  - name: a\n    properties:\n      - name: address\n        logicalType: object\n"
        "        properties: [{name: street, id: s, quality: [{metric: rowCount, mustBe: 1, type: library}]}]\n"
        "      - {name: tags, logicalType: array, items: {logicalType: object, properties: [{name: x}]}}\n"
        "      - {name: untyped, properties: [{name: inner}]}\n"
    )
    document = odcs.parse(text).document
    assert [column.name for column in document.tables[0].columns] == [
        "address",
        "address.street",
        "tags",
        "untyped",
        "untyped.inner",
    ]
    assert missing(loaded(text), loaded(odcs.render(document))) == []


@pytest.mark.parametrize(
    ("text", "path", "line", "words"),
    [
        (MINIMAL.replace("'1'", "1.0"), "version", 4, 'put it in quotes: "1.0"'),
        (MINIMAL.replace("v3.1.0", "3.1.0"), "apiVersion", 1, "v3.1.0"),
        (MINIMAL.replace("v3.1.0", "v9.0.0"), "apiVersion", 1, "v3.2.0"),
        (MINIMAL.replace("kind: DataContract\n", ""), "", 1, "kind is missing"),
        ("- a", "", 1, "not a data contract"),
        (MINIMAL + "columns: []", "", 1, "customProperties"),
        (MINIMAL + "schema:\n- name: a\n- name: a\n", "schema[1].name", 8, "two objects a"),
        (MINIMAL + "schema:\n- name: ' '\n", "schema[0].name", 7, "must not be empty"),
        (
            MINIMAL + "schema:\n- name: a\n  properties:\n  - name: x\n  - name: x\n",
            "schema[0].properties[1].name",
            10,
            "two columns x",
        ),
        (
            MINIMAL + "schema:\n- name: a\n  properties:\n  - name: x\n"
            "  relationships:\n  - from: [a.x, a.x]\n    to: [a.x]\n",
            "schema[0].relationships[0].to",
            12,
            "2 columns refer to 1",
        ),
        (
            MINIMAL + "schema:\n- name: a\n  relationships:\n  - {from: a.x, to: '?'}",
            "schema[0].relationships[0].to",
            9,
            "table.column",
        ),
        (MINIMAL + "id: b\n", "", 6, "there twice"),
        (MINIMAL + "tags: [a\n", "", 7, "no YAML"),
    ],
)
def test_a_mistake_is_told_with_path_and_line(text, path, line, words):
    fault = faults_of(text)[0]
    assert (fault.path, fault.line) == (path, line)
    assert words in fault.message


def test_a_contract_of_3_2_keeps_what_only_3_2_knows():
    text = MINIMAL.replace("v3.1.0", "v3.2.0").replace("status: draft\n", "") + (
        "schema:\n- name: a\n  properties:\n  - {name: x, logicalType: string, enum: [{value: 1}]}\n"
    )
    written = odcs.render(odcs.parse(text).document)
    assert loaded(written)["apiVersion"] == "v3.2.0"
    assert missing(loaded(text), loaded(written)) == []


def test_what_only_3_0_allows_is_kept_beside_and_told():
    text = MINIMAL.replace("v3.1.0", "v3.0.2") + "support: [{channel: c, url: u, colour: red}]\n"
    parsed = odcs.parse(text)
    assert [(note.path, note.line) for note in parsed.notes] == [("support[0].colour", 6)]
    said = loaded(odcs.render(parsed.document))
    kept = {"property": "formerKeys", "value": [{"path": "support[0].colour", "value": "red"}]}
    assert kept in said["customProperties"]


def test_what_looks_like_ours_and_is_not_is_kept():
    text = MINIMAL + (
        "customProperties: [{property: modelWorkspace, value: 5}, {property: dataFlowDiagrams, value: x}]\n"
        "schema:\n- name: a\n  customProperties:\n  - {property: canvasLayout, value: {x: left}}\n"
        "  - {property: modelType, value: mental}\n  - {property: modelExtras, value: {odcs: {id: evil}}}\n"
    )
    document = odcs.parse(text).document
    said = loaded(odcs.render(document))
    assert {"property": "modelType", "value": "mental"} in said["schema"][0]["customProperties"]
    assert {"property": "modelWorkspace", "value": "5"} in said["customProperties"]
    assert "evil" not in json.dumps(said["schema"][0]["id"])


def broken(text, chance):
    """Return a text with a few of its lines and characters in disorder."""
    kept = text.splitlines()
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(kept))
        action = chance.randrange(6)
        if action == 0:
            del kept[place]
        elif action == 1:
            kept[place] = kept[place].replace(
                ": ", chance.choice([":", ": [", ": *x", ": {}", ": 5", ": null "])
            )
        elif action == 2:
            kept.insert(place, kept[chance.randrange(len(kept))])
        elif action == 3:
            kept[place] = " " * chance.randrange(6) + kept[place].lstrip()
        elif action == 4:
            at = chance.randrange(len(kept[place]) + 1)
            noise = chance.choice(
                ["\x00", "\ud800", "&a", "é", "-", "'", '"', "\t", "!!x", "\u2028", "999999999e999"]
            )
            kept[place] = kept[place][:at] + noise + kept[place][at:]
        else:
            kept = kept[: max(1, place)]
        if not kept:
            kept = [""]
    return "\n".join(kept)


def test_two_thousand_broken_contracts_end_in_errors_with_lines_or_are_read():
    chance = random.Random(7)
    originals = [path.read_text() for path in EXAMPLES]
    refused = []
    for _ in range(2000):
        text = broken(chance.choice(originals), chance)
        try:
            document = odcs.parse(text).document
        except FormatError as error:
            refused.append((text, error.faults))
            continue
        assert odcs.parse(odcs.render(document)).document == document
    assert 500 < len(refused) < 2000
    for text, faults in refused:
        most = len(text.splitlines()) + 1
        assert all(1 <= fault.line <= most and fault.message for fault in faults)
