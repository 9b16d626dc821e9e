"""The errors of the engine and its plug-ins, grouped by who must act next.

    MillraceError
    ├── ConfigError       a person must change a setting, a name or a right
    │   └── UnknownColumn a column that was named is not there
    ├── DataError         these rows cannot be read or held as they are
    ├── TransientError    the same call may work later; it is retried with back-off
    │   ├── TargetBusy    another run writes there; waiting for it costs no attempt
    │   └── Stalled       nothing moved for too long
    ├── Cancelled         a person asked for the end
    └── LeaseLost         another worker holds this work now

Anything else is a fault of Millrace: logged with its traceback, answered as an internal error.
"""


class MillraceError(Exception):
    """An error with a message for a person: what was wrong and what would be right."""

    code = "error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        """Keep the `message` and, where one setting is at fault, its `field` path."""
        super().__init__(message)
        self.message = message
        self.field = field


class ConfigError(MillraceError):
    """A person must change a setting, a name or a right; trying again does not help."""

    code = "config_error"


class UnknownColumn(ConfigError):
    """A column that a setting names is not there; the message names those that are."""


class DataError(MillraceError):
    """The data cannot be read or held as it is; trying again does not help."""

    code = "data_error"


class TransientError(MillraceError):
    """The same call may work later."""

    code = "transient_error"

    def __init__(
        self, message: str, *, field: str | None = None, retry_after: float | None = None
    ) -> None:
        """Keep how many seconds to wait, where the other side said so."""
        super().__init__(message, field=field)
        self.retry_after = retry_after


class TargetBusy(TransientError):
    """Somebody else writes there now; waiting is all it takes, and it costs no attempt."""

    code = "target_busy"


class Stalled(TransientError):
    """Nothing moved for so long that somebody must have been waited for in vain."""

    code = "stalled"


class Cancelled(MillraceError):
    """A person asked for the end of this work."""

    code = "cancelled"


class LeaseLost(MillraceError):
    """Another worker holds this work now; whatever is staged must not be committed."""

    code = "lease_lost"
