"""What is answered, as `modelling.shapes` makes it; the OpenAPI document is read from here."""

from typing import Any

from rest_framework import serializers

from config.api import schema
from modelling.models import WorkspaceType
from modelling.models.elements import Cardinality, ModelType, Optionality
from modelling.serializers.bodies import Facts, Uuids

Row = serializers.Serializer[Any]
ID, OTHER = "c1f7a2b9-e3d4-4f5c-8a1b-0e9d8f7c6b5a", "0b7e1f64-5f0a-4c58-8f3b-2f0e9c1d2a3b"
AT = "2026-01-20T10:30:00Z"
AGES = {"version": 1, "created_at": AT, "last_modified_at": AT}
WORKSPACE = {
    "id": ID,
    "name": "Shop",
    "type": "shared",
    "owner_id": OTHER,
    "project_id": OTHER,
    "seq": 12,
    **AGES,
}
DOMAIN = {
    "id": OTHER,
    "workspace_id": ID,
    "name": "Sales",
    "model_type": "logical",
    "is_primary": True,
    **AGES,
}
COLUMN = {
    "id": OTHER,
    "table_id": ID,
    "name": "order_id",
    "data_type": "BIGINT",
    "nullable": False,
    "is_primary_key": True,
    "is_foreign_key": False,
    "foreign_key_reference": None,
    "default_value": None,
    "constraints": {},
    "order": 0,
    "description": "",
}
TABLE = {
    "id": ID,
    "workspace_id": OTHER,
    "primary_domain_id": OTHER,
    "name": "orders",
    "alias": "Orders",
    "model_type": "physical",
    "position_x": 40.0,
    "position_y": 80.0,
    "width": 200.0,
    "height": 150.0,
    "visible_domains": [OTHER],
    "columns": [COLUMN],
    "description": "",
    **AGES,
}
RELATIONSHIP = {
    "id": ID,
    "workspace_id": OTHER,
    "source_table_id": OTHER,
    "target_table_id": ID,
    "cardinality": "one-to-many",
    "optionality": "required",
    "name": "places",
    "source_column_id": OTHER,
    "target_column_id": ID,
    "source_column_ids": [OTHER],
    "target_column_ids": [ID],
    "is_circular": False,
    **AGES,
}
NODE = {
    "id": ID,
    "diagram_id": OTHER,
    "type": "database",
    "name": "Shop",
    "position_x": 0.0,
    "position_y": 0.0,
    "icon": "",
    "metadata": {},
}
ARROW = {
    "id": OTHER,
    "diagram_id": OTHER,
    "source_node_id": ID,
    "target_node_id": OTHER,
    "label": "",
    "direction": "forward",
}
DIAGRAM = {
    "id": OTHER,
    "workspace_id": ID,
    "name": "Nightly load",
    "nodes": [NODE],
    "connections": [ARROW],
    "linked_tables": [ID],
    **AGES,
}


class Aged(Row):
    """What tells one state of a row from another."""

    version = serializers.IntegerField(help_text="Grows with every change; see If-Match.")
    created_at = serializers.DateTimeField()
    last_modified_at = serializers.DateTimeField()


