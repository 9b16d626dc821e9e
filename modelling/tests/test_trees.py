"""Texts of strangers are read within bounds, and what was written is read alike by everybody."""

import json

import pytest
import yaml
from hypothesis import given, settings

from modelling.exchange.faults import FormatError
from modelling.exchange.trees import lines, tree
from modelling.exchange.yamls import dumped
from modelling.tests.documents import objects


def laughs():
    """Return a thousand million words in ten lines."""
    steps = zip("abcdefgh", "bcdefghi", strict=True)
    rest = (f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in steps)
    return "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(rest)


def ladder():
    """Return 300 levels, each an alias of the one before."""
    return "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 300))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (laughs(), 6, "more than 1,000,000 values"),
        (ladder(), 100, "deeper than 100"),
        ("[" * 200 + "]" * 200, 1, "deeper than 100"),
        ("a: " + "{b: " * 150 + "}" * 150, 1, "deeper than 100"),
        ("- a\n" * 1_100_000, 1_000_000, "more than 1,000,000 values"),
        ("x" * 11_000_000, 1, "10 MB"),
        ("a: 1\nb: 2\na: 3", 3, "'a' is there twice"),
        ("a: .inf", 1, "quotes"),
        ("a: 1e999", 1, "quotes"),
        ("a: " + "9" * 5000, 1, "digits"),
        ("a: !!python/object:os.system x", 1, "not allowed"),
        ("a: !!binary x", 1, "not allowed"),
        ("&a [*a]", 1, "stands for nothing"),
        ("", 1, "empty"),
        ("# only a remark", 1, "empty"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ('a: "\\0"', 1, "NUL"),
        ("a: \ud800", 1, "Unicode"),
        ("a:\n  - b\n\t- c", 3, "no YAML"),
        ("? [a]\n: b", 1, "not a text"),
        ("a: [", 2, "no YAML"),
    ],
)
def test_what_is_no_tree_within_bounds_is_refused_with_its_line(text, line, words):
    with pytest.raises(FormatError, match=words) as error:
        tree(text)
    assert error.value.faults[0].line == line


def test_words_mean_what_yaml_1_2_says():
    text = (
        "{a: no, b: 2020-01-01, c: 1_000, d: 0o17, e: 0x1F, f: ~, g: True, h: '1', i: 1:30, j: .5}"
    )
    assert tree(text) == {
        "a": "no",
        "b": "2020-01-01",
        "c": "1_000",
        "d": 15,
        "e": 31,
        "f": None,
        "g": True,
        "h": "1",
        "i": "1:30",
        "j": 0.5,
    }


def test_an_alias_within_bounds_is_what_it_stands_for():
    assert tree("a: &x {b: [1, 2]}\nc: *x") == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}}


@settings(deadline=None, max_examples=60)
@given(objects)
def test_what_is_written_is_read_alike_by_us_and_by_others(value):
    text = dumped(value)
    assert tree(text) == value
    if "\ufeff" not in json.dumps(value, ensure_ascii=False):
        assert yaml.safe_load(text) == value


@settings(deadline=None, max_examples=60)
@given(objects)
def test_json_is_read_whatever_it_escapes(value):
    assert tree(json.dumps(value)) == value


def test_a_line_is_found_within_lists_and_mappings():
    text = "a:\n- b: 1\n  c:\n  - x\n  - {y: 2}\n- d: [1,\n  2]\n"
    paths = [("a", 0, "c", 1, "y"), ("a", 1, "d", 1), ("a", 1, "nothing"), ("a", 0, "c")]
    assert [line for line, _ in lines(text, paths).values()] == [5, 7, 6, 3]
