"""The Iceberg tables of one catalog: named, opened, read."""

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from connectors.base import Access
from connectors.errors import ConfigError, DataError
from connectors.lakes.iceberg.settings import IcebergSettings

if TYPE_CHECKING:
    import polars as pl
    from pyiceberg.table import Table

    from connectors.lakes.iceberg.catalogs import Catalog
    from connectors.lakes.iceberg.storage import Storage

# A name becomes a folder of the warehouse.
PIECE = re.compile(r"[^./\\\"\x00-\x1f]{1,200}")
Name = tuple[str, str]


class Tables:
    """Opens tables by namespace and name."""

    def __init__(self, settings: IcebergSettings, access: Access) -> None:
        """Keep what to open; the catalog is opened on the first call."""
        self.settings = settings
        self.access = access

    @cached_property
    def catalog(self) -> "Catalog":
        """Return the catalog."""
        from connectors.lakes.iceberg.catalogs import open_catalog

        return open_catalog(self.settings, self.access)

    @cached_property
    def storage(self) -> "Storage":
        """Return where files lie."""
        from connectors.lakes.iceberg.storage import Storage

        return Storage(self.settings, self.access)

    def close(self) -> None:
        """Close the catalog, if it was opened."""
        if "catalog" in self.__dict__:
            engine = getattr(self.catalog, "engine", None)
            if engine is not None:
                engine.dispose()
            self.catalog.close()
            del self.__dict__["catalog"]

    def name(self, table: str, namespace: str | None) -> Name:
        """Return namespace and name of a table that is written as `table` or `namespace.table`."""
        before, _, last = table.rpartition(".")
        found = (before or namespace or self.settings.database, last)
        if namespace is not None and before not in ("", namespace):
            raise ConfigError(
                f"{table!r} names another namespace than {namespace!r}", field="table"
            )
        if not all(PIECE.fullmatch(piece) for piece in found):
            raise ConfigError(
                f"{table!r} is not the name of a table; write table or namespace.table, without "
                "dots, slashes and quotes in them",
                field="table",
            )
        return found

    def identity(self, name: Name) -> str:
        """Return the one name of a table, whatever job asks."""
        from connectors.lakes.iceberg.catalogs import identity

        return f"iceberg:{identity(self.settings, self.access)}#{'.'.join(name)}"

    def listed(self) -> list[Name]:
        """Return all tables of all namespaces."""
        from connectors.lakes.iceberg.catalogs import told

        with told():
            spaces = [space for space in self.catalog.list_namespaces() if len(space) == 1]
            found = [name for space in spaces for name in self.catalog.list_tables(space)]
        return sorted((str(name[0]), str(name[-1])) for name in found if len(name) == 2)

    def opened(self, name: Name) -> "Table | None":
        """Open a table as it stands; None where there is none."""
        from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

        from connectors.lakes.iceberg.catalogs import told

        try:
            with told():
                return self.catalog.load_table(name)
        except (NoSuchTableError, NoSuchNamespaceError):
            return None

    def demand(self, name: Name) -> "Table":
        """Open a table; raise ConfigError with the known ones where there is none."""
        found = self.opened(name)
        if found is None:
            known = [self.shown(other) for other in self.listed()]
            raise ConfigError(
                f"There is no table {self.shown(name)!r}; known: {', '.join(known[:20]) or 'none'}",
                field="table",
            )
        return found

    def shown(self, name: Name) -> str:
        """Return a name as a person writes it."""
        return name[1] if name[0] == self.settings.database else ".".join(name)

    def frame(self, table: "Table", snapshot: int | None = None) -> "pl.LazyFrame":
        """Return a lazy frame over a snapshot, the current one where none is given."""
        import polars as pl

        current = table.current_snapshot()
        if snapshot is not None and table.snapshot_by_id(snapshot) is None:
            raise ConfigError(f"There is no snapshot {snapshot}", field="snapshot")
        if current is None:
            from connectors.lakes.iceberg.columns import polars_schema

            return pl.LazyFrame(schema=polars_schema(table.schema()))
        chosen = current.snapshot_id if snapshot is None else snapshot
        for task in table.scan(snapshot_id=chosen).plan_files():
            for file in (task.file, *task.delete_files):
                self.storage.demand_open(file.file_path)
        # The other planner is a package of its own, and says so with every scan.
        os.environ.setdefault("POLARS_ICEBERG_PLANNER", "pyiceberg")
        options: dict[str, Any] | None = self.storage.options(table.location())
        try:
            return pl.scan_iceberg(
                table, snapshot_id=chosen, storage_options=options, reader_override="native"
            )
        except (NotImplementedError, pl.exceptions.PolarsError) as error:
            first = str(error).splitlines()[0]
            raise DataError(f"{'.'.join(table.name())} cannot be read: {first}") from error

    def rows(self, table: "Table", snapshot: int | None = None) -> int | None:
        """Return how many rows a snapshot's summary counts, None where it does not."""
        found = table.current_snapshot() if snapshot is None else table.snapshot_by_id(snapshot)
        if found is None:
            return 0
        summary = found.summary
        if summary is None or summary.get("total-delete-files", "0") != "0":
            return None
        count = summary.get("total-records")
        return None if count is None else int(count)