@schema.shows(WORKSPACE)
class WorkspaceRow(Aged):
    """A workspace."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    type = serializers.ChoiceField(WorkspaceType.choices)
    owner_id = serializers.UUIDField()
    project_id = serializers.UUIDField(help_text="The project that it lies in.")
    seq = serializers.IntegerField(help_text="The number of its last event.")


@schema.shows({"workspaces": [WORKSPACE]})
class WorkspaceRows(Row):
    """The workspaces that one owns or takes part in."""

    workspaces = WorkspaceRow(many=True)


@schema.shows(DOMAIN)
class DomainRow(Aged):
    """A domain: a canvas."""

    id = serializers.UUIDField()
    workspace_id = serializers.UUIDField()
    name = serializers.CharField()
    model_type = serializers.ChoiceField(ModelType.choices)
    is_primary = serializers.BooleanField()


@schema.shows({"domains": [DOMAIN]})
class DomainRows(Row):
    """The domains of a workspace."""

    domains = DomainRow(many=True)


class ColumnRow(Row):
    """A column of a table."""

    id = serializers.UUIDField()
    table_id = serializers.UUIDField()
    name = serializers.CharField()
    data_type = serializers.CharField(allow_blank=True)
    nullable = serializers.BooleanField()
    is_primary_key = serializers.BooleanField()
    is_foreign_key = serializers.BooleanField()
    foreign_key_reference = serializers.UUIDField(allow_null=True)
    default_value = serializers.CharField(allow_null=True)
    constraints = Facts()
    order = serializers.IntegerField()
    description = serializers.CharField(allow_blank=True)


@schema.shows(TABLE)
class TableRow(Aged):
    """A table with its columns, and where it stands."""

    id = serializers.UUIDField()
    workspace_id = serializers.UUIDField()
    primary_domain_id = serializers.UUIDField()
    name = serializers.CharField()
    alias = serializers.CharField(allow_blank=True)
    model_type = serializers.ChoiceField(ModelType.choices)
    position_x = serializers.FloatField()
    position_y = serializers.FloatField()
    width = serializers.FloatField()
    height = serializers.FloatField()
    visible_domains = Uuids()
    columns = ColumnRow(many=True)
    description = serializers.CharField(allow_blank=True)


@schema.shows({"tables": [TABLE]})
class TableRows(Row):
    """The tables of a workspace."""

    tables = TableRow(many=True)


@schema.shows(RELATIONSHIP)
class RelationshipRow(Aged):
    """How two tables belong together; the single column ids are the first of the lists."""

    id = serializers.UUIDField()
    workspace_id = serializers.UUIDField()
    source_table_id = serializers.UUIDField()
    target_table_id = serializers.UUIDField()
    cardinality = serializers.ChoiceField(Cardinality.choices)
    optionality = serializers.ChoiceField(Optionality.choices)
    name = serializers.CharField(allow_blank=True)
    source_column_id = serializers.UUIDField(allow_null=True)
    target_column_id = serializers.UUIDField(allow_null=True)
    source_column_ids = Uuids()
    target_column_ids = Uuids()
    is_circular = serializers.BooleanField(help_text="Whether it lies on a circle of tables.")


@schema.shows({"relationships": [RELATIONSHIP]})
class RelationshipRows(Row):
    """The relationships of a workspace."""

    relationships = RelationshipRow(many=True)


class NodeRow(Row):
    """A station of a diagram."""

    id = serializers.UUIDField()
    diagram_id = serializers.UUIDField()
    type = serializers.ChoiceField(["database", "kafka_topic", "api", "processor", "target"])
    name = serializers.CharField()
    position_x = serializers.FloatField()
    position_y = serializers.FloatField()
    icon = serializers.CharField(allow_blank=True)
    metadata = Facts()


class ArrowRow(Row):
    """What leads from one station to another."""

    id = serializers.UUIDField()
    diagram_id = serializers.UUIDField()
    source_node_id = serializers.UUIDField()
    target_node_id = serializers.UUIDField()
    label = serializers.CharField(allow_blank=True)
    direction = serializers.ChoiceField(["forward", "bidirectional"])


@schema.shows(DIAGRAM)
class DiagramRow(Aged):
    """A data flow diagram."""

    id = serializers.UUIDField()
    workspace_id = serializers.UUIDField()
    name = serializers.CharField()
    nodes = NodeRow(many=True)
    connections = ArrowRow(many=True)
    linked_tables = Uuids()


@schema.shows({"diagrams": [DIAGRAM]})
class DiagramRows(Row):
    """The data flow diagrams of a workspace."""

    diagrams = DiagramRow(many=True)
