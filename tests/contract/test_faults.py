"""The fault suite: whatever dies, and whenever, every destination is right afterwards."""

import json
import re
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import polars as pl
import pytest

from connectors import registry
from connectors.base import RunKey, WriteMode
from connectors.base.lazy import BATCH_ROWS
from connectors.configuration import validate
from connectors.errors import LeaseLost, MillraceError, TargetBusy, TransientError
from tests.contract.attempt import ten_batches
from tests.contract.subjects import DESTINATIONS, Subject, subject
from tests.idling import wait_until_idle

pytestmark = pytest.mark.slow
WAITING = (TargetBusy.__name__, TransientError.__name__)
ROOT = Path(__file__).parents[2]


@pytest.fixture(params=DESTINATIONS)
def place(request, tmp_path) -> Subject:
    """A destination of the registry that holds 100 old rows."""
    ready = subject(request.param, tmp_path, request)
    ready.load(*ten_batches(100, "old"), fence=1)
    return ready


def launch(place: Subject, **order: object) -> subprocess.Popen[str]:
    """Start an attempt in a process of its own."""
    defaults = {"rows": 100, "mode": "replace", "die_at": "", "fence": 1, "note": "new"}
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.attempt"],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    described = {"name": place.name, "config": place.config, "folder": str(place.access.base)}
    assert child.stdin is not None
    child.stdin.write(json.dumps(defaults | described | order) + "\n")
    child.stdin.flush()
    return child


def attempt(place: Subject, **order: object) -> tuple[int, str]:
    """Run an attempt to its end; return its exit code and what it printed last."""
    out, err = (child := launch(place, **order)).communicate(timeout=120)
    assert child.returncode in (0, -signal.SIGKILL), err
    return child.returncode, out.strip()


def notes(place: Subject) -> dict[str, int]:
    """Count the rows by their note, and prove that no id is doubled within one note."""
    frame = place.rows()
    assert frame.select("id", "note").is_unique().all()
    return dict(frame.group_by("note").len().sort("note").iter_rows())


@pytest.mark.parametrize("mode", ["replace", "append"])
@pytest.mark.parametrize("moment", ["batch 0", "batch 5", "hold"])
def test_death_before_the_commit_leaves_the_old_rows_and_the_next_attempt_finishes(
    place, moment, mode
):
    run = str(uuid.uuid4())
    assert attempt(place, run=run, mode=mode, die_at=moment, fence=2)[0] == -signal.SIGKILL
    assert notes(place) == {"old": 100}
    assert attempt(place, run=run, mode=mode, fence=3) == (0, "done")
    assert notes(place) == ({"new": 100} if mode == "replace" else {"new": 100, "old": 100})


@pytest.mark.parametrize("mode", ["replace", "append"])
def test_death_between_commit_and_checkpoint_loads_nothing_twice(place, mode):
    run = str(uuid.uuid4())
    assert attempt(place, run=run, mode=mode, die_at="remember", fence=2)[0] == -signal.SIGKILL
    after = {"new": 100} if mode == "replace" else {"new": 100, "old": 100}
    assert notes(place) == after
    assert attempt(place, run=run, mode=mode, fence=3) == (0, "done")
    assert notes(place) == after


@pytest.mark.parametrize("mode", ["replace", "append"])
def test_a_worker_that_was_thought_dead_cannot_commit_over_a_newer_run(place, mode):
    zombie = launch(place, run=str(uuid.uuid4()), mode=mode, die_at="stand", fence=2, note="zombie")
    assert zombie.stdout is not None
    assert zombie.stdout.readline().strip() == "holding"
    code, said = attempt(place, run=str(uuid.uuid4()), mode=mode, fence=3)
    assert code == 0
    out, _ = zombie.communicate("go\n", timeout=60)
    if said == "done":
        assert out.startswith((LeaseLost.__name__, *WAITING))
    else:
        # A system with one writer keeps the newer run out until the zombie is gone.
        assert said.startswith(WAITING)
        assert out.strip() == "done"
    assert "zombie" in notes(place) or "new" in notes(place)
    assert ("zombie" in notes(place)) != ("new" in notes(place))


def test_two_attempts_of_one_run_commit_once(place):
    run = str(uuid.uuid4())
    first = launch(place, run=run, mode="append", die_at="stand", fence=2)
    assert first.stdout is not None
    assert first.stdout.readline().strip() == "holding"
    attempt(place, run=run, mode="append", fence=3)
    first.communicate("go\n", timeout=60)
    attempt(place, run=run, mode="append", fence=4)
    assert notes(place) == {"new": 100, "old": 100}


def test_a_commit_that_is_refused_leaves_nothing_staged(place):
    def lose() -> None:
        raise LeaseLost("another worker holds this part")

    with pytest.raises(LeaseLost):
        place.load(place.rows(), mode=WriteMode.REPLACE, on_hold=lose, fence=2)
    with pytest.raises(MillraceError):
        place.load(place.rows(), mode=WriteMode.ERROR, fence=3)
    assert notes(place) == {"old": 100}


@pytest.mark.timeout(60)
def test_a_load_that_is_given_up_while_it_waits_for_rows_ends(place):
    frame = pl.LazyFrame({"id": range(2 * BATCH_ROWS)}).with_columns(note=pl.lit("new"))
    destination = place.open()
    try:
        options = validate(destination.WriteOptions, place.options())
        target = destination.target(options, "job/1")
        key = RunKey(str(uuid.uuid4()), "copy", 2)
        staging = destination.begin(target, frame.collect_schema(), key)
        pl.collect_all([destination.sink(staging, frame, "copy")])
        wait_until_idle()
        destination.abort(staging)
    finally:
        destination.close()
    assert notes(place) == {"old": 100}


ON_DISK = [name for name in DESTINATIONS if "${folder}" in str(registry.connector(name).example)]


@pytest.mark.parametrize("name", ON_DISK)
def test_a_full_disk_leaves_the_old_rows_and_says_what_to_do(name, tmp_path, request):
    place = subject(name, tmp_path, request)
    order = {"name": name, "config": place.config, "folder": str(tmp_path)}
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", sys.executable, "-m", "tests.contract.full_disk"],
        cwd=ROOT,
        input=json.dumps(order) + "\n",
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["said"][0] == "done"
    assert re.match("TransientError: The disk is full.*free some space", outcome["said"][1])
    assert outcome["kept"] == 1_000
    assert outcome["said"][2] == "done"
    assert outcome["rows"] == 2_000
