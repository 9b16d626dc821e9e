"""Checks after a load: that what a target holds is what was sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.base import Destination, Options, Source, Target, WriteMode
from connectors.configuration import validate
from connectors.errors import ConfigError, DataError
from jobs.engine.host import Host
from jobs.engine.sums import Column, Sums
from jobs.plan import Load

if TYPE_CHECKING:
    import polars as pl

# Where a marker's State keeps the sums that the target must have.
SUMS = "sums"
# What says which table is meant, in what is written and in what is read alike.
PLACES = ("table", "table_schema", "namespace")
# A table that is not there yet holds nothing.
ABSENT = ("table", "path", "db_path")
OpenSource = Callable[[], Source]
PROVABLE = (WriteMode.REPLACE, WriteMode.APPEND, WriteMode.ERROR)


@dataclass(frozen=True)
class Check:
    """One thing that was compared; `passed` is None where it could not be."""

    name: str
    expected: str
    found: str
    passed: bool | None = None

    def shown(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "name": self.name,
            "passed": self.passed,
            "expected": self.expected,
            "found": self.found,
        }


class Proof:
    """The checks of one load, in the order in which they can be made.

    `open_source` opens the target to be read, each time anew.
    """

    def __init__(self, step: Load, host: Host) -> None:
        """Serve `step`; nothing is read before it is asked for."""
        self._step = step
        self._host = host
        self._checks: list[Check] = []
        self._sent: Sums | None = None
        self._before: Sums | None = None

    @staticmethod
    def is_possible(target: Target) -> bool:
        """Whether what the target must hold after a load is known."""
        return target.options.mode in PROVABLE

    def begin(
        self, open_source: OpenSource, target: Target, schema: "Mapping[str, pl.DataType]"
    ) -> None:
        """Sum up what the target holds before rows are added to it."""
        self._before = Sums.of(schema)
        if target.options.mode is WriteMode.APPEND:
            self._before = self._summed(open_source, target, list(schema)) or Sums.of(schema)
        self._sent = Sums.of(schema)

    def watch(self, frame: "pl.LazyFrame") -> "pl.LazyFrame":
        """Return the frame; what passes it is what was sent."""
        return frame if self._sent is None else self._sent.watch(frame, self._host.pulse)

    def count(self, target: Target, *, sent: int, staged: int) -> None:
        """Compare how many rows were sent with how many are staged; DataError where they differ."""
        self._add(Check("rows", str(sent), str(staged), passed=sent == staged))
        if sent != staged:
            raise DataError(
                f"{sent} rows were sent to {target.place} but it holds {staged}; "
                "nothing was committed"
            )

    def expected(self) -> dict[str, Any] | None:
        """Return the sums that the target must have after the commit, for its marker."""
        if self._sent is None or self._before is None:
            return None
        return self._before.plus(self._sent).stored()

    def finish(
        self, open_source: OpenSource, target: Target, expected: Mapping[str, Any] | None
    ) -> None:
        """Compare the sums of the target; DataError where they differ, after the rows are visible."""
        wanted = Sums.read(expected)
        if wanted is None:
            self._add(Check("checksums", "", "not compared: no sums were kept with the rows"))
            return
        found = self._summed(open_source, target, list(wanted.columns)) or Sums.of({})
        checks = compared(wanted, found)
        self._add(*checks)
        wrong = [check.name for check in checks if check.passed is False]
        if wrong:
            raise DataError(
                f"{target.place} does not hold what was sent: {', '.join(wrong)} differ. Its "
                "rows are visible already; look whether something else writes there, and load the "
                "stream anew"
            )

    def skip(self, target: Target) -> None:
        """Tell why checksums that a job wants cannot be compared for this load."""
        mode = target.options.mode.value
        self._add(Check("checksums", "", f"not compared: {mode} merges rows with others"))

    def _summed(self, open_source: OpenSource, target: Target, names: list[str]) -> Sums | None:
        """Return the sums of these columns of the target; None where it does not exist yet."""
        import polars as pl

        source = open_source()
        try:
            frame = source.scan(reading(type(source), target.options)).frame
        except ConfigError as error:
            if error.field in ABSENT:
                return None
            raise
        held = frame.collect_schema()
        by_name = {name.casefold(): name for name in held} | {name: name for name in held}
        sought = {name: by_name.get(name, by_name.get(name.casefold())) for name in names}
        frame = frame.select(
            pl.lit(None).alias(name) if column is None else pl.col(column).alias(name)
            for name, column in sought.items()
        )
        sums = Sums.of(frame.collect_schema())
        sums.watch(frame, self._host.pulse).select(pl.len()).collect(engine="streaming")
        return sums

    def _add(self, *checks: Check) -> None:
        self._checks.extend(checks)
        self._host.note(self._step, "checks", [check.shown() for check in self._checks])


def reading(plugin: type[Source], options: Options) -> Any:
    """Return the ReadOptions that read back what `options` write."""
    said = {name: getattr(options, name) for name in PLACES if hasattr(options, name)}
    known = plugin.ReadOptions.model_fields
    return validate(plugin.ReadOptions, {k: v for k, v in said.items() if k in known})


def can_read_back(plugin: type[Destination]) -> bool:
    """Whether what this connector writes can be read again with the very same types."""
    return issubclass(plugin, Source) and plugin.rereads


def compared(wanted: Sums, found: Sums) -> list[Check]:
    """Return one check for the whole, and one for each column that differs or cannot be compared."""
    single: list[Check] = []
    for name, one in wanted.columns.items():
        other = found.columns.get(name, Column("null"))
        if not _is_alike(one, other):
            single.append(Check(f"checksum of {name!r}", one.sort, other.sort))
        elif (one.total, one.nulls) != (other.total, other.nulls):
            seen = (_text(one), _text(other))
            single.append(Check(f"checksum of {name!r}", *seen, passed=False))
    is_whole = all(check.passed is not None for check in single)
    wrong = any(check.passed is False for check in single) or wanted.rows != found.rows
    if is_whole:
        wrong = wrong or wanted.total != found.total
    mark, held = (f"{sums.rows} rows, {sums.total:016x}" for sums in (wanted, found))
    if not is_whole:
        mark, held = f"{wanted.rows} rows", f"{found.rows} rows"
    return [Check("checksums", mark, held, passed=not wrong), *single]


def _is_alike(one: Column, other: Column) -> bool:
    """Whether two columns say the same sort of thing; nulls alone are of every sort."""
    return one.sort != "" and (one.sort == other.sort or "null" in (one.sort, other.sort))


def _text(column: Column) -> str:
    return f"{column.total:016x}, {column.nulls} nulls"
