"""Named tests of a connection, one after the other until one fails."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors.base import Check, CheckReport
from connectors.errors import MillraceError

# The name of a test, what does it and returns a message, and what to do where it fails.
Step = tuple[str, Callable[[], str], str]


def run_checks(steps: list[Step], details: Mapping[str, Any] | None = None) -> CheckReport:
    """Run the tests in order; what stands behind a failed one cannot be tested."""
    checks: list[Check] = []
    for name, test, hint in steps:
        try:
            checks.append(Check(name, passed=True, message=test()))
        except (MillraceError, OSError) as error:
            checks.append(Check(name, passed=False, message=str(error), hint=hint))
            break
    return CheckReport(tuple(checks), details or {})
