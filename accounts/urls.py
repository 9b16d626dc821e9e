"""The paths of the account routes."""

from accounts import views
from config.api.routing import both

urlpatterns = [
    *both("auth/register", views.OrcRegister.as_view(), name="orc-register"),
    *both("auth/login", views.OrcLogIn.as_view(), name="orc-login"),
]
