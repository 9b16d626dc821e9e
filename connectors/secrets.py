"""The secrets inside of a configuration: found, masked, and sealed one by one.

A secret is a value whose field is a `SecretStr`, and, inside of maps and free-form JSON (headers,
parameters), a value whose name sounds like one. Configurations are plain JSON in any spelling that
their model accepts; everything but the secrets stays as it was.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Protocol, Union, get_args, get_origin

from cryptography.fernet import InvalidToken
from pydantic import AliasChoices, AliasPath, BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from connectors.base.options import Settings
from connectors.configuration import validate
from connectors.errors import ConfigError

MASK = "********"
SEALED = "$sealed"

Path = tuple[str | int, ...]
# What to put in the place of the secret at a path, which is spelled with the names of fields.
Change = Callable[[Path, Any], Any]

WORDS = frozenset(
    {
        *("password", "passwd", "passphrase", "pwd", "secret", "secrets", "apikey", "bearer"),
        *("authorization", "cookie", "credential", "credentials", "signature", "jwt"),
    }
)
LAST_WORDS = frozenset({"token", "auth", "sig", "session", "sessionid"})
KEYS = frozenset(
    {*("api", "access", "private", "auth", "account", "subscription", "shared", "master")}
)
# A token that only says where the next page begins.
PLACES = frozenset({"page", "next", "continuation", "cursor", "sync", "pagination", "start"})


class Box(Protocol):
    """What encrypts and decrypts, such as cryptography's MultiFernet."""

    def encrypt(self, msg: bytes) -> bytes:
        """Return a token for these bytes."""

    def decrypt(self, msg: bytes) -> bytes:
        """Return the bytes of a token, or raise InvalidToken."""


def is_secret_name(name: str) -> bool:
    """Whether a header, parameter or member of that name holds a secret, as names go."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    words = re.findall(r"[a-z0-9]+", spaced.lower())
    if not words:
        return False
    before = words[-2] if len(words) > 1 else ""
    if words[-1] == "token" and before in PLACES:
        return False
    if words[-1] == "key":
        return before in KEYS or before in WORDS or not before
    return bool(WORDS & set(words)) or words[-1] in LAST_WORDS


def mask(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with `********` for every secret that is set."""
    return _rebuild(model, values, lambda _path, _secret: MASK)


