"""The Delta tables below one path: found, opened, read."""

import os
from typing import TYPE_CHECKING
from urllib.parse import unquote

from connectors.base import Access
from connectors.errors import ConfigError, DataError
from connectors.files.keeping import Keeper
from connectors.files.locations import Bucketed, Local
from connectors.files.settings import FileSettings
from connectors.lakes.delta.log import FEATURES, LOG, Version, version_of
from connectors.lakes.homes import home_of, keeper_of, named, options_for
from connectors.paths import resolve

if TYPE_CHECKING:
    import polars as pl
    from deltalake import DeltaTable


READABLE = frozenset({*FEATURES, "deletionVectors"})


class Tables:
    """Opens tables by their names below the path of the settings."""

    def __init__(self, settings: FileSettings, access: Access) -> None:
        """Keep where to look."""
        self.settings = settings
        self.access = access

    def place(self, table: str | None) -> Local | Bucketed:
        """Return the folder of a table."""
        return home_of(self.settings, table, self.access)

    def named(self, table: str | None) -> str:
        """Return the one name of a table that may be written."""
        return named(self.settings, table, self.access)

    def keeper(self, table: str | None) -> Keeper:
        """Return what reads and writes in the folder of a table."""
        return keeper_of(self.place(table), self.settings, self.access)

    def options(self, table: str | None) -> dict[str, str] | None:
        """Return the options with which a bucket is reached, None for folders."""
        return options_for(self.place(table), self.settings)

    def listed(self) -> list[str | None]:
        """Return the tables: the path itself, or what lies right below it."""
        keeper = self.keeper(None)
        if _holds_log(keeper, ""):
            return [None]
        below = [name for name in keeper.below("") if not name.startswith((".", "_"))]
        return [name for name in below if _holds_log(keeper, f"{name}/")]

    def opened(self, table: str | None, number: int | None = None) -> "DeltaTable | None":
        """Open a version of a table, the last one where none is given; None where there is none."""
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError, TableNotFoundError

        # This also lets a store say what is wrong with the keys.
        if not _holds_log(self.keeper(table), ""):
            return None
        where = self.place(table)
        uri = str(where)
        try:
            return DeltaTable(uri, version=number, storage_options=self.options(table))
        except TableNotFoundError:
            return None
        except (DeltaError, ValueError) as error:
            first = str(error).splitlines()[0]
            if number is not None:
                raise ConfigError(f"{uri}, version {number}: {first}", field="version") from error
            raise DataError(f"{uri} is not a sound Delta table: {first}") from error

    def version(self, table: str | None, number: int | None = None) -> Version:
        """Return what the log says of a table; of one that is not there too."""
        opened = self.opened(table, number)
        if opened is None:
            return Version()
        version = version_of(opened)
        self._demand_readable(table, version)
        self._demand_inside(table, version)
        return version

    def demand(self, table: str | None, number: int | None) -> Version:
        """Return a version of a table; raise ConfigError where there is none."""
        version = self.version(table, number)
        if not version.exists:
            raise self._missing(table)
        return version

    def rows_of(
        self, table: str | None, version: Version, path: str | None = None
    ) -> "pl.LazyFrame":
        """Return the rows of a version, or of the one data file at `path`, as it spells it."""
        import polars as pl

        assert version.columns is not None
        if "deletionVectors" in version.readers[1]:
            return self._foreign(table, version)
        keeper = self.keeper(table)
        paths = [name for name, _, _ in version.files] if path is None else [path]
        if not paths:
            return pl.LazyFrame(schema=dict(version.columns))
        partitions = {name: version.columns[name] for name in version.partitions}
        return pl.scan_parquet(
            [keeper.url(unquote(name)) for name in paths],
            schema={
                name: dtype for name, dtype in version.columns.items() if name not in partitions
            },
            hive_schema=partitions or None,
            hive_partitioning=bool(partitions),
            storage_options=self.options(table),
            glob=False,
            missing_columns="insert",
            extra_columns="ignore",
            # Files of other programs, and of older versions, may have narrower columns.
            cast_options=pl.ScanCastOptions(
                integer_cast="upcast",
                float_cast="upcast",
                datetime_cast=["nanosecond-downcast", "convert-timezone"],
                missing_struct_fields="insert",
                extra_struct_fields="ignore",
            ),
        ).select(list(version.columns))

    def _foreign(self, table: str | None, version: Version) -> "pl.LazyFrame":
        """Read a table of another program as Polars does, whose rows may be marked as deleted."""
        import polars as pl

        opened = self.opened(table, version.number)
        assert opened is not None
        options = self.options(table)
        return pl.scan_delta(opened, storage_options=options, credential_provider=None)

    def check_path(self) -> str:
        """Return that the path may be used."""
        return f"{self.place(None)} may be used"

    def check_tables(self) -> str:
        """Look for tables; raise ConfigError where nothing can be read nor written."""
        where, tables = self.place(None), self.listed()
        if tables:
            return (
                "The table can be read" if tables == [None] else f"{len(tables)} tables are there"
            )
        if isinstance(where, Local):
            folder = next(path for path in [where.path, *where.path.parents] if path.exists())
            if not folder.is_dir():
                raise ConfigError(f"{folder} is a file, not a folder", field="path")
            if not os.access(folder, os.W_OK | os.X_OK):
                raise ConfigError(f"There is no table, and {folder} may not be written")
        return "No table is there yet; the first load makes it"

    def _missing(self, table: str | None) -> ConfigError:
        known = [name for name in self.listed() if name]
        there = f"; `table` may be one of: {', '.join(known[:20])}" if known else ""
        return ConfigError(
            f"There is no Delta table at {self.place(table)}{there}",
            field="table" if known else "path",
        )

    def _demand_readable(self, table: str | None, version: Version) -> None:
        strange = sorted(version.readers[1] - READABLE)
        if version.properties.get("delta.columnMapping.mode", "none") != "none":
            strange.append("columnMapping")
        if strange:
            raise ConfigError(
                f"{self.place(table)} uses the Delta feature {strange[0]!r}, which Millrace cannot "
                "read; copy the table without it",
                field="path",
            )

    def _demand_inside(self, table: str | None, version: Version) -> None:
        """A log may name any file; only those in the table's own folder are read."""
        where = self.place(table)
        for path, _, _ in version.files:
            pieces = unquote(path).split("/")
            is_inside = "://" not in path and not path.startswith("/") and ".." not in pieces
            if not is_inside:
                raise ConfigError(
                    f"{where} refers to {path!r} outside of its folder, and that is closed; copy "
                    "the table as a whole",
                    field="path",
                )
            if isinstance(where, Local):
                resolve(str(where.path / unquote(path)), self.access)


def _holds_log(keeper: Keeper, folder: str) -> bool:
    return any(
        name.endswith((".json", ".parquet", "_last_checkpoint"))
        for name in keeper.children(f"{folder}{LOG}")
    )
