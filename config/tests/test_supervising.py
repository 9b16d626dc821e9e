"""The supervisor: one log, restarts with a growing pause, an end that leaves nothing behind."""

import asyncio
import json
import os
import signal
import sys

from config.supervising import Child, Supervisor


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def supervise(children: list[Child], tmp_path, *, until) -> None:
    """Run a supervisor until a condition of its own output or state holds, then stop it."""

    async def run() -> None:
        supervisor = Supervisor(children, state=tmp_path / "state.json")
        running = asyncio.create_task(supervisor.run())
        async with asyncio.timeout(20):
            while not until(supervisor):
                await asyncio.sleep(0.02)
        supervisor.stop()
        await running

    asyncio.run(run())


def test_every_line_carries_the_name_of_its_child(tmp_path, capfd):
    seen: list[str] = []

    def both_spoke(_: Supervisor) -> bool:
        seen.append(capfd.readouterr().out)
        return "web   | hello" in "".join(seen) and "clock | tick" in "".join(seen)

    children = [
        Child("web", python("import time; print('hello', flush=True); time.sleep(60)")),
        Child("clock", python("import time; print('tick', flush=True); time.sleep(60)")),
    ]
    supervise(children, tmp_path, until=both_spoke)


def test_a_child_that_ends_is_started_again_after_a_growing_pause(tmp_path, capfd):
    seen: list[str] = []

    def ended_three_times(_: Supervisor) -> bool:
        seen.append(capfd.readouterr().out)
        return "".join(seen).count("starts again") == 3

    supervise([Child("web", python("raise SystemExit(3)"))], tmp_path, until=ended_three_times)
    text = "".join(seen)
    for pause in ("0.25", "0.5", "1"):
        assert f"web | ended with 3; starts again in {pause} s" in text


def test_a_child_that_can_never_run_ends_everything_at_once(tmp_path, capfd):
    children = [
        Child("web", python("raise SystemExit(78)")),
        Child("clock", python("import time; time.sleep(60)")),
    ]

    async def run() -> None:
        supervisor = Supervisor(children, state=tmp_path / "state.json")
        async with asyncio.timeout(20):
            assert await supervisor.run() == "web"
        assert supervisor.running == {}

    asyncio.run(run())
    assert "starts again" not in capfd.readouterr().out


def test_the_state_names_every_child_and_goes_with_the_supervisor(tmp_path):
    state = tmp_path / "state.json"
    children = [Child("web", python("import time; time.sleep(60)"))]

    def is_written(supervisor: Supervisor) -> bool:
        if not state.exists():
            return False
        known = json.loads(state.read_text())
        assert known == {"pid": os.getpid(), "children": {"web": supervisor.running["web"].pid}}
        return True

    supervise(children, tmp_path, until=is_written)
    assert not state.exists()


def test_a_child_that_ignores_the_request_to_end_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("config.supervising.GRACE_SECONDS", 0.2)
    ready = tmp_path / "ready"
    deaf = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    )
    supervise([Child("web", python(deaf))], tmp_path, until=lambda _: ready.exists())


def test_a_signal_ends_everything(tmp_path):
    async def run() -> None:
        supervisor = Supervisor(
            [Child("web", python("import time; time.sleep(60)"))], state=tmp_path / "state.json"
        )
        running = asyncio.create_task(supervisor.run())
        async with asyncio.timeout(20):
            while not supervisor.running:
                await asyncio.sleep(0.02)
            os.kill(os.getpid(), signal.SIGINT)
            await running
        assert supervisor.running == {}

    asyncio.run(run())
