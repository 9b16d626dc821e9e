"""Pages of long tables without counting all of their rows."""

from typing import ClassVar

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList


class BoundedPaginator(Paginator):
    """Counts so many rows at most; who wants what lies behind them filters or searches."""

    most: ClassVar[int] = 10_000
    template_name = "administration/pagination.html"

    @cached_property
    def count(self) -> int:
        """Return the number of rows, or one more than the most that is counted."""
        # Values of the key alone: a count of whole rows would read what they carry.
        keys = self.object_list.order_by().values_list("pk")
        return keys[: self.most + 1].count()

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.count > self.most


class BoundedList(ChangeList):
    """A list that says how many rows were found only where rows were sought."""

    def get_results(self, request: HttpRequest) -> None:
        """Find the rows of the page."""
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            # Else the page offers to show all of what it shows already.
            self.full_result_count = self.result_count
