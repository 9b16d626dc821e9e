"""What hangs on a PostgreSQL table besides its rows, and what a table in its place must get."""

from typing import TYPE_CHECKING, Any

from connectors.sql.names import TableName, quoted

if TYPE_CHECKING:
    from psycopg import Connection

_ATTACHED = (
    "SELECT 'an index' FROM pg_index WHERE indrelid = {t} "
    "UNION ALL SELECT 'a constraint' FROM pg_constraint WHERE conrelid = {t} "
    "UNION ALL SELECT 'a trigger' FROM pg_trigger WHERE tgrelid = {t} AND NOT tgisinternal "
    "UNION ALL SELECT 'a policy' FROM pg_policy WHERE polrelid = {t} "
    "UNION ALL SELECT 'row security' FROM pg_class WHERE oid = {t} AND relrowsecurity "
    "UNION ALL SELECT 'a publication' FROM pg_publication_rel WHERE prrelid = {t} "
    "UNION ALL SELECT 'a default' FROM pg_attrdef WHERE adrelid = {t} "
    "UNION ALL SELECT 'a comment' FROM pg_description "
    "WHERE objoid = {t} AND classoid = 'pg_class'::regclass "
    "UNION ALL SELECT 'a view or rule' FROM pg_depend "
    "WHERE refobjid = {t} AND classid = 'pg_rewrite'::regclass "
)
_FAMILY = (
    "SELECT 'partitions' FROM pg_class WHERE oid = {t} AND (relkind = 'p' OR relispartition) "
    "UNION ALL SELECT 'inheritance' FROM pg_inherits WHERE inhrelid = {t} OR inhparent = {t} "
)
_REFERRING = (
    "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint "
    "WHERE confrelid = {t} AND contype = 'f' AND conrelid <> {t} "
)


def attached_to(connection: "Connection[Any]", table: TableName) -> list[str]:
    """Return what kinds of things a table would lose if another took its place."""
    return _texts(connection, f"{_ATTACHED} UNION ALL {_FAMILY}", table)


def family_of(connection: "Connection[Any]", table: TableName) -> list[str]:
    """Return whether a table has partitions or heirs, or is one itself."""
    return _texts(connection, _FAMILY, table)


def referring_to(connection: "Connection[Any]", table: TableName) -> list[str]:
    """Return the other tables whose rows point at rows of this one."""
    return _texts(connection, _REFERRING, table)


def copy_rights(connection: "Connection[Any]", old: TableName, new: TableName) -> None:
    """Give one table the owner and the grants of another, those on columns that both have too."""
    owner = _texts(
        connection,
        "SELECT relowner::regrole::text FROM pg_class WHERE oid = {t} AND relowner <> "
        "(SELECT oid FROM pg_roles WHERE rolname = current_user)",
        old,
    )
    grants = connection.execute(
        "SELECT NULL, coalesce(r.rolname, ''), a.privilege_type, a.is_grantable "
        "FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a "
        "LEFT JOIN pg_roles r ON r.oid = a.grantee "
        "WHERE c.oid = %(old)s::regclass AND a.grantee <> c.relowner "
        "UNION ALL SELECT o.attname, coalesce(r.rolname, ''), a.privilege_type, a.is_grantable "
        "FROM pg_attribute o CROSS JOIN LATERAL aclexplode(o.attacl) a "
        "JOIN pg_attribute n ON n.attrelid = %(new)s::regclass AND n.attname = o.attname "
        "LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE o.attrelid = %(old)s::regclass",
        {"old": old.quoted(), "new": new.quoted()},
    ).fetchall()
    for column, role, privilege, is_grantable in grants:
        on = f" ({quoted(column)})" if column else ""
        to = quoted(role) if role else "PUBLIC"
        option = " WITH GRANT OPTION" if is_grantable else ""
        connection.execute(f"GRANT {privilege}{on} ON {new.quoted()} TO {to}{option}".encode())
    for role in owner:
        connection.execute(f"ALTER TABLE {new.quoted()} OWNER TO {role}".encode())


def _texts(connection: "Connection[Any]", sql: str, table: TableName) -> list[str]:
    statement = sql.replace("{t}", "%(table)s::regclass")
    rows = connection.execute(statement.encode(), {"table": table.quoted()}).fetchall()
    return [str(row[0]) for row in rows]
