"""What was done, as it is answered."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.models import AuditEvent
from config.api import schema

EVENT: dict[str, Any] = {
    "id": 41,
    "at": "2026-01-20T10:30:00Z",
    "action": "job.changed",
    "actor": "0b7e1f64-5f0a-4c58-8f3b-2f0e9c1d2a3b",
    "actor_name": "ada",
    "object_type": "job",
    "object": "4f6c1f0e-8a5b-4a3e-9a3c-2b7f0d1c5e61",
    "object_name": "Load orders",
    "project": "7b1f5a52-41a0-4d0c-9a3e-1c2d3e4f5a6b",
    "address": "203.0.113.7",
    "agent": "curl/8.5.0",
    "request_id": "9f1c0c6e2f5e4a77",
    "data": {"fields": ["schedule"]},
}


@schema.shows(EVENT)
class EventRow(serializers.ModelSerializer[AuditEvent]):
    """Who did what to which thing, and from where."""

    actor = serializers.UUIDField(source="actor_uuid", allow_null=True)
    object = serializers.UUIDField(source="object_uuid", allow_null=True)
    project = serializers.UUIDField(source="project_uuid", allow_null=True)
    data = serializers.DictField(help_text="What else there is to know; never a secret.")

    class Meta:
        """When, what, who, to what, from where."""

        model = AuditEvent
        fields: ClassVar[list[str]] = [
            "id",
            "at",
            "action",
            "actor",
            "actor_name",
            "object_type",
            "object",
            "object_name",
            "project",
            "address",
            "agent",
            "request_id",
            "data",
        ]
        read_only_fields = fields
