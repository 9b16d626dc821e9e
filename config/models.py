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


class KeptAnswer(models.Model):
    """The answer to a request that carried an Idempotency-Key; kept for a day."""

    user_id = models.BigIntegerField()
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """Where it is kept."""

        db_table = "kept_answers"
        constraints = (
            models.UniqueConstraint(fields=["user_id", "key"], name="kept_answers_once"),
        )

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"
