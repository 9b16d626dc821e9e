"""What can be done with users, projects, sessions and keys; one function for each verb."""

from accounts.services.github import (
    approve_desktop,
    begin_desktop,
    begin_web,
    come_back,
    exchange_code,
    poll_sign_in,
    select_email_by_code,
)
from accounts.services.identities import emails_of, select_email
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
    demand_fit_member,
    ensure_personal_project,
    find_person,
    remove_member,
    rename_project,
    set_member,
)
from accounts.services.sessions import (
    end_session,
    end_sessions,
    forget,
    identify,
    log_in,
    log_out,
    open_session,
    refresh,
)
from accounts.services.tickets import prune_tickets

__all__ = [
    "approve_desktop",
    "begin_desktop",
    "begin_web",
    "change_password",
    "change_profile",
    "come_back",
    "create_key",
    "create_project",
    "deactivate",
    "delete_project",
    "demand_fit_member",
    "demand_open_signup",
    "emails_of",
    "end_session",
    "end_sessions",
    "ensure_admin",
    "ensure_personal_project",
    "exchange_code",
    "find_person",
    "forget",
    "identify",
    "local_user",
    "log_in",
    "log_out",
    "make_admin",
    "open_session",
    "poll_sign_in",
    "prune_tickets",
    "refresh",
    "register",
    "remove_member",
    "rename_project",
    "replace_password",
    "revoke_key",
    "select_email",
    "select_email_by_code",
    "set_member",
    "store_new",
]
