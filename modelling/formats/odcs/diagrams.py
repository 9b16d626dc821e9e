"""Domains and data-flow diagrams: two custom properties of a contract's root, both ways."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from modelling.formats.odcs import custom
from modelling.formats.odcs.custom import Custom
from modelling.formats.odcs.reading import Reading, extras
from modelling.schema import Connection, Diagram, Document, Domain, Node, WorkspaceType

FORMAT_VERSION = 1
WITHOUT_DOMAIN = "Imported"


@dataclass
class Workspace:
    """What a contract says of its workspace."""

    type: WorkspaceType = "personal"
    domains: tuple[Domain, ...] = ()
    unknown: dict[str, Any] = field(default_factory=dict)

    @property
    def primary_first(self) -> list[Domain]:
        """The domains, the primary one before the others."""
        return sorted(self.domains, key=lambda domain: not domain.is_primary)


def domains(reading: Reading, ours: Custom, contract: Mapping[str, Any]) -> Workspace:
    """Return the domains of a contract; there is one at least if it has tables."""
    found: Workspace = ours.take("modelWorkspace", _workspace, Workspace())
    if found.domains or not contract.get("schema"):
        return _claimed(reading, found)
    said = contract.get("domain")
    name = said if isinstance(said, str) and said.strip() else WITHOUT_DOMAIN
    domain_id = reading.ids.claim(reading.document_id, "domain", f"domain {name}")
    found.domains = (Domain(id=domain_id, name=name, is_primary=True),)
    return found


def _claimed(reading: Reading, found: Workspace) -> Workspace:
    reading.ids.taken |= {domain.id for domain in found.domains}
    return found


def _workspace(value: Any) -> Workspace:
    """Accept what we wrote of a workspace; anything else stays a foreign property."""
    if value["formatVersion"] != FORMAT_VERSION or value["type"] not in get_args(WorkspaceType):
        raise ValueError
    known = tuple(_part(Domain, one) for one in value["domains"])
    if len({one.id for one in known}) != len(known) or len({one.name for one in known}) != len(
        known
    ):
        raise ValueError
    named = {"formatVersion", "type", "domains"}
    unknown = {key: value[key] for key in value if key not in named}
    return Workspace(value["type"], known, unknown)


def _part(model: type[BaseModel], value: Mapping[str, Any]) -> Any:
    """Return a part out of camel case; keys that it does not know are kept in its extras."""
    names = {to_camel(name): name for name in model.model_fields}
    fields = {names[key]: inner for key, inner in value.items() if key in names}
    more = {key: value[key] for key in value if key not in names}
    if more or "extras" in fields:
        fields["extras"] = extras({"more": more}, fields.get("extras"))
    custom.uuid(fields["id"])
    return model.model_validate(fields)


def _said(part: BaseModel) -> dict[str, Any]:
    """Return a part in camel case, without what is empty."""
    dumped = part.model_dump(mode="json", exclude={"extras"})
    before = getattr(part, "extras", {})
    more = before.get("odcs", {}).get("more", {})
    others = {key: before[key] for key in sorted(before) if key != "odcs"}
    said: dict[str, Any] = {to_camel(name): _whole(value) for name, value in dumped.items()}
    return said | dict(more) | ({"extras": others} if others else {})


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def diagrams(ours: Custom) -> tuple[Diagram, ...]:
    """Return the diagrams of a contract; what is none of ours stays a foreign property."""
    found: tuple[Diagram, ...] = ours.take("dataFlowDiagrams", _diagrams, ())
    return found


def _diagrams(value: Any) -> tuple[Diagram, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_diagram(one) for one in value)


def _diagram(value: Mapping[str, Any]) -> Diagram:
    parts = {
        "nodes": tuple(_part(Node, one) for one in value.get("nodes", ())),
        "connections": tuple(_part(Connection, one) for one in value.get("connections", ())),
    }
    found: Diagram = _part(Diagram, {**value, **parts})
    return found


def workspace_said(document: Document) -> dict[str, Any]:
    """Return what is written of a workspace and its domains."""
    unknown = document.extras.get("odcs", {}).get("workspace", {})
    said = [_said(domain) for domain in document.domains]
    return {"formatVersion": FORMAT_VERSION, "type": document.type, "domains": said, **unknown}


def diagram_said(diagram: Diagram) -> dict[str, Any]:
    """Return what is written of a diagram."""
    return _said(diagram) | {
        "nodes": [_said(node) for node in diagram.nodes],
        "connections": [_said(connection) for connection in diagram.connections],
    }
