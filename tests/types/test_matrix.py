"""Every type of every source at every destination: the same value, exact text, or refused by name.

Nothing else may happen. `expectations/` says what does; docs/types.md shows it.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from connectors import registry
from connectors.base import Access, Destination
from connectors.errors import DataError
from tests.contract.subjects import access_to
from tests.types.cases import Case
from tests.types.copying import Aim, aim, changed, copy, refusal, rows_of
from tests.types.outcomes import DESTINATIONS, NO, SAME, TEXT, VALUE, expected
from tests.types.page import PAGE, page
from tests.types.sources import CASES, Origin, columns_of, make

# Words of the sentences that tell a person what to do.
ADVICE = (
    "set `",
    "step before",
    "drop it",
    "replace",
    "cast",
    "choose",
    "read it",
    "write json",
    "shorten it",
)


@pytest.fixture(scope="session")
def origins(request, tmp_path_factory) -> Callable[[str], Origin]:
    """The tables of the sources, made when they are first needed."""

    @cache
    def origin(source: str) -> Origin:
        return make(source, tmp_path_factory.mktemp(source), request)

    return origin


@pytest.fixture(scope="session")
def access(tmp_path_factory):
    """An access to the folders of sources and destinations."""
    return access_to(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def read(origins, access) -> Callable[[str], pl.DataFrame]:
    """The rows of the sources, read once, for loads that are to be refused."""

    @cache
    def rows(source: str) -> pl.DataFrame:
        readable = [name for name, case in columns_of(source).items() if case.dtype is not None]
        return rows_of(origins(source), readable, access)

    return rows


Expected = dict[str, dict[str, Case]]
PAIRS = [(source, name) for source in CASES for name in DESTINATIONS]


@pytest.fixture(params=PAIRS, ids=[" to ".join(pair) for pair in PAIRS])
def way(request, tmp_path) -> tuple[str, Aim, Expected]:
    """A source, a place of a destination, and the columns by what is expected of them there."""
    source, name = request.param
    outcomes = expected(source)
    found: Expected = {outcome: {} for outcome in (SAME, TEXT, VALUE, NO)}
    for column, case in columns_of(source).items():
        if case.dtype is not None:
            found[outcomes[column][name]][column] = case
    return source, aim(name, tmp_path, request), found


@pytest.mark.slow
def test_no_value_is_changed_on_its_way(way, origins, read, access):
    source, to, of = way
    copy(origins(source), to, list(of[SAME]), access)
    assert not changed(to, of[SAME])
    for column in (*of[TEXT], *of[VALUE], *of[NO]):
        assert_refused(read(source).select("id", column), to, access)
    for column in of[NO]:
        texts = {"unheld_types": "text", "text_columns": [column]}
        assert_refused(read(source).select("id", column), to, access, **texts)
    assert not changed(to, of[SAME]), "a refused load has left something behind"
    if wanted := of[TEXT] | of[VALUE]:
        texts = {"unheld_types": "text", "text_columns": list(of[VALUE])}
        copy(origins(source), to, list(wanted), access, **texts)
        assert not changed(to, wanted, as_text=True)


def assert_refused(rows: pl.DataFrame, to: Aim, access: Access, **write: object) -> None:
    """Demand an error that names the column (beside `id`) and says what to do."""
    column = rows.columns[-1]
    told = refusal(rows, to, access, **write)
    assert told is not None, f"{column} was not refused"
    assert f"'{column}'" in told, told
    assert any(word in told for word in ADVICE), told


@pytest.mark.slow
@pytest.mark.parametrize("source", ["duckdb", "mysql", "postgres"])
def test_what_nobody_can_hold_is_refused_by_its_source(origins, access, source):
    refused = [column for column, case in columns_of(source).items() if case.dtype is None]
    assert refused
    for column in refused:
        with pytest.raises(DataError, match=f"{column}|several dimensions"):
            rows_of(origins(source), [column], access)


@pytest.mark.parametrize("source", CASES)
def test_each_column_is_read_as_the_table_says(read, source):
    found = read(source).schema
    assert {name: dtype for name, dtype in found.items() if name != "id"} == {
        name: case.dtype for name, case in columns_of(source).items() if case.dtype is not None
    }


def test_every_destination_of_the_registry_is_in_the_table():
    found = [one for one in registry.names() if issubclass(registry.connector(one), Destination)]
    assert tuple(found) == DESTINATIONS


def test_the_page_says_what_the_table_says():
    assert Path(PAGE).read_text(encoding="utf-8") == page(), "run: make types-page"
