"""The admin as one of the platform's apps."""

from django.contrib.admin.apps import AdminConfig


class Administration(AdminConfig):
    """Django's admin with the platform's own site."""

    default_site = "config.administration.site.Site"
