"""What can be done with file jobs; one function for each verb."""

from jobs.services.filejobs.jobs import (
    cancel_file_job,
    create_file_job,
    delete_file_job,
    remove_objects,
    retry_file_job,
    sweep,
)
from jobs.services.filejobs.previews import preview
from jobs.services.filejobs.progress import progress_of, report_of
from jobs.services.filejobs.transfers import download_url, mark_uploaded, upload_url

__all__ = [
    "cancel_file_job",
    "create_file_job",
    "delete_file_job",
    "download_url",
    "mark_uploaded",
    "preview",
    "progress_of",
    "remove_objects",
    "report_of",
    "retry_file_job",
    "sweep",
    "upload_url",
]