def unmask(
    model: type[BaseModel], new: Mapping[str, Any], stored: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the new values with the stored secret wherever `********` was sent back.

    Raises ConfigError where nothing is stored that the mask could stand for, and where the new
    settings lead elsewhere: who may change them must not be able to send the secret there.
    """
    kept: dict[Path, Any] = {}
    _rebuild(model, stored, kept.setdefault)
    used: list[str] = []

    def keep(path: Path, secret: Any) -> Any:
        if secret != MASK:
            return secret
        name = ".".join(map(str, path))
        if path not in kept:
            raise ConfigError(f"{name}: {MASK} keeps a stored secret, but none is", field=name)
        used.append(name)
        return kept[path]

    opened = _rebuild(model, new, keep)
    if used and issubclass(model, Settings):
        _demand_same_reach(validate(model, opened), model, stored, kept=used[0])
    return opened


def seal(model: type[BaseModel], values: Mapping[str, Any], box: Box) -> dict[str, Any]:
    """Return the values with every secret as `{"$sealed": <token>}`, of any JSON type."""
    _refuse_reserved(values)

    def encrypt(_path: Path, secret: Any) -> dict[str, str]:
        return {SEALED: box.encrypt(json.dumps(secret).encode()).decode()}

    return _rebuild(model, values, encrypt)


def unseal(values: Mapping[str, Any], box: Box) -> dict[str, Any]:
    """Return the values with every sealed secret laid open, whatever model sealed it."""
    return {key: _opened(value, box, key) for key, value in values.items()}


def veil(value: Any) -> Any:
    """Return JSON with `********` for every sealed secret, whatever model sealed it."""
    if isinstance(value, Mapping):
        if value.keys() == {SEALED}:
            return MASK
        return {key: veil(item) for key, item in value.items()}
    return [veil(item) for item in value] if isinstance(value, list | tuple) else value


def secret_names(model: type[BaseModel]) -> list[str]:
    """Return the paths of all secret fields, `headers.*` for a map that may hold some; sorted."""
    return sorted(_names(model, (), (model,)))


def _demand_same_reach(
    new: Settings, model: type[Settings], stored: Mapping[str, Any], *, kept: str
) -> None:
    before, after = _reach_of(model, stored), new.reach()
    if changed := [name for name in after if before is None or before[name] != after[name]]:
        names = " and ".join(changed)
        raise ConfigError(
            f"{kept}: enter it anew; {MASK} keeps a stored secret only where {names} stays as it is",
            field=kept,
        )


def _reach_of(model: type[Settings], stored: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return where stored settings lead; None where the connector does not take them any more."""
    try:
        return validate(model, stored).reach()
    except ConfigError:
        return None


def _opened(value: Any, box: Box, name: str) -> Any:
    if isinstance(value, list):
        return [_opened(item, box, name) for item in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() != {SEALED}:
        return {key: _opened(item, box, f"{name}.{key}") for key, item in value.items()}
    try:
        return json.loads(box.decrypt(value[SEALED].encode()))
    except InvalidToken:
        raise ConfigError(
            f"{name}: the stored secret was sealed with a key that is not among FERNET_KEYS; "
            "add that key again, or enter the secret anew",
            field=name,
        ) from None


def _refuse_reserved(value: Any) -> None:
    items = value.items() if isinstance(value, Mapping) else ()
    for key, item in items:
        if key == SEALED:
            raise ConfigError(f"{SEALED!r} cannot be the name of a setting", field=SEALED)
        _refuse_reserved(item)
    for item in value if isinstance(value, list | tuple) else ():
        _refuse_reserved(item)


# --- Walking: values beside the types that describe them ---------------------------------------


def _rebuild(model: type[BaseModel], values: Mapping[str, Any], change: Change) -> dict[str, Any]:
    return {key: _member((model,), (key,), value, (), change) for key, value in values.items()}


def _member(
    models: tuple[type[BaseModel], ...],
    keys: tuple[str, ...],
    value: Any,
    path: Path,
    change: Change,
) -> Any:
    """Rebuild what lies under `keys` in an object that is described by one of these models."""
    fields = {spelling: found for model in models for spelling, found in _fields(model).items()}
    is_inside = any(
        len(spelling) > len(keys) and spelling[: len(keys)] == keys for spelling in fields
    )
    if is_inside and isinstance(value, Mapping):
        return {
            key: _member(models, (*keys, key), item, path, change) for key, item in value.items()
        }
    if keys in fields:
        name, field = fields[keys]
        return _value(field.annotation, value, (*path, name), change, in_map=False)
    return _value(Any, value, (*path, *keys), change, in_map=True)


def _value(annotation: Any, value: Any, path: Path, change: Change, *, in_map: bool) -> Any:
    """Rebuild one value of this type; `in_map` says that its name is data and may be telling."""
    kinds = list(_kinds(annotation))
    if _is_secret(kinds, path, in_map=in_map):
        return value if value is None or value == "" else change(path, value)
    if isinstance(value, Mapping):
        models = tuple(kind for kind in kinds if _is_model(kind))
        if models:
            return {key: _member(models, (key,), item, path, change) for key, item in value.items()}
        inner = _inner(kinds)
        return {
            key: _value(inner, item, (*path, key), change, in_map=True)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        inner = _inner(kinds)
        return [
            _value(inner, item, (*path, position), change, in_map=in_map)
            for position, item in enumerate(value)
        ]
    return value


def _is_secret(kinds: list[Any], path: Path, *, in_map: bool) -> bool:
    sounds_secret = in_map and is_secret_name(
        next(key for key in path[::-1] if isinstance(key, str))
    )
    if any(kind in (SecretStr, SecretBytes) for kind in kinds):
        # A map of `str | SecretStr` leaves the decision to the names.
        return str not in kinds or sounds_secret
    return sounds_secret and not any(_is_model(kind) for kind in kinds)


def _fields(model: type[BaseModel]) -> dict[tuple[str, ...], tuple[str, FieldInfo]]:
    """Map every spelling of every field, as a path of keys, to its name and itself."""
    found: dict[tuple[str, ...], tuple[str, FieldInfo]] = {}
    for name, field in model.model_fields.items():
        alias = field.validation_alias or field.alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias or name]
        for choice in [name, *choices]:
            keys = choice.path if isinstance(choice, AliasPath) else [choice]
            found[tuple(str(key) for key in keys)] = (name, field)
    return found


def _kinds(annotation: Any) -> Iterator[Any]:
    """Yield the alternatives of a type, without unions and annotations around them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for alternative in get_args(annotation):
            yield from _kinds(alternative)
    else:
        yield annotation


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _inner(kinds: list[Any]) -> Any:
    """Return the type of what a map or list of these kinds holds; anything where it is not said."""
    inner = [get_args(kind) for kind in kinds if get_origin(kind) in (dict, Mapping, list, tuple)]
    values = [
        args[1] if len(args) == 2 and args[1] is not ... else args[0] for args in inner if args
    ]
    return Union[tuple(values)] if values else Any  # noqa: UP007 - made at run time


def _names(annotation: Any, path: tuple[str, ...], seen: tuple[Any, ...]) -> Iterator[str]:
    kinds = list(_kinds(annotation))
    if any(kind in (SecretStr, SecretBytes) for kind in kinds):
        yield ".".join(path)
    for kind in kinds:
        if _is_model(kind) and (not path or kind not in seen):
            for name, field in kind.model_fields.items():
                yield from _names(field.annotation, (*path, name), (*seen, kind))
        elif get_origin(kind) in (dict, Mapping, list, tuple):
            yield from _names(_inner([kind]), (*path, "*"), seen)
