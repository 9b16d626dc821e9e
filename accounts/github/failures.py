"""Why a sign-in may fail, as the front-end is told it."""

from enum import StrEnum

from accounts.models import User


class Failure(StrEnum):
    """The `error` in the URL that the browser comes back with."""

    DENIED = "access_denied"
    REFUSED = "github_refused"
    BROWSER = "browser_mismatch"
    EXCHANGE = "exchange_failed"
    PROFILE = "profile_failed"
    UNAVAILABLE = "github_unavailable"
    NO_EMAIL = "no_verified_email"
    DEACTIVATED = "account_disabled"
    CLOSED = "signup_closed"
    TOO_MANY = "rate_limit_exceeded"
    LATE = "application_gone"


SENTENCES = {
    Failure.DENIED: "You did not allow the sign-in at GitHub.",
    Failure.REFUSED: "GitHub refused the sign-in.",
    Failure.BROWSER: "The sign-in was begun in another browser. Begin it again in this one.",
    Failure.EXCHANGE: "GitHub did not confirm the sign-in. Begin it again.",
    Failure.PROFILE: "GitHub did not say who you are. Begin the sign-in again.",
    Failure.UNAVAILABLE: "GitHub could not be reached. Try again in a moment.",
    Failure.NO_EMAIL: "Your GitHub account has no verified e-mail. Verify one there, then try again.",
    Failure.DEACTIVATED: "Your account was deactivated. Ask an administrator.",
    Failure.CLOSED: "New accounts are not accepted here. Ask an administrator.",
    Failure.TOO_MANY: "Too many accounts were made from your address. Try again later.",
    Failure.LATE: "The application has stopped waiting. Begin the sign-in there again.",
}


class SignInError(Exception):
    """A sign-in came to nothing; `failure` is told, the text is for the log, `user` for the audit."""

    def __init__(self, failure: Failure, reason: str = "", *, user: User | None = None) -> None:
        """Keep what the person is told, what the operator is told, and who was refused."""
        super().__init__(reason or SENTENCES[failure])
        self.failure = failure
        self.user = user
