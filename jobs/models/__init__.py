"""What runs, and what became of it."""

from jobs.models.checkpoints import Checkpoint
from jobs.models.definitions import CatchUp, Job, Kind, Overlap
from jobs.models.filejobs import FileJob, FileStatus
from jobs.models.history import EventKind, RunEvent, StepRun
from jobs.models.leases import TargetLease
from jobs.models.runs import Part, PartStatus, Run, RunKind, Status, Trigger

__all__ = [
    "CatchUp",
    "Checkpoint",
    "EventKind",
    "FileJob",
    "FileStatus",
    "Job",
    "Kind",
    "Overlap",
    "Part",
    "PartStatus",
    "Run",
    "RunEvent",
    "RunKind",
    "Status",
    "StepRun",
    "TargetLease",
    "Trigger",
]
