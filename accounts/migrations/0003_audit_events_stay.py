"""The database itself refuses to change audit events, and PostgreSQL to delete them."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

POSTGRES = (
    """
    CREATE FUNCTION accounts_audit_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'Audit events are only ever added' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER audit_event_stays BEFORE UPDATE OR DELETE ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_event_stays()
    """,
)
# A DELETE is what empties a table of SQLite, between tests too; its file is its owner's anyway.
SQLITE = (
    """
    CREATE TRIGGER audit_event_stays BEFORE UPDATE ON accounts_auditevent
    BEGIN SELECT RAISE(ABORT, 'Audit events are only ever added'); END
    """,
)
BACK = {
    "postgresql": (
        "DROP TRIGGER audit_event_stays ON accounts_auditevent",
        "DROP FUNCTION accounts_audit_event_stays()",
    ),
    "sqlite": ("DROP TRIGGER audit_event_stays",),
}
FORTH = {"postgresql": POSTGRES, "sqlite": SQLITE}


def guard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the trigger."""
    for statement in FORTH.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement)


def unguard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Remove it again."""
    for statement in BACK.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    """Audit events are only ever added."""

    dependencies = [("accounts", "0002_sessions_keys_and_audit")]
    operations = [migrations.RunPython(guard, unguard)]
