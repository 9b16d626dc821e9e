"""Target leases: two writers never meet in one table."""

import hashlib

from django.db import models

from jobs.models.runs import Part


def digest(place: str) -> str:
    """Return a short key of a place of any length."""
    return hashlib.sha256(place.encode()).hexdigest()


class TargetLease(models.Model):
    """Who may write a place now. The row stays when it is given back, so that `fence` only grows."""

    id = models.BigAutoField(primary_key=True)
    place = models.TextField()
    # A path can be longer than what a database indexes.
    place_digest = models.CharField(max_length=64, unique=True, editable=False)
    fence = models.BigIntegerField()
    holder = models.ForeignKey(
        Part, models.SET_NULL, null=True, blank=True, related_name="target_leases"
    )
    token = models.UUIDField(null=True, blank=True, db_index=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """In order of age."""

        ordering = ("id",)

    def __str__(self) -> str:
        return self.place
