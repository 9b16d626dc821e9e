"""The paths of the account routes."""

from accounts import schema
from accounts.views import orc
from config.api.routing import both

# Loaded here, where the routes are, so that /openapi.json knows how one says who one is.
__all__ = ["schema", "urlpatterns"]

urlpatterns = [
    *both("auth/register", orc.Register.as_view(), name="orc-register"),
    *both("auth/login", orc.LogIn.as_view(), name="orc-login"),
]
