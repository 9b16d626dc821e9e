"""The engine's Host: one attempt at a part, with the world of this installation around it."""

from jobs.running.attempts import run_part
from jobs.running.origins import register
from jobs.running.previewing import preview
from jobs.running.scratch import clean

__all__ = ["clean", "preview", "register", "run_part"]
