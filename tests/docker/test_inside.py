"""`netlab up`, and what is done with a lab of containers until `netlab down`."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator

import pytest

pytestmark = pytest.mark.docker

Netlab = Callable[..., subprocess.CompletedProcess[str]]

SCRIPT = "echo to out; echo to err >&2; exit 5"
LONG = "".join(f"{number}\n" for number in range(100_000))


def test_a_program_has_our_streams_and_we_have_its_exit_code(netlab: Netlab, lab: str):
    def inside(*argv: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return netlab("exec", "--lab", lab, "server", *argv, stdin=stdin)

    done = inside("sh", "-c", SCRIPT)
    assert (done.stdout, done.stderr, done.returncode) == ("to out\n", "to err\n", 5)
    assert inside("cat", stdin=LONG).stdout == LONG
    assert inside("sh", "-c", "kill -KILL $$").returncode == 128 + signal.SIGKILL
    assert inside("sh", "-c", "hostname; echo $GREETING").stdout == "server\nhello\n"

    missing = inside("nothere")
    assert missing.returncode == 127
    assert (missing.stdout, missing.stderr) == (
        "",
        "netlab: nothere: executable file not found in $PATH\n",
    )
    assert inside("/etc").returncode == 126

    told = json.loads(netlab("exec", "--json", "--lab", lab, "server", "sh", "-c", SCRIPT).stdout)
    assert (told["stdout"], told["stderr"], told["exit_code"]) == ("to out\n", "to err\n", 5)


def test_a_lab_of_containers_is_changed_by_hand(netlab: Netlab, lab: str):
    def node(what: str) -> str:
        return netlab("node", "--lab", lab, "server", what).stdout

    def ping() -> int:
        return netlab("exec", "--lab", lab, "client", "ping", "-c1", "-W1", "server").returncode

    assert ping() == 0
    assert lab in netlab("status").stdout
    assert netlab("logs", "--lab", lab, "server/talker").stdout == "started\n"

    assert node("freeze") == "server is frozen\n"
    frozen = netlab("exec", "--lab", lab, "server", "true")
    assert (frozen.returncode, frozen.stderr) == (
        2,
        "netlab: server: it is frozen\n  fix: netlab node server thaw\n",
    )
    assert node("thaw") == "server runs\n"
    assert node("crash") == "server has crashed\n"
    assert netlab("exec", "--lab", lab, "server", "true").returncode == 2
    assert node("restart") == "server runs\n"
    assert netlab("exec", "--lab", lab, "server", "hostname").stdout == "server\n"
    assert ping() == 0

    assert netlab("link", "--lab", lab, "client -- server", "down").returncode == 0
    assert ping() != 0
    assert netlab("link", "--lab", lab, "client -- server", "up").returncode == 0
    assert ping() == 0


class Terminal:
    """A user's terminal, and `netlab shell` on it."""

    def __init__(self, *words: str) -> None:
        self._ours, self.theirs = pty.openpty()
        self.resize(31, 97)
        self.process = subprocess.Popen(
            ["setsid", "--ctty", sys.executable, "-m", "netlab", *words],
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
        )

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def read_until(self, sign: str, within: float = 20.0) -> str:
        deadline = time.monotonic() + within
        read = ""
        while sign not in read:
            assert time.monotonic() < deadline, read
            if select.select([self._ours], [], [], 0.1)[0]:
                read += os.read(self._ours, 4096).decode()
        return read

    @property
    def is_raw(self) -> bool:
        return not termios.tcgetattr(self.theirs)[3] & termios.ICANON

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self.theirs)


@pytest.fixture
def terminal(lab: str) -> Iterator[Terminal]:
    made = Terminal("shell", "--lab", lab, "server")
    yield made
    made.close()


def test_a_shell_has_a_terminal_with_all_its_keys_and_sizes(terminal: Terminal):
    terminal.read_until("# ")
    assert terminal.is_raw
    terminal.type("while [ $(stty size | cut -d' ' -f2) != 97 ]; do :; done; stty size\r")
    terminal.read_until("31 97\r\n")
    terminal.resize(40, 120)
    terminal.type("while [ $(stty size | cut -d' ' -f2) != 120 ]; do :; done; stty size\r")
    terminal.read_until("40 120\r\n")

    terminal.type("sh -c 'echo is $((6 * 7)); exec sleep 600'\r")
    terminal.read_until("is 42\r\n")
    terminal.type("\x03")  # Ctrl-C is the program's, not ours
    terminal.read_until("# ")
    terminal.type("\x10")  # Ctrl-P, which engines take for the first half of a command
    terminal.read_until("sleep 600")

    terminal.type("\x15exit 7\r")
    assert terminal.process.wait(20) == 7
    assert not terminal.is_raw
