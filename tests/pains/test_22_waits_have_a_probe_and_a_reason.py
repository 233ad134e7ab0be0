"""Deployments hang, or wait for a fixed time and hope.

srl-labs/containerlab#3162, #1700, #450.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab

LAB = """
name: waits
nodes:
  server:
    services:
      - name: web
        run: "echo cannot open the database; exec sleep 60"
        ready: READY
        within: 300ms
"""


@pytest.mark.parametrize(
    ("ready", "missing"),
    [
        ("{port: tcp/80}", "nothing listens on tcp/80"),
        ("{log: ^listening}", "its output has no '^listening'"),
        ("{command: [test, -e, /nowhere]}", "'test -e /nowhere' does not succeed"),
    ],
    ids=["port", "log", "command"],
)
def test_what_was_waited_for_is_said_with_the_last_words(
    run_lab: Callable[[str], Outcome], ready: str, missing: str
) -> None:
    outcome = run_lab(LAB.replace("READY", ready))

    assert outcome.exit_code == 4
    assert outcome.errors.startswith(
        "netlab: server: web does not start: it is not ready within 0.3 s: "
        f"{missing}; it last said: cannot open the database\n"
    ), outcome.errors
    log = (outcome.folder / "logs" / "server.web.log").read_text()
    assert log == "cannot open the database\n"


def test_of_a_program_that_said_nothing_no_log_is_promised(
    run_lab: Callable[[str], Outcome],
) -> None:
    silent = LAB.replace("echo cannot open the database; ", "")
    outcome = run_lab(silent.replace("READY", "{port: tcp/80}"))

    assert outcome.errors == (
        "netlab: server: web does not start: it is not ready within 0.3 s: "
        "nothing listens on tcp/80; it said nothing\n"
    )
    assert not list((outcome.folder / "logs").glob("*"))
