"""Starting processes where no more are allowed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from netlab import processes
from netlab.errors import EnvironmentLacks

FORK_WITHOUT_ALLOWANCE = """
import os, resource
from netlab import processes
if os.geteuid() == 0:
    os.setresuid(65534, 65534, 65534)
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
try:
    processes.fork()
except processes.EnvironmentLacks as error:
    print(error)
"""


def test_no_process_can_be_started():
    done = subprocess.run(
        [sys.executable, "-c", FORK_WITHOUT_ALLOWANCE], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("no process or thread can be started")
    assert processes.HINT in done.stdout


def test_other_failures_are_told_as_they_are(monkeypatch: pytest.MonkeyPatch):
    def out_of_memory() -> int:
        raise MemoryError

    monkeypatch.setattr("os.fork", out_of_memory)
    with pytest.raises(MemoryError):
        processes.fork()


def test_the_error_names_the_limit():
    assert isinstance(processes.none_left(), EnvironmentLacks)
    assert "ulimit -u" in processes.none_left().hint
