"""The admin pages of the accounts app, and what the pages of all apps stand on."""

from accounts.admin import entries, people, projects, record

__all__ = ["entries", "people", "projects", "record"]
