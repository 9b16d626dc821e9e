"""What can be done with users, projects, sessions and keys; one function for each verb."""

from accounts.services.keys import create_key, revoke_key
from accounts.services.people import (
    change_password,
    deactivate,
    ensure_admin,
    local_user,
    register,
    store_new,
)
from accounts.services.projects import (
    create_project,
    delete_project,
    ensure_personal_project,
    remove_member,
    rename_project,
    set_member,
)
from accounts.services.sessions import (
    end_session,
    end_sessions,
    forget,
    log_in,
    open_session,
    refresh,
)

__all__ = [
    "change_password",
    "create_key",
    "create_project",
    "deactivate",
    "delete_project",
    "end_session",
    "end_sessions",
    "ensure_admin",
    "ensure_personal_project",
    "forget",
    "local_user",
    "log_in",
    "open_session",
    "refresh",
    "register",
    "remove_member",
    "rename_project",
    "revoke_key",
    "set_member",
    "store_new",
]
