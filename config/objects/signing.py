"""AWS Signature Version 4 in a URL's query, as S3 has it: signing, and judging what was sent."""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, unquote

from config.objects.contracts import MOST_SECONDS

ALGORITHM = "AWS4-HMAC-SHA256"
REGION = "us-east-1"
SERVICE = "s3"
UNSIGNED = "UNSIGNED-PAYLOAD"
SIGNATURE = "X-Amz-Signature"
# Clocks may differ by so much; S3 allows the same.
SKEW = timedelta(minutes=15)
MOMENT = re.compile(r"[0-9]{8}T[0-9]{6}Z")
SECONDS = re.compile(r"[0-9]{1,6}")

Pairs = Sequence[tuple[str, str]]


class Refused(Exception):
    """A URL lets nobody in; the text says why."""


@dataclass(frozen=True, repr=False)
class Credentials:
    """An access key: its id may be shown, its secret signs."""

    id: str
    secret: str


@dataclass(frozen=True)
class Wanted:
    """A request as it came: its method, decoded path, raw query, and headers by name."""

    method: str
    path: str
    query: str
    header: Callable[[str], str]


def signed_url(
    credentials: Credentials,
    *,
    method: str,
    base: str,
    path: str,
    query: Mapping[str, str],
    seconds: int,
    now: datetime,
) -> str:
    """Return `base` + `path` with a query that lets its bearer do this one thing for so long."""
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    pairs = [
        *query.items(),
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", f"{credentials.id}/{_scope(moment)}"),
        ("X-Amz-Date", moment),
        ("X-Amz-Expires", str(seconds)),
        ("X-Amz-SignedHeaders", "host"),
    ]
    seal = signature(
        credentials,
        method=method,
        path=path,
        pairs=pairs,
        headers=[("host", _host(base))],
        moment=moment,
    )
    written = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)
    return f"{base}{quote(path, safe='/~')}?{written}&{SIGNATURE}={seal}"


def signature(
    credentials: Credentials,
    *,
    method: str,
    path: str,
    pairs: Pairs,
    headers: Pairs,
    moment: str,
) -> str:
    """Return the signature of a request whose body is not part of it."""
    encoded = sorted((_quoted(name), _quoted(value)) for name, value in pairs)
    canonical = "\n".join(
        [
            method,
            quote(path, safe="/~", errors="replace"),
            "&".join(f"{name}={value}" for name, value in encoded),
            *(f"{name}:{' '.join(value.split())}" for name, value in headers),
            "",
            ";".join(name for name, _ in headers),
            UNSIGNED,
        ]
    )
    digest = sha256(canonical.encode(errors="replace")).hexdigest()
    text = "\n".join([ALGORITHM, moment, _scope(moment), digest])
    key = f"AWS4{credentials.secret}".encode()
    for step in (moment[:8], REGION, SERVICE, "aws4_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    return hmac.new(key, text.encode(), sha256).hexdigest()


def verified(
    wanted: Wanted, *, find: Callable[[str], Credentials | None], now: datetime
) -> dict[str, str]:
    """Return the query of a request that was signed and is in time; Refused if it is not."""
    pairs = _pairs(wanted.query)
    query = dict(pairs)
    if SIGNATURE not in query:
        raise Refused("This URL is not signed; ask the platform for one")
    if len(query) != len(pairs):
        raise Refused("The URL's signature cannot be read: a parameter comes twice")
    credentials = find(query.get("X-Amz-Credential", "").partition("/")[0])
    moment = query.get("X-Amz-Date", "")
    if credentials is None or not _is_formal(query, credentials, moment):
        raise Refused("The URL's signature is none of this server's")
    names = query.get("X-Amz-SignedHeaders", "").split(";")
    if "host" not in names:
        raise Refused("The URL's signature does not cover the host")
    expected = signature(
        credentials,
        method=wanted.method,
        path=wanted.path,
        pairs=[pair for pair in pairs if pair[0] != SIGNATURE],
        headers=[(name, wanted.header(name)) for name in names],
        moment=moment,
    )
    if not hmac.compare_digest(expected.encode(), query[SIGNATURE].encode(errors="replace")):
        raise Refused(
            "The signature does not match: the URL holds for one verb, host and object, "
            "and must be used as it is"
        )
    _demand_in_time(moment, int(query["X-Amz-Expires"]), now)
    return query


def _is_formal(query: Mapping[str, str], credentials: Credentials, moment: str) -> bool:
    return bool(
        query.get("X-Amz-Algorithm") == ALGORITHM
        and MOMENT.fullmatch(moment)
        and query["X-Amz-Credential"] == f"{credentials.id}/{_scope(moment)}"
        and SECONDS.fullmatch(query.get("X-Amz-Expires", ""))
    )


def _demand_in_time(moment: str, seconds: int, now: datetime) -> None:
    try:
        began = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Refused("The URL's date is none") from None
    if not 1 <= seconds <= MOST_SECONDS:
        raise Refused(f"A URL may be good for {MOST_SECONDS} seconds at most")
    if began - now > SKEW:
        raise Refused("The URL is not good yet; compare the clocks of both machines")
    if now > (ends := began + timedelta(seconds=seconds)):
        raise Refused(f"The URL expired at {ends:%Y-%m-%d %H:%M:%S} UTC; ask for a new one")


def _pairs(query: str) -> list[tuple[str, str]]:
    # A plus sign is one: only forms write a space so, and a signature is made of what was sent.
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(unquote(name), unquote(value)) for name, _, value in parts]


def _scope(moment: str) -> str:
    return f"{moment[:8]}/{REGION}/{SERVICE}/aws4_request"


def _host(base: str) -> str:
    """Return the host as clients send it: without the port that the scheme has anyway."""
    scheme, _, host = base.partition("://")
    return host.removesuffix({"http": ":80", "https": ":443"}.get(scheme, ""))


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~", errors="replace")
