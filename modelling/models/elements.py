"""What a workspace holds: domains, tables with columns, relationships, diagrams."""

from typing import Any, ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q

from modelling.models.workspaces import LONGEST_NAME, Workspace


class ModelType(models.TextChoices):
    """How close to a database a part of the model is."""

    CONCEPTUAL = "conceptual"
    LOGICAL = "logical"
    PHYSICAL = "physical"


class Cardinality(models.TextChoices):
    """How many rows of each side belong together; the source is the one side of one-to-many."""

    ONE_TO_ONE = "one-to-one"
    ONE_TO_MANY = "one-to-many"
    MANY_TO_MANY = "many-to-many"


class Optionality(models.TextChoices):
    """Whether every row has its counterpart."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class ElementQuerySet(models.QuerySet[Any]):
    """Elements, by what is left of them."""

    def alive(self) -> Self:
        """Return those that are not deleted."""
        return self.filter(deleted_at=None)


class Element(models.Model):
    """What every element has; one that is deleted stays as a tombstone."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="%(class)ss")
    name = models.CharField(max_length=LONGEST_NAME)
    version = models.PositiveIntegerField(default=1, editable=False)
    # What formats know of it and we do not, by format.
    extras = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_modified_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ElementQuerySet.as_manager()

    class Meta:
        """Has no table of its own."""

        abstract = True
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


def name_once(kind: str) -> models.UniqueConstraint:
    """Return the rule that no two living elements of a kind share a name in a workspace."""
    return models.UniqueConstraint(
        fields=["workspace", "name"], condition=Q(deleted_at=None), name=f"{kind}_name_once"
    )


class Domain(Element):
    """A canvas: a part of the business and what is drawn of it."""

    model_type = models.CharField(max_length=16, choices=ModelType.choices)
    is_primary = models.BooleanField(default=False)

    class Meta(Element.Meta):
        """Its name is its own."""

        constraints: ClassVar[list[models.BaseConstraint]] = [name_once("domain")]


class Table(Element):
    """A table, where it stands on the canvas, and which canvases show it."""

    primary_domain = models.ForeignKey(Domain, models.PROTECT, related_name="tables")
    alias = models.CharField(max_length=LONGEST_NAME, blank=True)
    model_type = models.CharField(max_length=16, choices=ModelType.choices)
    position_x = models.FloatField(default=0)
    position_y = models.FloatField(default=0)
    width = models.FloatField(default=200)
    height = models.FloatField(default=150)
    # Uuids of the domains that show it, as texts; the primary one is among them.
    visible_domains = models.JSONField(default=list)
    description = models.TextField(blank=True)

    class Meta(Element.Meta):
        """Its name is its own."""

        constraints: ClassVar[list[models.BaseConstraint]] = [name_once("table")]


class Column(models.Model):
    """A column of a table."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    table = models.ForeignKey(Table, models.CASCADE, related_name="columns")
    name = models.CharField(max_length=LONGEST_NAME)
    data_type = models.TextField(blank=True)
    nullable = models.BooleanField(default=True)
    is_primary_key = models.BooleanField(default=False)
    is_foreign_key = models.BooleanField(default=False)
    # The uuid of a column of the same workspace.
    foreign_key_reference = models.UUIDField(null=True, blank=True)
    default_value = models.TextField(null=True, blank=True)  # noqa: DJ001 -- an empty text is a default too
    constraints = models.JSONField(default=dict, blank=True)
    order = models.PositiveIntegerField(default=0)
    description = models.TextField(blank=True)
    extras = models.JSONField(default=dict, blank=True)

    class Meta:
        """In the order that the table has."""

        ordering = ("table", "order", "id")
        # No rule on the names: a list that is replaced swaps them, row by row.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["table", "order"], name="column_of_table")
        ]

    def __str__(self) -> str:
        return self.name


class Relationship(Element):
    """How the rows of two tables belong together; the two may be one table."""

    name = models.CharField(max_length=LONGEST_NAME, blank=True)
    source_table = models.ForeignKey(Table, models.PROTECT, related_name="outgoing")
    target_table = models.ForeignKey(Table, models.PROTECT, related_name="incoming")
    cardinality = models.CharField(max_length=16, choices=Cardinality.choices)
    optionality = models.CharField(max_length=16, choices=Optionality.choices)
    # Uuids of columns as texts: pairs, place by place, so a key of several columns is one line.
    source_column_ids = models.JSONField(default=list, blank=True)
    target_column_ids = models.JSONField(default=list, blank=True)
    is_circular = models.BooleanField(default=False, editable=False)

    def __str__(self) -> str:
        return self.name or f"{self.source_table_id} to {self.target_table_id}"


class Diagram(Element):
    """How data flows: systems, what leads from one to another, and tables that it is about."""

    nodes = models.JSONField(default=list, blank=True)
    connections = models.JSONField(default=list, blank=True)
    linked_tables = models.JSONField(default=list, blank=True)

    class Meta(Element.Meta):
        """Its name is its own."""

        verbose_name = "data flow diagram"
        constraints: ClassVar[list[models.BaseConstraint]] = [name_once("diagram")]
