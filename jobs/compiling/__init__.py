"""From a job to its Plan: a part for each task, in order, or for each stream, or for a file."""

from jobs.compiling.clearing import compile_clear, demand_replace
from jobs.compiling.files import compile_file, output_name, recipe_of, stream_of
from jobs.compiling.streams import Joining, compile_streams, demand_streams
from jobs.compiling.tasks import ENDS, check_end, compile_tasks
from jobs.compiling.wishes import with_wishes
from jobs.models import Job, Kind
from jobs.plan import Plan

__all__ = [
    "ENDS",
    "Joining",
    "check_end",
    "compile_clear",
    "compile_file",
    "compile_job",
    "demand_replace",
    "demand_streams",
    "output_name",
    "recipe_of",
    "stream_of",
    "with_wishes",
]


def compile_job(job: Job) -> Plan:
    """Return the plan of a job; ConfigError names the field of what cannot be run."""
    return compile_tasks(job) if job.kind == Kind.TASKS else compile_streams(job)
