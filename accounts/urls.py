"""The paths of the account routes."""

from accounts import schema, views
from config.api.routing import both

# Loaded here, where the routes are, so that /openapi.json knows how one says who one is.
__all__ = ["schema", "urlpatterns"]

urlpatterns = [
    *both("auth/register", views.OrcRegister.as_view(), name="orc-register"),
    *both("auth/login", views.OrcLogIn.as_view(), name="orc-login"),
]
