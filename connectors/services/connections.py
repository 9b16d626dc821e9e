"""What can be done with connections; one function for each verb."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Project, User
from config.api.errors import Conflict
from connectors import access, registry, sealing
from connectors.base import Connector
from connectors.configuration import Role, validate
from connectors.errors import ConfigError
from connectors.models import Connection, ConnectionRole
from connectors.services import inquiries

Settings = Mapping[str, Any]
TAKEN = "This name is taken in the project"


def plugin_of(name: str, role: str) -> type[Connector]:
    """Return the connector of that name or alias for this role; ConfigError with the known ones."""
    if role == ConnectionRole.SOURCE:
        return registry.source(name)
    if role == ConnectionRole.DESTINATION:
        return registry.destination(name)
    return registry.connector(name)


def role_of(connection: Connection) -> Role:
    """Return by which of its models a connection's secrets are known; both know the Settings."""
    return "destination" if connection.role == ConnectionRole.DESTINATION else "source"


def create_connection(
    *,
    project: Project,
    by: User,
    name: str,
    connector: str,
    role: str,
    settings: Settings,
    description: str = "",
) -> Connection:
    """Save how to reach a system; ConfigError names the setting that is wrong, Conflict the name."""
    plugin = plugin_of(connector, role)
    connection = Connection(
        project=project,
        name=name,
        description=description,
        connector=plugin.name,
        role=role,
        created_by=by,
        updated_by=by,
    )
    connection.settings = _judged(connection, settings, before=None)
    with transaction.atomic():
        _save(connection)
        audit.record("connection.created", by=by, target=connection, project=project)
    return connection


def update_connection(
    *,
    connection: Connection,
    by: User,
    connector: str | None = None,
    settings: Settings | None = None,
    **fields: Any,
) -> Connection:
    """Change a connection (name, description, settings); what is not given stays as it is.

    `********` keeps a stored secret, as long as it stays with the system that it belongs to.
    """
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection.pk)
        before = {"type": connection.connector, **connection.settings}
        if connector is not None:
            connection.connector = plugin_of(connector, connection.role).name
        for field, value in fields.items():
            setattr(connection, field, value)
        if settings is not None:
            connection.settings = _judged(connection, settings, before=before)
            connection.is_reachable = connection.last_tested_at = None
        elif connection.connector != before["type"]:
            raise ConfigError("Another connector needs a config of its own", field="config")
        connection.updated_by = by
        _save(connection)
        changed = sorted({*fields, *(["settings"] if settings is not None else [])})
        audit.record(
            "connection.changed",
            by=by,
            target=connection,
            project=connection.project,
            fields=changed,
        )
    return connection


def delete_connection(*, connection: Connection, by: User) -> None:
    """Take a connection away; Conflict names the jobs that use it."""
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection.pk)
        users = [*connection.source_jobs.alive(), *connection.destination_jobs.alive()]
        if users:
            named = ", ".join(sorted(str(job) for job in users)[:5])
            raise Conflict(f"{len(users)} jobs use it ({named}); delete or change them first")
        connection.deleted_at = timezone.now()
        connection.save(update_fields=["deleted_at", "updated_at"])
        audit.record("connection.deleted", by=by, target=connection, project=connection.project)


def check_connection(*, connection: Connection, settings: Settings | None = None) -> dict[str, Any]:
    """Test a saved connection, or other settings for it; return `{passed, checks, details, …}`."""
    report = check_settings(
        connector=connection.connector,
        role=connection.role,
        settings=settings if settings is not None else shown(connection),
        saved=connection,
    )
    if settings is None:
        Connection.objects.filter(pk=connection.pk).update(
            is_reachable=report["passed"], last_tested_at=timezone.now()
        )
    return report


def check_settings(
    *, connector: str, role: str, settings: Settings, saved: Connection | None = None
) -> dict[str, Any]:
    """Test settings that are not saved; `********` stands for the secrets of `saved`."""
    plugin = plugin_of(connector, role)
    kind: Role = "destination" if role == ConnectionRole.DESTINATION else "source"
    before = {"type": saved.connector, **saved.settings} if saved else None
    opened = _unmasked(plugin, settings, before, kind)
    validate(plugin.Settings, opened)
    return inquiries.check(plugin, opened, kind)


def discover(*, connection: Connection) -> dict[str, Any]:
    """Return the catalog of a source: `{streams, selected_streams}`."""
    return inquiries.discover(
        registry.source(connection.connector), sealing.unseal(connection.settings)
    )


def shown(connection: Connection) -> dict[str, Any]:
    """Return the settings with `********` for every secret."""
    masked = sealing.mask(
        {"type": connection.connector, **connection.settings}, role_of(connection)
    )
    masked.pop("type")
    return masked


def _judged(
    connection: Connection, settings: Settings, *, before: Settings | None
) -> dict[str, Any]:
    """Return settings as they are stored, once connector and installation agree to them."""
    plugin, role = plugin_of(connection.connector, connection.role), role_of(connection)
    opened = _unmasked(plugin, settings, before, role)
    judge = plugin(validate(plugin.Settings, opened), access.installation())
    try:
        judge.judge()
    finally:
        judge.close()
    sealed = sealing.seal({"type": plugin.name, **opened}, role)
    sealed.pop("type")
    return sealed


def _unmasked(
    plugin: type[Connector], settings: Settings, before: Settings | None, role: Role
) -> dict[str, Any]:
    if "type" in settings:
        # It would be taken for the connector's name; no connector has a setting of this name.
        _demand_same(plugin, settings["type"])
        settings = {key: value for key, value in settings.items() if key != "type"}
    opened = sealing.unmask({"type": plugin.name, **settings}, before, role)
    opened.pop("type")
    return opened


def _demand_same(plugin: type[Connector], said: object) -> None:
    """Refuse a config whose `type` names another connector than the connection does."""
    if isinstance(said, str) and registry.connector(said) is not plugin:
        raise ConfigError(
            f"config.type is {said!r}, and this is {plugin.name}", field="config.type"
        )


def _save(connection: Connection) -> None:
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError as error:
        raise Conflict(TAKEN) from error
