"""Processes that end with the one that started them, however early that goes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.servers.keeper import has_ended

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import os, signal
from config.processes import obey_parent_variable
obey_parent_variable()
os.write(1, str(os.getpid()).encode() + b"\\n")
signal.pause()
"""
PARENT = """
import os, subprocess, sys, signal
subprocess.Popen([sys.executable, "-c", sys.argv[1]], env=os.environ | {"PARENT_PID": str(os.getpid())})
signal.pause()
"""


def start(code: str, *arguments: str, **environment: str) -> subprocess.Popen:
    command = [sys.executable, "-c", code, *arguments]
    variables = os.environ | environment
    return subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE)


def test_a_child_ends_when_its_parent_is_killed():
    with start(PARENT, CHILD) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
        assert has_ended(child, seconds=20)


def test_a_child_whose_parent_has_gone_already_does_not_begin():
    with start(CHILD, PARENT_PID="1") as child:
        assert child.stdout.read() == b""
    assert child.returncode == -signal.SIGKILL


def test_a_process_that_nobody_supervises_lives_on():
    with start(CHILD) as process:
        assert int(process.stdout.readline()) == process.pid
        process.terminate()
    assert process.returncode == -signal.SIGTERM
