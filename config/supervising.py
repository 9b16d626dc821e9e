"""Keeping a few processes alive under one log and one Ctrl-C."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from config.processes import BEYOND_RESTART, PARENT_VARIABLE

# An idle worker needs twice as long to fold itself up, and a killed one loses nothing.
GRACE_SECONDS = 3.0
FIRST_DELAY, LONGEST_DELAY = 0.25, 30.0
# A child that lived so long was well; its next end is not counted with the ones before.
STEADY_SECONDS = 10.0
LONGEST_LINE = 1024 * 1024
COLOURS = (36, 32, 35, 33, 34)


@dataclass(frozen=True)
class Child:
    """A process to keep alive: its name in the log, its command line, what it adds to the environment."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """Starts children, passes on what they print, starts again what ends, ends all when told to."""

    def __init__(self, children: list[Child], *, state: Path) -> None:
        self.children = children
        # Tells others which process is which; {"pid": …, "children": {name: pid}}.
        self.state = state
        self.running: dict[str, Process] = {}
        self.stopping = asyncio.Event()
        # Whose end ended everything, because to start it again would not help.
        self.hopeless: str | None = None
        self.width = max(len(child.name) for child in children)

    async def run(self) -> str | None:
        """Keep the children alive until SIGINT or SIGTERM; a second signal does not wait.

        Returns the name of a child that can never run as things are; it ends the others too.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        keepers = [asyncio.create_task(self.keep(child)) for child in self.children]
        await self.stopping.wait()
        await self.end_children()
        await asyncio.gather(*keepers)
        self.state.unlink(missing_ok=True)
        return self.hopeless

    def stop(self) -> None:
        """Begin to stop, or kill what is left when that has begun already."""
        if self.stopping.is_set():
            self.signal_all(signal.SIGKILL)
        self.stopping.set()

    async def keep(self, child: Child) -> None:
        """Run one child again and again, with a growing pause while it ends soon after its start."""
        delay = FIRST_DELAY
        while not self.stopping.is_set():
            began = monotonic()
            code = await self.run_once(child)
            if self.stopping.is_set():
                return
            if code == BEYOND_RESTART:
                self.hopeless = child.name
                self.stop()
                return
            delay = FIRST_DELAY if monotonic() - began > STEADY_SECONDS else delay
            self.say(child.name, f"ended with {code}; starts again in {delay:g} s")
            await self.pause(delay)
            delay = min(delay * 2, LONGEST_DELAY)

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until everything stops."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return

    async def run_once(self, child: Child) -> int:
        """Run a child until it ends and return its exit code (negative: the signal)."""
        process = await asyncio.create_subprocess_exec(
            *child.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            limit=LONGEST_LINE,
            # A group of its own: Ctrl-C reaches the supervisor only, and a kill reaches all of it.
            start_new_session=True,
            env={
                **os.environ,
                **child.environment,
                PARENT_VARIABLE: str(os.getpid()),
                "PYTHONUNBUFFERED": "1",
            },
        )
        self.running[child.name] = process
        self.write_state()
        if self.stopping.is_set():
            process.terminate()
        await self.pass_on(child.name, process)
        code = await process.wait()
        # What a killed child left behind in its group must not go on beside its successor.
        signal_group(process.pid, signal.SIGKILL)
        del self.running[child.name]
        return code

    async def pass_on(self, name: str, process: Process) -> None:
        """Print what a child and its own children print, until the last of them ends."""
        assert process.stdout is not None
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                line = b"(a line too long to be shown)"
            if not line:
                return
            self.say(name, line.decode(errors="replace").rstrip("\n"))

    def say(self, name: str, text: str) -> None:
        """Print one line of the log with the child's name before it."""
        prefix = f"{name:<{self.width}} |"
        if sys.stdout.isatty():
            place = [child.name for child in self.children].index(name)
            prefix = f"\033[{COLOURS[place % len(COLOURS)]}m{prefix}\033[0m"
        sys.stdout.write(f"{prefix} {text}\n")
        sys.stdout.flush()

    def write_state(self) -> None:
        """Tell others which process is which, in one step."""
        pids = {name: process.pid for name, process in self.running.items()}
        draft = self.state.with_suffix(".new")
        draft.write_text(json.dumps({"pid": os.getpid(), "children": pids}))
        draft.replace(self.state)

    async def end_children(self) -> None:
        """Ask every child to end, and kill what is still there after a while."""
        self.signal_all(signal.SIGTERM, group=False)
        waits = [asyncio.create_task(process.wait()) for process in self.running.values()]
        if waits:
            await asyncio.wait(waits, timeout=GRACE_SECONDS)
        self.signal_all(signal.SIGKILL)

    def signal_all(self, number: signal.Signals, *, group: bool = True) -> None:
        """Send a signal to every child, or to every child's whole group."""
        for process in list(self.running.values()):
            if group:
                signal_group(process.pid, number)
            elif process.returncode is None:
                process.send_signal(number)


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group that may have gone already."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return
