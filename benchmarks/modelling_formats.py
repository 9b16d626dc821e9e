"""A model of 1,000 tables and 20,000 columns as a data contract: written, and read back."""

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from uuid import UUID, uuid5

from benchmarks.measuring import ROUNDS, Result
from modelling.formats import odcs
from modelling.schema import Column, Document, Domain, Relationship, Table

ROOT = UUID(int=1)
TABLES, COLUMNS = 1_000, 20
TYPES = ("BIGINT", "VARCHAR(255)", "TIMESTAMP", "DECIMAL(10,2)", "BOOLEAN")


def model() -> Document:
    """Return a model in which every table but the first refers to the one before it."""
    domain = Domain(id=uuid5(ROOT, "domain"), name="Sales", is_primary=True)
    tables = tuple(_table(number, domain.id) for number in range(TABLES))
    links = tuple(
        Relationship(
            id=uuid5(ROOT, f"link {child.name}"),
            source_table_id=parent.id,
            target_table_id=child.id,
            source_column_ids=(parent.columns[0].id,),
            target_column_ids=(child.columns[1].id,),
        )
        for parent, child in pairwise(tables)
    )
    return Document(id=ROOT, name="Large", domains=(domain,), tables=tables, relationships=links)


def _table(number: int, domain: UUID) -> Table:
    table = uuid5(ROOT, f"table {number}")
    columns = tuple(
        Column(
            id=uuid5(table, str(place)),
            name=f"column_{place}",
            data_type=TYPES[place % len(TYPES)],
            nullable=place > 0,
            is_primary_key=place == 0,
            order=place,
            description="What this column means to those who read it.",
        )
        for place in range(COLUMNS)
    )
    name = f"table_{number}"
    return Table(id=table, primary_domain_id=domain, name=name, columns=columns)


def seconds(work: Callable[[], object]) -> float:
    """Return the median time of one execution."""
    times: list[float] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return median(times)


def measure(folder: Path) -> list[Result]:
    """Measure writing and reading; both in this process, without a database."""
    document = model()
    text = odcs.render(document)
    (folder / "large.odcs.yaml").write_text(text)
    size = f"{TABLES:,} tables, {TABLES * COLUMNS:,} columns, {len(text) / 2**20:.1f} MB"
    works = (
        ("ODCS export", lambda: odcs.render(document), 1.5),
        ("ODCS import", lambda: odcs.parse(text), 5.0),
    )
    results: list[Result] = []
    for name, work, limit in works:
        took = seconds(work)
        results.append(Result(name, size, f"{took:.2f} s", f"{limit} s", took <= limit))
    return results
