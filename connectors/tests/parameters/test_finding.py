"""Where a query names parameters, and where a colon is something else."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sql.parameters import DUCKDB, POSTGRES, SQLITE, mysql, names_in, without_end

DIALECTS = {"postgres": POSTGRES, "duckdb": DUCKDB, "sqlite": SQLITE, "mysql": mysql()}


def found(sql, dialect):
    """Return the names of the parameters of a query."""
    return [place.name for place in names_in(sql, dialect)]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT * FROM users WHERE created_at > :start_date", ["start_date"]),
        (":a", ["a"]),
        ("a=:a AND b<>:b OR c IN (:c,:d) LIMIT :größe", ["a", "b", "c", "d", "größe"]),
        ("SELECT ':no', 'it''s :no', \":no\", 'x' || :yes", ["yes"]),
        ("SELECT 1 -- :no\n + :yes /* :no */ -- :no", ["yes"]),
        ("SELECT 12:30, a:no, f():no, 'x':no, t.a:no, :1, : no, :", []),
        ("SELECT a := 1, @a :=1", []),
        ("SELECT 'never ends :no", []),
        ("SELECT /* never ends :no", []),
    ],
)
def test_a_name_is_a_parameter_outside_of_texts_and_comments(sql, names, dialect):
    assert found(sql, dialect) == names


@pytest.mark.parametrize("dialect", [POSTGRES, DUCKDB])
@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT :a::date, '1'::no, x :: no, (:b)::text::no", ["a", "b"]),
        ("SELECT a[1:2], a[1:no], a[:no], a[1 :no], a[(:yes)], (f(x))[1:no]", ["yes"]),
        ("SELECT ARRAY[:a, :b], ARRAY [[:c]], x IN [:d], [:e][1:no]", ["a", "b", "c", "d", "e"]),
        ("SELECT {'no':no, 'b': :b, 'c': {'no' :no, 'd': :d}}", ["b", "d"]),
        ("SELECT j->':no', j->:a, j->>:b, j @> :c, j #>> :d", ["a", "b", "c", "d"]),
        (r"SELECT E'it\'s :no', e'\\', :yes, 'a\', :too", ["yes", "too"]),
        ("SELECT $$ :no ' $$, $tag$ :no $$ :no $tag$, :yes, a$b$ || :too", ["yes", "too"]),
        ("SELECT /* :no /* :no */ :no */ :yes", ["yes"]),
        ("SELECT e'no' || type'x' || :yes", ["yes"]),
    ],
)
def test_what_postgresql_and_duckdb_write_with_colons(sql, names, dialect):
    assert found(sql, dialect) == names


def test_what_sqlite_writes_with_colons():
    assert found("SELECT [a :no], `:no`, 'a\\', :yes /* /* */ , :too", SQLITE) == ["yes", "too"]


def test_mysql_reads_texts_by_its_mode():
    sql = r"""SELECT 'it\'s :no', "\" :no", `:no`, 1--:a, 2 -- :no
        , :b # :no
        , :c"""
    assert found(sql, mysql()) == ["a", "b", "c"]
    assert found(r"SELECT 'a\', :a, 'b'", mysql("ANSI,NO_BACKSLASH_ESCAPES")) == ["a"]
    assert found(r"""SELECT "a\", :a, 'it\'s :no'""", mysql("ANSI_QUOTES")) == ["a"]


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        ("SELECT 1", "SELECT 1"),
        (" SELECT 1 ; -- done\n ; /* really */ ", " SELECT 1"),
        ("SELECT 1; DELETE FROM t;", "SELECT 1; DELETE FROM t"),
        ("SELECT '; -- no end'", "SELECT '; -- no end'"),
        ("SELECT 3 - 1 /* why */ -- ;", "SELECT 3 - 1"),
        ("-- nothing", ""),
    ],
)
def test_the_end_of_a_query_is_what_says_nothing(sql, kept):
    for dialect in DIALECTS.values():
        assert without_end(sql, dialect) == kept


NOISE = {
    "any": [
        "SELECT", "a", "1.5", "(x)", "= ", ", ", "||", "'x'", "':no'", "'it''s :no'", '"q :no"',
        "-- :no ' \"\n", "/* :no ' */", "x::no", "'é:no'", "\n", "->", "12:30", "a:no",
    ],
    "postgres": ["$$ :no ' $$", "$t$ $$:no $t$", "/* /* :no */ ' */", r"E'\' :no'", "a[1:no]"],
    "mysql": [r"'\' :no'", "# :no '\n", "`:no`", r'"\" :no"'],
    "sqlite": ["[:no]", "`' :no`", r"'\'"],
}  # fmt: skip


@settings(deadline=None)
@given(data=st.data(), system=st.sampled_from(["postgres", "mysql", "sqlite"]))
def test_exactly_the_names_between_other_pieces_are_found(data, system):
    piece = st.sampled_from([*NOISE["any"], *NOISE[system]])
    name = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True).filter(lambda one: one != "no")
    parts = data.draw(st.lists(st.one_of(piece, name.map(lambda one: f":{one}")), max_size=30))
    sql = " ".join(parts)
    wanted = [part[1:] for part in parts if re.fullmatch(r":\w+", part)]
    assert found(sql, DIALECTS[system]) == wanted


@settings(deadline=None)
@given(sql=st.text(alphabet="':\"`$[]{}()-/*#\\\n aeE:1_,é"), system=st.sampled_from([*DIALECTS]))
def test_any_text_is_read_to_its_end(sql, system):
    for place in names_in(sql, DIALECTS[system]):
        assert sql[place.start : place.end] == f":{place.name}"
