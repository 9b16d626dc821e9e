"""The paths of the account routes."""

from accounts import schema
from accounts.views import (
    audit,
    exchange,
    github,
    keys,
    olake,
    orc,
    platform,
    profiles,
    projects,
    sessions,
)
from config.api.routing import both

# Loaded here, where the routes are, so that /openapi.json knows how one says who one is.
__all__ = ["schema", "urlpatterns"]

urlpatterns = [
    *both("auth/register", orc.Register.as_view(), name="orc-register"),
    *both("auth/login", orc.LogIn.as_view(), name="orc-login"),
    *both("signup", olake.SignUp.as_view(), name="olake-signup"),
    *both("login", olake.LogIn.as_view(), name="olake-login"),
    *both("auth/check", olake.Check.as_view(), name="olake-check"),
    *both("api/v1/auth/register", platform.Register.as_view(), name="register"),
    *both("api/v1/auth/login", platform.LogIn.as_view(), name="login"),
    *both("api/v1/auth/refresh", platform.Refresh.as_view(), name="refresh"),
    *both("api/v1/auth/logout", platform.LogOut.as_view(), name="logout"),
    *both("api/v1/auth/me", profiles.WhoAmI.as_view(), name="me"),
    *both("api/v1/auth/password", profiles.Password.as_view(), name="password"),
    *both("api/v1/auth/github/login", github.GitHubLogin.as_view(), name="github-login"),
    *both(
        "api/v1/auth/github/login/desktop",
        github.GitHubDesktopLogin.as_view(),
        name="github-desktop",
    ),
    *both(
        "api/v1/auth/github/login/desktop/approve",
        github.GitHubDesktopApproval.as_view(),
        name="github-approve",
    ),
    *both("api/v1/auth/github/callback", github.GitHubCallback.as_view(), name="github-callback"),
    *both("api/v1/auth/exchange", exchange.Exchange.as_view(), name="exchange"),
    *both("api/v1/auth/poll/<str:state_id>", exchange.Poll.as_view(), name="poll"),
    *both("api/v1/auth/select-email", exchange.SelectEmail.as_view(), name="select-email"),
    *both("api/v1/auth/status", exchange.Status.as_view(), name="status"),
    *both("api/v1/users/me", profiles.CurrentUser.as_view(), name="current-user"),
    *both("api/v1/projects", projects.Projects.as_view(), name="projects"),
    *both("api/v1/projects/<id:project>", projects.ProjectDetail.as_view(), name="project"),
    *both("api/v1/projects/<id:project>/members", projects.Members.as_view(), name="members"),
    *both(
        "api/v1/projects/<id:project>/members/<uuid:user>",
        projects.MemberDetail.as_view(),
        name="member",
    ),
    *both("api/v1/sessions", sessions.Sessions.as_view(), name="sessions"),
    *both("api/v1/sessions/<uuid:session>", sessions.SessionDetail.as_view(), name="session"),
    *both("api/v1/api-keys", keys.Keys.as_view(), name="api-keys"),
    *both("api/v1/api-keys/<uuid:key>", keys.KeyDetail.as_view(), name="api-key"),
    *both("api/v1/audit-events", audit.AuditEvents.as_view(), name="audit-events"),
]
