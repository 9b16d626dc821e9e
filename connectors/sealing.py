"""Configurations as they are stored and answered: secrets sealed, laid open, masked.

A flat configuration (`{"type": …, **settings, **options}`) is taken apart by field name, because
its secrets are known by the models of its two halves.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from pydantic import BaseModel

from connectors import registry, secrets
from connectors.base import Destination, Source
from connectors.configuration import Role, spellings
from connectors.errors import ConfigError

Flat = Mapping[str, Any]


def seal(config: Flat, role: Role) -> dict[str, Any]:
    """Return a flat configuration as it is stored."""
    box = _box()
    return _each_half(config, role, lambda model, values: secrets.seal(model, values, box))


def unseal(config: Flat) -> dict[str, Any]:
    """Return a stored configuration, or settings alone, with its secrets laid open."""
    return secrets.unseal(config, _box())


def texts(stored: object) -> set[str]:
    """Return every secret text of a stored value, to keep it out of logs and messages."""
    if isinstance(stored, Mapping):
        if stored.keys() == {secrets.SEALED}:
            return _texts_of(unseal({"": stored})[""])
        return texts(list(stored.values()))
    if isinstance(stored, list):
        return {text for item in stored for text in texts(item)}
    return set()


def _texts_of(secret: object) -> set[str]:
    if isinstance(secret, str):
        return {secret}
    inner = secret.values() if isinstance(secret, Mapping) else secret
    return (
        {text for item in inner for text in _texts_of(item)}
        if isinstance(inner, Iterable)
        else set()
    )


def mask(config: Flat, role: Role) -> dict[str, Any]:
    """Return a stored configuration as it is shown: `********` for every secret."""
    return _each_half(config, role, secrets.mask)


def unmask(config: Flat, stored: Flat | None, role: Role) -> dict[str, Any]:
    """Return what was sent, with the stored secret wherever `********` came back.

    Nothing is kept for another connector. Raises ConfigError where no secret is stored.
    """
    before = unseal(stored) if stored and _is_same(config, stored) else {}
    return _each_half(
        config, role, lambda model, values: secrets.unmask(model, values, _of_model(model, before))
    )


def reseal(stored: Any) -> Any:
    """Return stored JSON with every secret sealed by the first key; equal to it if all are.

    A ConfigError tells of a secret whose key is not among FERNET_KEYS.
    """
    if isinstance(stored, list):
        return [reseal(item) for item in stored]
    if not isinstance(stored, Mapping):
        return stored
    if stored.keys() != {secrets.SEALED}:
        return {key: reseal(item) for key, item in stored.items()}
    token = stored[secrets.SEALED].encode()
    try:
        Fernet(settings.FERNET_KEYS[0]).decrypt(token)
    except InvalidToken:
        return {secrets.SEALED: _rotated(token)}
    return stored


def _rotated(token: bytes) -> str:
    try:
        return _box().rotate(token).decode()
    except InvalidToken as error:
        raise ConfigError(
            "A stored secret was sealed with a key that is not among FERNET_KEYS"
        ) from error


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FERNET_KEYS])


def _is_same(one: Flat, other: Flat) -> bool:
    names = one.get("type"), other.get("type")
    return all(isinstance(name, str) for name in names) and (
        registry.connector(str(names[0])) is registry.connector(str(names[1]))
    )


def _of_model(model: type[BaseModel], values: Flat) -> dict[str, Any]:
    known = spellings(model)
    return {key: value for key, value in values.items() if key in known}


def _each_half(
    config: Flat, role: Role, change: Callable[[type[BaseModel], Flat], dict[str, Any]]
) -> dict[str, Any]:
    """Apply `change` to the settings and to the options; the keys keep their order."""
    models = _models(config, role)
    changed: dict[str, Any] = {}
    for model in models:
        changed |= change(model, _of_model(model, config))
    return {key: changed.get(key, value) for key, value in config.items()}


def _models(config: Flat, role: Role) -> list[type[BaseModel]]:
    name = config.get("type")
    if not isinstance(name, str):
        # Whoever judges the configuration says so.
        return []
    plugin = registry.source(name) if role == "source" else registry.destination(name)
    if role == "source":
        assert issubclass(plugin, Source)
        return [plugin.Settings, plugin.ReadOptions]
    assert issubclass(plugin, Destination)
    return [plugin.Settings, plugin.WriteOptions]
