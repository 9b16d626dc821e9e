"""Settings of Olake's own clients that all databases share: honoured, harmless, or refused."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

NO_CHANGES = (
    "change data capture is not there yet: the streams are read in full or by a cursor, and a job "
    "that asks for cdc is refused"
)
NO_TUNNEL = "SSH tunnels are not there yet; open one outside, and name its end as the host"
METHODS = ("standalone", "cdc")


def _know_the_method(value: dict[str, Any] | None) -> dict[str, Any] | None:
    if value and str(value.get("type") or "Standalone").lower() not in METHODS:
        raise ValueError('`type` is "Standalone" or "CDC"')
    return value


def _refuse_tunnels(value: dict[str, Any] | None) -> dict[str, Any] | None:
    if value and (value.get("type") or "no_tunnel") != "no_tunnel":
        raise ValueError(NO_TUNNEL)
    return value


# It says what a source could do; which rows a run reads is said by the mode of each stream.
UpdateMethod = Annotated[
    dict[str, Any] | None,
    AfterValidator(_know_the_method),
    Field(title="Update method", description="Has no effect yet: there is no change data capture."),
]
Tunnel = Annotated[
    dict[str, Any] | None,
    AfterValidator(_refuse_tunnels),
    Field(title="SSH tunnel", description='Nothing but {"type": "no_tunnel"} yet.'),
]
PARAMETERS = Field(
    title="Driver parameters",
    description="Has no effect: time limits and the like are taken and passed over.",
)
Retries = Annotated[
    int | None,
    Field(
        title="Retries", description="Has no effect: a run's attempts are counted by the platform."
    ),
]


def parameters(own: Mapping[str, str], harmless: Iterable[str]) -> AfterValidator:
    """Return the judge of driver parameters: some change no row, some are settings of ours.

    `own` maps a parameter to the setting that says the same; any other is refused by name.
    """
    ours = {name.lower(): setting for name, setting in own.items()}
    ignored = {name.lower() for name in harmless}

    def judge(value: dict[str, Any] | None) -> dict[str, Any] | None:
        for name in value or {}:
            if setting := ours.get(name.lower()):
                raise ValueError(f"{name!r} has a setting of its own: say it with `{setting}`")
            if name.lower() not in ignored:
                raise ValueError(
                    f"{name!r} means nothing here, for no JDBC is used; leave it out. These are "
                    f"passed over: {', '.join(sorted(harmless))}"
                )
        return value

    return AfterValidator(judge)


def remark(method: Mapping[str, Any] | None) -> str:
    """Return what a test of the connection adds where change data capture is set up."""
    asks = str((method or {}).get("type", "")).lower() == "cdc"
    return f"; {NO_CHANGES}" if asks else ""
