"""The world of one attempt, kept in the database."""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from django.conf import settings
from django.db import transaction

from connectors import registry, sealing
from connectors.base import Access, Connector, State
from connectors.configuration import validate
from connectors.errors import Cancelled, LeaseLost, Stalled
from connectors.secrets import MASK
from jobs import lifecycle
from jobs.engine import Measure, Standing
from jobs.lifecycle.claiming import Hold, look, renew
from jobs.models import Checkpoint, Part
from jobs.plan import Extract, Load
from jobs.running import objects, rejects
from jobs.running.origins import FILE, access_of, settings_of

# Shorter ones would blot out half of a message, and protect nothing.
SHORTEST_SECRET = 4


class DatabaseHost:
    """Answers the engine; rows are written by the thread that runs the part and by its heartbeat."""

    access: Access

    def __init__(self, part: Part) -> None:
        """Serve an attempt at a part that was just claimed; `access` follows before it begins."""
        self.part = part
        # The part as it stands in the run's plan, its secrets sealed.
        self.stored: dict[str, Any] = part.run.plan["parts"][part.position]
        self.measures: dict[str, Measure] = {}
        # What the result of the part tells beside its commits.
        self.notes: dict[str, Any] = {}
        # Parts that joined the run meanwhile, for whom the bell is to be rung.
        self.joined: list[int] = []
        self._verdict = Hold.OURS
        self._moved_at = time.monotonic()
        self._valid_until = self._moved_at + settings.LEASE_SECONDS
        self._lock = threading.Lock()
        self._lines: list[lifecycle.Line] = []
        self._has_progress = False
        self._secrets: set[str] = set()
        self.hide(self.stored)

    @property
    def run(self) -> str:
        """Return the run's UUID as text."""
        return str(self.part.run.uuid)

    def open(self, step: Extract | Load) -> Connector:
        """Return the step's connector; only here its secrets are laid open."""
        plugin = registry.connector(step.connector)
        stored = settings_of(step.origin, run=self.part.run)
        self.hide(stored)
        access = access_of(step.origin, self.access)
        return plugin(validate(plugin.Settings, sealing.unseal(stored)), access)

    @property
    def is_file_job(self) -> bool:
        """Whether what is written lies in the object store, where nothing is lost by a hard stop."""
        return any(step.get("origin", "").startswith(FILE) for step in self.stored["steps"])

    def keep_rejected(self) -> None:
        """Store the rows that the source of a file job left out beside its result."""
        if self.is_file_job:
            rejects.store(self.part.run, access_of(FILE, self.access))

    def hide(self, stored: object) -> None:
        """Keep the secrets of a stored value out of every message from now on."""
        for secret in sealing.texts(stored):
            if len(secret) >= SHORTEST_SECRET:
                # In JSON text a secret stands in its escaped form.
                self._secrets |= {secret, json.dumps(secret)[1:-1]}

    def claim(self, place: str) -> int:
        """Take the lease of a target and return its fence; TargetBusy while another run has it."""
        return lifecycle.claim_target(self.part, place)

    def pulse(self) -> None:
        """Raise Cancelled, LeaseLost or Stalled when this attempt should stop; asks no database."""
        self._moved_at = time.monotonic()
        if self._verdict is Hold.CANCELLED:
            raise Cancelled("The run was cancelled")
        if self._verdict is Hold.STALLED:
            raise stalled()
        if self._moved_at > self._valid_until:
            with self._lock:
                self._verdict = Hold.LOST
        if self._verdict is Hold.LOST:
            raise LeaseLost("Another worker has this part now")

    def hold(self) -> None:
        """Renew the leases, or raise LeaseLost or Cancelled."""
        self.renew()
        self.pulse()

    def report(self, measures: Mapping[str, Measure]) -> None:
        """Take note of progress; the heartbeat stores it."""
        with self._lock:
            self.measures = {step: copy(measure) for step, measure in measures.items()}
            self._has_progress = True

    def log(self, level: str, message: str, *, step: str = "", **data: object) -> None:
        """Keep one line of what happened, without the secrets that were laid open."""
        kept = json.loads(self.redact(json.dumps(data, default=str))) if data else {}
        line = lifecycle.Line(self.redact(message), level=level, step=step, data=kept)
        with self._lock:
            self._lines.append(line)

    def note(self, step: Load, name: str, found: Sequence[Mapping[str, Any]]) -> None:
        """Keep something for the result of the part."""
        self.notes[name] = json.loads(self.redact(json.dumps(list(found), default=str)))

    def remember(
        self, step: Load, state: State | None, columns: Mapping[str, str] | None = None
    ) -> None:
        """Keep a copy of what a commit carried, for people and for planning."""
        kept = {
            "state": None if state is None else dict(state),
            "columns": None if columns is None else dict(columns),
        }
        run = self.part.run
        checkpoint = Checkpoint(stream=step.stream, job=run.job, run=run, **kept)
        epoch = Standing.of(state).epoch
        with transaction.atomic():
            Checkpoint.objects.bulk_create(
                [checkpoint],
                update_conflicts=True,
                unique_fields=["stream"],
                update_fields=["job", "run", *kept, "updated_at"],
            )
            # A wish that came meanwhile is of a later epoch, and waits for the next run.
            done = Checkpoint.objects.filter(stream=step.stream, epoch__lte=epoch)
            done.update(epoch=epoch, wanted=None)

    def renew(self) -> Hold:
        """Prolong the leases and tell how the attempt stands; what was lost stays lost."""
        if self._verdict is Hold.LOST:
            return Hold.LOST
        began = time.monotonic()
        found = renew(self.part)
        self._valid_until = began + settings.LEASE_SECONDS
        return self._judge(found)

    def look(self) -> Hold:
        """Tell how the attempt stands without prolonging its leases."""
        return self._judge(look(self.part))

    def take_lines(self) -> list[lifecycle.Line]:
        """Hand over what was logged since the last time."""
        with self._lock:
            lines, self._lines = self._lines, []
        return lines

    def store_news(self) -> None:
        """Store what was logged and how far the part is, in one transaction; nothing if no news."""
        with self._lock:
            has_progress = self._has_progress
        lines = self.take_lines()
        if not lines and not has_progress:
            return
        with lifecycle.changing(self.part.run_id) as run:
            lifecycle.append(run, lines)
            if has_progress and self._show_progress(run):
                self._has_progress = False

    def redact(self, text: str) -> str:
        """Return the text without any secret that this attempt knows."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return objects.without_root(text)

    def _judge(self, found: Hold) -> Hold:
        """Return how the attempt stands; once it was told to stop it is not told to go on."""
        if found is Hold.OURS and (self._verdict is Hold.STALLED or self._has_stalled()):
            found = Hold.STALLED
        with self._lock:
            if self._verdict is not Hold.LOST:
                self._verdict = found
            return self._verdict

    def _has_stalled(self) -> bool:
        longest = settings.STALL_SECONDS
        return bool(longest) and time.monotonic() - self._moved_at > longest

    def _show_progress(self, run: Any) -> bool:
        loads = [step["id"] for step in self.stored["steps"] if step["kind"] == "load"]
        loaded = [self.measures[step] for step in loads if step in self.measures]
        steps = {step: _plain(measure) for step, measure in self.measures.items()}
        return lifecycle.show_progress(
            run,
            self.part,
            rows=sum(measure.rows for measure in loaded),
            size=sum(measure.size for measure in loaded),
            data={"part": self.part.key, "steps": steps},
        )


def stalled() -> Stalled:
    """Return the error of an attempt in which nothing moved for too long."""
    return Stalled(
        f"Nothing moved for {settings.STALL_SECONDS:g} s: a system did not answer, or a query or a "
        "commit took longer than STALL_SECONDS allows"
    )


def _plain(measure: Measure) -> dict[str, Any]:
    """Return a measure as JSON: rows, bytes, seconds, CPU seconds, and what is expected."""
    expected = {
        "expected_rows": measure.expected_rows,
        "about_rows": measure.about_rows,
        "expected_bytes": measure.expected_size,
    }
    if measure.rejected:
        expected["rejected"] = measure.rejected
    return {
        "rows": measure.rows,
        "bytes": measure.size,
        "seconds": round(measure.seconds, 3),
        "cpu_seconds": round(measure.cpu_seconds, 3),
        **{name: value for name, value in expected.items() if value is not None},
    }
