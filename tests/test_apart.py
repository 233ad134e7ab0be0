from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from netlab import apart
from netlab.errors import EnvironmentLacks, LabError


def test_a_result_comes_back_from_another_process() -> None:
    pid = apart.call(os.getpid)
    assert pid != os.getpid()


def test_what_a_task_changes_stays_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERE", "here")

    def change() -> str:
        os.environ["WHERE"] = "there"
        return os.environ["WHERE"]

    assert apart.call(change) == "there"
    assert os.environ["WHERE"] == "here"


def test_results_are_as_json_carries_them() -> None:
    assert apart.call(lambda: {"pair": (1, "µ")}) == {"pair": [1, "µ"]}


def test_a_long_result_comes_whole() -> None:
    assert apart.call(lambda: "x" * 1_000_000) == "x" * 1_000_000


def test_a_system_error_is_raised_here() -> None:
    with pytest.raises(FileNotFoundError) as raised:
        apart.call(lambda: Path("/nowhere").read_text())
    assert raised.value.errno == errno.ENOENT
    assert raised.value.filename == "/nowhere"


def test_a_lacking_environment_is_raised_here_with_its_fix() -> None:
    def lack() -> None:
        raise EnvironmentLacks("no such thing", hint="buy one")

    with pytest.raises(EnvironmentLacks) as raised:
        apart.call(lack)
    assert (raised.value.message, raised.value.hint) == ("no such thing", "buy one")


def test_a_task_that_ends_its_process_is_told() -> None:
    with pytest.raises(LabError, match="ended without an answer"):
        apart.call(lambda: os._exit(7))


def test_a_bug_in_a_task_is_shown_and_told(capfd: pytest.CaptureFixture[str]) -> None:
    def divide() -> Any:
        return 1 / 0

    with pytest.raises(LabError, match="ended without an answer"):
        apart.call(divide)
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_no_process_is_left() -> None:
    child = apart.call(os.getpid)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
