"""What can be done with jobs and runs; one function for each verb."""

from jobs.services import filejobs
from jobs.services.jobs import create_job, delete_job, update_job
from jobs.services.runs import cancel_run, retry_run, start_run, start_scheduled_run
from jobs.services.streams import clear_job, keep_state, reset_streams, set_state
from jobs.services.syncs import create_sync_job, plan_sync_job, update_sync_job

__all__ = [
    "cancel_run",
    "clear_job",
    "create_job",
    "create_sync_job",
    "delete_job",
    "filejobs",
    "keep_state",
    "plan_sync_job",
    "reset_streams",
    "retry_run",
    "set_state",
    "start_run",
    "start_scheduled_run",
    "update_job",
    "update_sync_job",
]
