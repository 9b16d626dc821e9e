"""The life of a run: the only place that moves a status or gives a lease.

Every transaction here locks the run before its parts, so that two of them never wait for one
another. Whoever calls rings the bell for the parts whose ids come back, once it has committed.
"""

from jobs.lifecycle.claiming import claim_part, find_lost, renew
from jobs.lifecycle.ending import Ending, cancel_part, end_part, fail_part, retry_part
from jobs.lifecycle.events import Line, append, show_progress
from jobs.lifecycle.moving import changing, move
from jobs.lifecycle.ringing import take_due_bells
from jobs.lifecycle.runs import (
    add_parts,
    cancel,
    open_failed_run,
    open_run,
    promote,
    revive,
    settle,
)
from jobs.lifecycle.targets import claim_target, release_targets

__all__ = [
    "Ending",
    "Line",
    "add_parts",
    "append",
    "cancel",
    "cancel_part",
    "changing",
    "claim_part",
    "claim_target",
    "end_part",
    "fail_part",
    "find_lost",
    "move",
    "open_failed_run",
    "open_run",
    "promote",
    "release_targets",
    "renew",
    "retry_part",
    "revive",
    "settle",
    "show_progress",
    "take_due_bells",
]
