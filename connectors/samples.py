"""Examples of what the routes of sources and destinations take and answer, for OpenAPI."""

from typing import Any

TIME = "2026-01-20T10:30:00Z"
SETTINGS: dict[str, Any] = {
    "host": "db.example.com",
    "port": 5432,
    "database": "shop",
    "username": "reader",
    "password": "********",
}
ROW: dict[str, Any] = {
    "name": "Shop",
    "project_id": 3,
    "config": SETTINGS,
    "created_at": TIME,
    "updated_at": TIME,
    "created_by": "ada",
    "updated_by": "ada",
    "deleted_at": None,
    "description": "",
    "uuid": "c1f7a2b9-e3d4-4f5c-8a1b-0e9d8f7c6b5a",
    "last_tested_at": None,
}
SENT: dict[str, Any] = {"name": "Shop", "config": {**SETTINGS, "password": "one of your own"}}
TEST: dict[str, Any] = {
    "status": "success",
    "message": "The connection works",
    "checks": [
        {"name": "connection", "ok": True, "detail": "Connected to PostgreSQL 15.3", "hint": ""}
    ],
    "duration_ms": 45,
}
SPEC: dict[str, Any] = {
    "spec": {"type": "object", "properties": {"db_path": {"type": "string", "title": "Path"}}},
    "type": "duckdb",
}
STREAM: dict[str, Any] = {
    "name": "orders",
    "namespace": "public",
    "type_schema": {
        "properties": {
            "id": {
                "type": ["integer"],
                "destination_column_name": "id",
                "logical_type": "Int64",
            }
        }
    },
    "supported_sync_modes": ["full_refresh"],
    "source_defined_primary_key": ["id"],
    "available_cursor_fields": [],
    "cursor_field": "",
    "sync_mode": "full_refresh",
    "destination_database": "",
    "destination_table": "orders",
    "default_stream_properties": {"normalization": True, "append_mode": False},
    "options": {"table": "public.orders"},
}
CATALOG: dict[str, Any] = {
    "catalog": {
        "streams": [{"stream": STREAM}],
        "selected_streams": {"public": [{"stream_name": "orders", "normalization": True}]},
    }
}
