"""Which local paths connectors may touch."""

from pathlib import Path

from connectors.base import Access
from connectors.errors import ConfigError

# Bytes; Linux and macOS allow no more in most file systems.
LONGEST, LONGEST_NAME = 4000, 255


def resolve(path: str, access: Access, *, field: str = "path") -> Path:
    """Return where `path` really lies, symbolic links followed; it need not exist.

    Relative paths lie under `access.base`. Raises ConfigError for what is outside of the roots,
    for names that begin with a dot below a root, and for the platform's own data: whatever lies
    beside `access.base` and is let in only by a root further up.
    """
    _demand_a_path(path, field)
    try:
        real = (access.base / path).resolve()
    except (OSError, RuntimeError) as error:
        raise ConfigError(f"{path!r} cannot be followed: {error}", field=field) from None
    roots = [root.resolve() for root in access.roots]
    around = [root for root in roots if real.is_relative_to(root)]
    own = access.base.resolve().parent
    if real.is_relative_to(own):
        around = [root for root in around if root != own and root.is_relative_to(own)]
    if not around:
        known = ", ".join(str(root) for root in roots)
        raise ConfigError(
            f"{path!r} is outside of the folders that may be used: {known}. "
            "Move the file there, or add its folder to FILE_ROOTS",
            field=field,
        )
    below = real.relative_to(max(around, key=lambda root: len(root.parts)))
    hidden = [piece for piece in below.parts if piece.startswith(".")]
    if hidden:
        raise ConfigError(
            f"{path!r} lies in {hidden[0]!r}, and names that begin with a dot are closed",
            field=field,
        )
    return real


def _demand_a_path(path: str, field: str) -> None:
    if not path or "\0" in path:
        raise ConfigError(f"{path!r} is not a path", field=field)
    if len(path.encode()) > LONGEST or any(
        len(piece.encode()) > LONGEST_NAME for piece in path.split("/")
    ):
        raise ConfigError(
            f"{path[:64]!r}… is too long: a path has up to {LONGEST} bytes, and a name in it "
            f"up to {LONGEST_NAME}",
            field=field,
        )
