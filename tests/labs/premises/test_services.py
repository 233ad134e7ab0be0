"""The labs of services fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = [pytest.mark.lab, pytest.mark.premise]

BROKEN = {
    "services without the super-server": Broken(
        "services/super-server",
        "{echo: [tcp/7, udp/7], model: inetd}",
        "{echo: [tcp/7, udp/7]}",
        "the server runs its agent and one super-server",
    ),
    "a super-server with time for daytime": Broken(
        "services/super-server",
        "{daytime: [tcp/13, udp/13], model: inetd}",
        "{time: [tcp/13, udp/13], model: inetd}",
        "the line of daytime is a date and a time",
    ),
    "seconds since another year": Broken(
        "services/super-server", "- 2208988800 -", "- 2208988000 -", "the four bytes of time"
    ),
    "standard services without discard": Broken(
        "services/standard", "[tcp/9, udp/9]", "[tcp/9]", "discard over UDP answers nothing"
    ),
    "standard services with time for daytime": Broken(
        "services/standard",
        "- {daytime: [tcp/13, udp/13], model: inetd}",
        "- {time: [tcp/13, udp/13], model: inetd}",
        "daytime over TCP sends one line",
    ),
    "standard services with echo for chargen": Broken(
        "services/standard",
        "- {chargen: [tcp/19, udp/19], model: inetd}",
        "- {echo: [tcp/19, udp/19], model: inetd}",
        "chargen over UDP answers",
    ),
    "a probe of a port that connects": Broken(
        "services/programs",
        "ready: {port: tcp/8001}",
        """ready: {command: [python3, -c, "import socket as s; s.create_connection(('::1', 8001))"]}
        """.replace("'::1'", "'127.0.0.1'"),
        "a probe of a port only looks",
    ),
    "a probing command that only looks": Broken(
        "services/programs",
        "import socket; socket.create_connection(('127.0.0.1', 8003))",
        "import time; time.sleep(0.5)",
        "a probing command that connects",
    ),
    "a program with privileges": Broken(
        "services/programs",
        "unprivileged: true, may_end: true, ready: {log: PermissionError}",
        "may_end: true, ready: {log: waiting}",
        "an unprivileged program has no port",
    ),
    "a program without input": Broken(
        "services/programs",
        "input: from the server's standard input",
        "input: something else",
        "what a program reads",
    ),
    "a program that fails": Broken(
        "services/programs",
        "recv(100).decode())'",
        "recv(100).decode()); raise SystemExit(3)'",
        "a program in the background",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab)
