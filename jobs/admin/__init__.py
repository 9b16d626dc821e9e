"""The admin pages of jobs and of what became of them."""

from jobs.admin import definitions, filejobs, history, leases, runs

__all__ = ["definitions", "filejobs", "history", "leases", "runs"]
