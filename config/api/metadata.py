"""What OPTIONS tells of a route: which methods it takes; the schema tells the rest."""

from typing import TYPE_CHECKING, Any

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request

if TYPE_CHECKING:
    # The views import this file.
    from rest_framework.views import APIView


class Methods(BaseMetadata):
    """A route's name, its sentence and its methods, without a look at any row."""

    def determine_metadata(self, request: Request, view: "APIView") -> dict[str, Any]:
        """Return what there is to know of the route."""
        return {
            "name": view.get_view_name(),
            "description": view.get_view_description(),
            "methods": view.allowed_methods,
        }
