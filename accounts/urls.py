"""The paths of the account routes."""

from accounts import schema
from accounts.views import olake, orc, platform, profiles
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
    *both("api/v1/users/me", profiles.CurrentUser.as_view(), name="current-user"),
]
