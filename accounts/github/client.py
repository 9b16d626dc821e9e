"""Asking GitHub, server to server, who has just come back from it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import httpx2
from django.conf import settings
from pydantic import BaseModel, Field, StrictBool, StrictInt, TypeAdapter, ValidationError

from accounts.github.failures import Failure, SignInError

# Seconds for each silence, and for all three answers: a browser waits, and a web worker with it.
TIMEOUT = httpx2.Timeout(5.0)
LONGEST = 10.0
MOST_BYTES = 1024 * 1024
MOST_EMAILS = 100
LARGEST_ID = 2**63 - 1
AGENT = "millrace"
VERSION = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
# What a database can hold and a line can show; whether mail could arrive is judged elsewhere.
ADDRESS = r"^[^@\x00-\x20\x7f]+@[^@\x00-\x20\x7f]+$"


class Issued(BaseModel):
    """What the token endpoint answers; an error comes with status 200 too."""

    access_token: str = Field(min_length=1, max_length=4096)
    token_type: str = ""


class Email(BaseModel):
    """One of a user's addresses, as GitHub tells it."""

    email: Annotated[str, Field(max_length=320, pattern=ADDRESS)]
    verified: StrictBool
    primary: StrictBool


class Profile(BaseModel):
    """A user of GitHub."""

    id: Annotated[StrictInt, Field(gt=0, le=LARGEST_ID)]
    login: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._\[\]-]+$")]
    name: str | None = None
    emails: list[Email] = Field(default_factory=list)


def fetch_profile(*, code: str, verifier: str, callback: str) -> Profile:
    """Redeem a code of GitHub's and return whose it is; SignInError says what went wrong.

    The token that comes for the code is used here and kept nowhere.
    """
    form = {
        "client_id": settings.GITHUB_CLIENT_ID,
        "client_secret": settings.GITHUB_CLIENT_SECRET,
        "code": code,
        "redirect_uri": callback,
        "code_verifier": verifier,
    }
    api = settings.GITHUB_API_URL
    with httpx2.Client(timeout=TIMEOUT, headers={"User-Agent": AGENT}) as http:
        github = _Conversation(http, time.monotonic() + LONGEST)
        with _judged(Failure.EXCHANGE):
            http.headers["Accept"] = "application/json"
            address = f"{settings.GITHUB_URL}/login/oauth/access_token"
            issued = Issued.model_validate_json(github.ask("POST", address, data=form))
        with _judged(Failure.PROFILE):
            http.headers |= VERSION | {"Authorization": f"Bearer {issued.access_token}"}
            profile = Profile.model_validate_json(github.ask("GET", f"{api}/user"))
            emails = github.ask("GET", f"{api}/user/emails?per_page={MOST_EMAILS}")
            profile.emails = TypeAdapter(list[Email]).validate_json(emails)[:MOST_EMAILS]
    return profile


@contextmanager
def _judged(failure: Failure) -> Iterator[None]:
    """Turn what is no answer of GitHub's into a failure of this step."""
    try:
        yield
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        raise SignInError(
            Failure.UNAVAILABLE if status >= 500 or status == 429 else failure,
            f"GitHub answered with status {status}",
        ) from None
    except httpx2.TimeoutException:
        raise SignInError(Failure.UNAVAILABLE, "GitHub did not answer in time") from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        what = f"GitHub could not be reached: {type(error).__name__}"
        raise SignInError(Failure.UNAVAILABLE, what) from None
    except ValidationError:
        # Its text would quote what was answered, which may be a token.
        raise SignInError(failure, "GitHub's answer was not what it says it would be") from None


@dataclass(frozen=True)
class _Conversation:
    http: httpx2.Client
    deadline: float

    def ask(self, method: str, url: str, **request: Any) -> bytes:
        """Return the body of an answer of status 200; no redirect is followed."""
        with self.http.stream(method, url, follow_redirects=False, **request) as response:
            if response.status_code != httpx2.codes.OK:
                raise httpx2.HTTPStatusError("", request=response.request, response=response)
            body = b""
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise httpx2.ReadError("the answer is too long")
                if time.monotonic() > self.deadline:
                    raise httpx2.ReadTimeout("the answers take too long")
            return body
