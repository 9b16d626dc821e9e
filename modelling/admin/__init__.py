"""The admin pages of workspaces, of who takes part in them and of what happened there."""

from modelling.admin import workspaces

__all__ = ["workspaces"]
