"""Which local paths connectors may touch."""

import pytest

from connectors.base import Access
from connectors.errors import ConfigError
from connectors.paths import resolve


@pytest.fixture
def access(tmp_path):
    """Let a connector into data/files and into shared, in a folder that is closed otherwise."""
    for name in ("data/files", "data/keys", "shared", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    return Access(
        base=tmp_path / "data/files",
        roots=(tmp_path / "data/files", tmp_path / "shared"),
        scratch=tmp_path,
    )


def test_relative_paths_lie_under_the_base(access):
    for path in ("a/b.csv", "👨‍👩‍👧 ünï\u00a0$(x).csv", "a\nb.csv"):
        assert resolve(path, access) == access.base / path


def test_absolute_paths_may_lie_in_any_root(access, tmp_path):
    assert resolve(str(tmp_path / "shared/x"), access) == tmp_path / "shared/x"


@pytest.mark.parametrize("path", ["../keys/secret", "/etc/passwd", "../../elsewhere/x", "..", "/"])
def test_paths_outside_of_the_roots_are_refused_with_the_roots(access, tmp_path, path):
    with pytest.raises(ConfigError, match="outside of the folders") as caught:
        resolve(path, access)
    assert str(tmp_path / "shared") in caught.value.message
    assert caught.value.field == "path"


def test_symbolic_links_are_followed_before_they_are_judged(access, tmp_path):
    (access.base / "inside").symlink_to(tmp_path / "shared")
    (access.base / "outside").symlink_to(tmp_path / "elsewhere")
    assert resolve("inside/x", access) == tmp_path / "shared/x"
    with pytest.raises(ConfigError, match="outside of the folders"):
        resolve("outside/x", access)


@pytest.mark.parametrize("path", [".env", "a/.git/config", "../files/.x"])
def test_names_that_begin_with_a_dot_are_closed(access, path):
    with pytest.raises(ConfigError, match="begin with a dot"):
        resolve(path, access)


def test_a_root_around_the_platform_does_not_open_its_own_data(access, tmp_path):
    wide = Access(base=access.base, roots=(access.base, tmp_path), scratch=tmp_path)
    assert resolve("x", wide) == access.base / "x"
    assert resolve(str(tmp_path / "elsewhere/x"), wide) == tmp_path / "elsewhere/x"
    with pytest.raises(ConfigError, match="outside of the folders"):
        resolve("../keys/secret", wide)


@pytest.mark.parametrize("path", ["", "a\0b"])
def test_what_is_not_a_path_is_refused(access, path):
    with pytest.raises(ConfigError, match="is not a path"):
        resolve(path, access, field="db_path")


@pytest.mark.parametrize("path", ["x" * 256, "ü" * 128, "/".join(["a"] * 2001)])
def test_a_path_that_is_too_long_is_refused(access, path):
    with pytest.raises(ConfigError, match="too long") as caught:
        resolve(path, access, field="db_path")
    assert caught.value.field == "db_path"
    assert len(caught.value.message) < 200


def test_links_that_turn_in_a_circle_are_refused(access):
    (access.base / "a").symlink_to(access.base / "b")
    (access.base / "b").symlink_to(access.base / "a")
    with pytest.raises(ConfigError, match="cannot be followed"):
        resolve("a", access)
