"""Examples of what the job routes take and answer, for the OpenAPI document."""

from typing import Any

TIME = "2026-01-20T10:30:00Z"
JOB_ID = "4f6c1f0e-8a5b-4a3e-9a3c-2b7f0d1c5e61"
CONFIGS: dict[str, Any] = {
    "extractor_config": {"type": "csv", "path": "orders.csv"},
    "loader_config": {"type": "duckdb", "db_path": "data.db", "table_name": "orders"},
}
SENT: dict[str, Any] = {
    "job_name": "Load orders",
    "description": "Every morning at nine",
    "schedule": "0 0 9 * * *",
    "is_active": True,
    "tasks": [CONFIGS],
}
JOB: dict[str, Any] = {
    "job_id": JOB_ID,
    "job_name": "Load orders",
    "description": "Every morning at nine",
    "schedule": "0 0 9 * * *",
    "is_active": True,
    "created_at": TIME,
    "updated_at": TIME,
    "id": 7,
    "project_id": 3,
    "kind": "tasks",
    "time_zone": "UTC",
    "overlap": "skip",
    "catch_up": "one",
    "max_attempts": None,
    "next_run_at": "2026-01-21T09:00:00Z",
}
TASK: dict[str, Any] = {
    "task_id": "0d9a5c5e-3b1f-4c57-8f0e-6a2d9b7c1e42",
    "job_id": JOB_ID,
    "task_order": 1,
    **CONFIGS,
    "created_at": TIME,
    "updated_at": TIME,
}
RUN: dict[str, Any] = {
    "run_id": "b1a7e2d4-6c3f-4e8a-9d5b-7f0c2a1e3d68",
    "job_id": JOB_ID,
    "status": "success",
    "triggered_by": "manual",
    "started_at": TIME,
    "finished_at": "2026-01-20T10:30:04Z",
    "error_message": None,
    "created_at": TIME,
    "updated_at": "2026-01-20T10:30:04Z",
    "id": 12,
    "kind": "load",
    "attempt": 1,
    "rows": 15000,
    "bytes": 1048576,
    "memory_peak_bytes": 125829120,
}
EVENT: dict[str, Any] = {
    "seq": 3,
    "at": TIME,
    "level": "info",
    "step": "",
    "kind": "status",
    "message": "The run has begun",
    "data": {"status": "running"},
}
SYNC: dict[str, Any] = {
    "job_id": 7,
    "name": "Copy the shop",
    "source_id": 1,
    "dest_id": 2,
    "schedule": "0 * * * *",
    "frequency": "hourly",
    "config": {"streams": [{"stream": {"name": "orders", "namespace": "public"}}]},
    "connected": True,
    "status": "active",
    "created_at": TIME,
    "updated_at": TIME,
    "created_by": "ada",
    "updated_by": "ada",
    "deleted_at": None,
    "last_sync_state": {
        "last_run_time": TIME,
        "last_run_state": "success",
        "last_run_type": "sync",
    },
    "uuid": JOB_ID,
    "kind": "sync",
    "project_id": 3,
    "next_run_at": "2026-01-21T09:00:00Z",
}
SYNC_SENT: dict[str, Any] = {
    "name": "Copy the shop",
    "source_id": 1,
    "dest_id": 2,
    "frequency": "hourly",
    "config": SYNC["config"],
    "connected": True,
}
HISTORY: dict[str, Any] = {
    "data": [
        {
            "id": 42,
            "start_time": TIME,
            "end_time": "2026-01-20T10:31:30Z",
            "runtime": 90,
            "status": "success",
            "trigger": "scheduler",
            "kind": "load",
            "rows": 15000,
            "bytes": 1048576,
            "error": "",
            "new_streams": [],
            "streams": [
                {
                    "stream": "public.orders",
                    "status": "success",
                    "rows_read": 15000,
                    "rows_written": 15000,
                    "rows_rejected": 0,
                    "bytes": 1048576,
                    "seconds": 89.5,
                    "attempt": 1,
                    "error": "",
                    "schema_changes": [
                        {
                            "column": "note",
                            "change": "new",
                            "from": None,
                            "to": "String",
                            "action": "added",
                        }
                    ],
                    "checks": [
                        {"name": "rows", "passed": True, "expected": "15000", "found": "15000"}
                    ],
                }
            ],
        }
    ]
}
STREAM: dict[str, Any] = {
    "stream": "public.orders",
    "is_selected": True,
    "epoch": 1768905000,
    "state": {"column": "updated_at", "value": "2026-01-20 10:29:58"},
    "reads": {
        "connector": "postgres",
        "database": "shop",
        "table": "public.orders",
        "cursor": "updated_at",
    },
    "wanted": None,
    "loaded_at": TIME,
    "last_result": HISTORY["data"][0]["streams"][0],
    "last_run": {"id": 42, "kind": "load", "status": "success", "start_time": TIME},
}
STREAMS: dict[str, Any] = {"data": [STREAM]}
PLAN: dict[str, Any] = {
    "data": [
        {
            "stream": "public.orders",
            "action": "backfill",
            "text": "All rows are read once more and merged by their key; no row is taken away",
            "reasons": ['columns: ["id"] → ["id", "note"]'],
            "columns": ["note"],
            "rows": 15000,
            "is_destructive": False,
            "refused": "",
        }
    ],
    "is_destructive": False,
}
STATE: dict[str, Any] = {"state": {"column": "updated_at", "value": "2026-01-01 00:00:00"}}
RESET: dict[str, Any] = {"streams": ["public.orders"], "reload": True}
CLEAR: dict[str, Any] = {"streams": ["public.orders"]}
LOG: dict[str, Any] = {
    "data": [
        {
            "created_at": TIME,
            "message": "Committed 15000 rows",
            "state": "info",
            "seq": 3,
            "stream": "public.orders",
        }
    ]
}
