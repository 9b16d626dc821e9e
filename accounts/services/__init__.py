"""What can be done with users, projects, sessions and keys; one function for each verb."""

from accounts.services.keys import create_key, revoke_key
from accounts.services.people import (
    change_password,
    deactivate,
    demand_open_signup,
    ensure_admin,
    local_user,
    make_admin,
    register,
    store_new,
)
from accounts.services.profiles import change_profile, replace_password
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
    log_out,
    open_session,
    refresh,
)

__all__ = [
    "change_password",
    "change_profile",
    "create_key",
    "create_project",
    "deactivate",
    "delete_project",
    "demand_open_signup",
    "end_session",
    "end_sessions",
    "ensure_admin",
    "ensure_personal_project",
    "forget",
    "local_user",
    "log_in",
    "log_out",
    "make_admin",
    "open_session",
    "refresh",
    "register",
    "remove_member",
    "rename_project",
    "replace_password",
    "revoke_key",
    "set_member",
    "store_new",
]
