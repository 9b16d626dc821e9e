"""Views that answer lists of rows: fast ones, in the shape of a serializer."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from config.api.rows import columns
from config.api.statements import Build, Listing


class ListView(GenericAPIView):
    """A view that answers lists; its `pagination_class` says how they are paged."""

    def listed(self, build: Build, serializer: type[Serializer[Any]], **narrowing: Any) -> Response:
        """Return one page of `build(user, **narrowing)`, compiled once for all users.

        `build` is a function of a module: what it looks at beside its arguments would be
        compiled in. Each value of an argument is compiled and kept, so arguments are choices out
        of a few, such as a kind. A list that needs more than that is `page`'s.
        """
        wanted = columns(serializer)
        found = Listing(build, wanted.paths, self.request.user, **narrowing)
        return self._answer(found, serializer)

    def page(self, queryset: QuerySet[Any], serializer: type[Serializer[Any]]) -> Response:
        """Return one page of any query."""
        return self._answer(queryset.values_list(*columns(serializer).paths), serializer)

    def _answer(self, found: Any, serializer: type[Serializer[Any]]) -> Response:
        rows = self.paginate_queryset(found)
        assert rows is not None, f"{type(self).__name__} names no pagination_class"
        return self.get_paginated_response(columns(serializer).shaped(rows))
