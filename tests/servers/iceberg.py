"""A REST catalog of Iceberg tables on loopback: the protocol over a catalog in SQLite."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pyiceberg.catalog.rest import CreateTableRequest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NoSuchNamespaceError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.table import CommitTableRequest, StagedTable
from pyiceberg.table.metadata import new_table_metadata
from pyiceberg.table.update import AssertCreate

from tests.servers.http import HttpServer, Reply, Request

STATUSES: dict[type[Exception], int] = {
    NoSuchNamespaceError: 404,
    NoSuchTableError: 404,
    CommitFailedException: 409,
    TableAlreadyExistsError: 409,
}
OPTIONAL = {"location": None, "partition-spec": None, "write-order": None}
SPACES, SPACE, TABLES, TABLE = "", r"/([^/]+)", r"/([^/]+)/tables", r"/([^/]+)/tables/([^/]+)"


class RestCatalogServer(HttpServer):
    """Serves what this connector asks of a REST catalog; `token` is the one that opens it."""

    def __init__(self, folder: Path, token: str, **overrides: str) -> None:
        """Keep tables below a folder; `overrides` are told to every client."""
        super().__init__()
        self.token = token
        self.overrides = overrides
        self.folder = folder
        self.catalog = SqlCatalog("rest", uri=f"sqlite:///{folder}/rest.sqlite3?timeout=30")

    def answer(self, request: Request) -> Reply:
        """Answer one call of the protocol."""
        self.requests.append(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return self._error(401, "NotAuthorizedException", "wrong token")
        if request.path == "/v1/config":
            return self._json({"defaults": {}, "overrides": self.overrides})
        body = json.loads(request.body) if request.body else {}
        for (method, pattern), act in self._acts().items():
            found = re.fullmatch(f"/v1/namespaces{pattern}", request.path)
            if found and method == request.method:
                return self._acted(act, body, *found.groups())
        return self._error(404, "NotFound", f"{request.method} {request.path}")

    def _acts(self) -> dict[tuple[str, str], Callable[..., Any]]:
        catalog = self.catalog
        return {
            ("GET", SPACES): lambda _: {"namespaces": catalog.list_namespaces()},
            ("POST", SPACES): self._make_namespace,
            ("GET", SPACE): lambda _, s: {
                "namespace": [s],
                "properties": catalog.load_namespace_properties(s),
            },
            ("HEAD", SPACE): lambda _, s: catalog.load_namespace_properties(s),
            ("GET", TABLES): lambda _, s: {
                "identifiers": [
                    {"namespace": [s], "name": name[-1]} for name in catalog.list_tables(s)
                ]
            },
            ("POST", TABLES): self._stage,
            ("GET", TABLE): lambda _, s, t: self._told(catalog.load_table((s, t))),
            ("POST", TABLE): self._commit,
        }

    def _make_namespace(self, body: Any) -> Any:
        self.catalog.create_namespace_if_not_exists(tuple(body["namespace"]))
        return {"namespace": body["namespace"], "properties": {}}

    def _stage(self, body: Any, space: str) -> Any:
        asked = CreateTableRequest.model_validate(OPTIONAL | body)
        assert asked.stage_create
        metadata = new_table_metadata(
            location=asked.location or str(self.folder / "served" / space / asked.name),
            schema=asked.table_schema,
            partition_spec=asked.partition_spec,
            sort_order=asked.write_order,
            properties=asked.properties,
        )
        return {"metadata": metadata.model_dump(mode="json", by_alias=True), "config": {}}

    def _commit(self, body: Any, space: str, name: str) -> Any:
        asked = CommitTableRequest.model_validate({**body, "identifier": _identifier(space, name)})
        if any(isinstance(requirement, AssertCreate) for requirement in asked.requirements):
            first = next(u.location for u in asked.updates if u.action == "set-location")
            table: Any = StagedTable((space, name), None, first, None, self.catalog)  # type: ignore[arg-type]
        else:
            table = self.catalog.load_table((space, name))
        found = self.catalog.commit_table(table, asked.requirements, asked.updates)
        return found.model_dump(mode="json", by_alias=True)

    def _told(self, table: Any) -> Any:
        return {
            "metadata-location": table.metadata_location,
            "metadata": table.metadata.model_dump(mode="json", by_alias=True),
            "config": {},
        }

    def _acted(self, act: Callable[..., Any], *given: Any) -> Reply:
        try:
            return self._json(act(*given))
        except tuple(STATUSES) as error:
            status = next(code for kind, code in STATUSES.items() if isinstance(error, kind))
            return self._error(status, type(error).__name__, str(error))

    def _json(self, value: Any) -> Reply:
        plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        return Reply(json.dumps(plain).encode(), headers={"Content-Type": "application/json"})

    def _error(self, status: int, kind: str, message: str) -> Reply:
        text = json.dumps({"error": {"message": message, "type": kind, "code": status}})
        return Reply(text.encode(), status, {"Content-Type": "application/json"})


def _identifier(space: str, name: str) -> dict[str, Any]:
    return {"namespace": [space], "name": name}
