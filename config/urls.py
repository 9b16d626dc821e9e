"""Every route of the platform; each app brings its own in its urls.py."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import health, parts
from config.api import urls as documentation
from config.api.routing import both

urlpatterns = [
    *both("health", health.Health.as_view(), name="health"),
    *both("health/ready", health.Ready.as_view(), name="health-ready"),
    *documentation.urlpatterns,
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    *(path("", include(module)) for module in parts.modules("urls")),
]
