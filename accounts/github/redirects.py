"""Where a browser may be sent after a sign-in: front-ends that the operator named, nobody else."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from rest_framework.exceptions import ValidationError

from config.api import origins

# The page of a front-end that the contract names.
PAGE = "/auth/complete"
# What we add; had the URL a `code` of its own, a front-end would redeem that of whoever wrote it.
OURS = {"code", "error", "select_email"}


def checked(url: str | None) -> str:
    """Return where to send the browser, to the letter; a ValidationError says why it may not go."""
    if not url:
        return _usual()
    try:
        origin = origins.read(url)
    except ValueError as error:
        raise _refused(str(error)) from error
    if origin not in _allowed() and not (settings.DEBUG and origins.is_loopback(origin)):
        raise _refused("its origin is not in REDIRECT_ALLOWLIST")
    if OURS & {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}:
        raise _refused("its query must not hold code, error or select_email")
    return url


def with_query(url: str, **parameters: str) -> str:
    """Return the URL with these parameters behind those of its own."""
    glue = "&" if urlsplit(url).query else "" if url.endswith("?") else "?"
    return f"{url}{glue}{urlencode(parameters)}"


def _usual() -> str:
    """Return where a browser goes whose front-end did not say where it is."""
    if settings.FRONTEND_URL:
        return str(settings.FRONTEND_URL)
    if settings.REDIRECT_ALLOWLIST:
        return settings.REDIRECT_ALLOWLIST[0] + PAGE
    if settings.DEBUG:
        return f"http://localhost:5173{PAGE}"
    raise ValidationError(
        {"redirect_uri": "redirect_uri is required; without it FRONTEND_URL has to be set"}
    )


def _allowed() -> set[origins.Origin]:
    named = [*settings.REDIRECT_ALLOWLIST, *filter(None, [settings.FRONTEND_URL])]
    return {origins.read(url) for url in named}


def _refused(reason: str) -> ValidationError:
    return ValidationError({"redirect_uri": f"redirect_uri is refused: {reason}"})
