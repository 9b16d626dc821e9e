"""The admin pages of jobs and of what became of them."""

from jobs.admin import definitions, history, leases, runs

__all__ = ["definitions", "history", "leases", "runs"]
