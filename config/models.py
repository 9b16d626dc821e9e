"""Rows that the platform itself keeps, whatever its apps are."""

from django.db import models


class Counter(models.Model):
    """How often something happened in a window of time; where Redis does not count."""

    key = models.CharField(primary_key=True, max_length=200)
    number = models.BigIntegerField()
    ends_at = models.FloatField(db_index=True, help_text="When the window ends, in Unix seconds.")

    class Meta:
        """Where it is kept."""

        db_table = "counters"

    def __str__(self) -> str:
        return f"{self.key}: {self.number}"
