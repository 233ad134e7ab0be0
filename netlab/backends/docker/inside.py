"""Running a program in a node that is a container, with this process's standard streams."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator, Sequence

from netlab.backends.docker.engine import Engine
from netlab.backends.docker.streams import Connection, pieces, terminal_pieces
from netlab.errors import LabError

#: What the engine prints, in the program's place, when it cannot start it.
_REFUSED = re.compile(rb'^OCI runtime exec failed: .*: exec: ".*": (.*): unknown\s*$', re.DOTALL)
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126

#: The terminal of a program that has just been started can be sized after a moment only.
_SIZED_WITHIN, _PAUSE = 2.0, 0.01

_PIECE = 1 << 16


def run(container: str, node: str, argv: Sequence[str]) -> int:
    """Run ``argv`` in the node's container; its exit code, as a shell would give it.

    It has a terminal when this process has one for all three standard streams. UsageError when the
    node has just ended.
    """
    engine = Engine.connect()
    on_terminal = all(os.isatty(stream) for stream in range(3))
    execution, connection = engine.execute(container, argv, node, terminal=on_terminal)
    threading.Thread(target=_say, args=(connection,), daemon=True).start()
    try:
        with _terminal(engine, execution) if on_terminal else contextlib.nullcontext():
            refusal = _hear(connection, on_terminal=on_terminal)
    finally:
        connection.close()
    if refusal:
        sys.stderr.write(f"netlab: {argv[0]}: {refusal}\n")
        is_missing = "not found" in refusal or "no such file" in refusal
        return _NOT_FOUND if is_missing else _NOT_EXECUTABLE
    return engine.exit_code(execution, node)


def _say(connection: Connection) -> None:
    """Pass on this process's standard input."""
    with contextlib.suppress(OSError):  # the program has ended
        while data := os.read(0, _PIECE):
            connection.sendall(data)
        connection.end_input()


def _hear(connection: Connection, *, on_terminal: bool) -> str:
    """Print what the program prints; why the engine could not start it, if so."""
    heard = terminal_pieces(connection) if on_terminal else pieces(connection)
    for number, (stream, data) in enumerate(heard):
        if number == 0 and (refused := _REFUSED.match(data)):
            return refused[1].decode(errors="replace")
        view = memoryview(data)
        while view:
            view = view[os.write(stream, view) :]
    return ""


@contextlib.contextmanager
def _terminal(engine: Engine, execution: str) -> Iterator[None]:
    """This terminal as the program's: each key is passed on at once, and each change of size."""
    changes: queue.SimpleQueue[bool] = queue.SimpleQueue()
    changes.put(True)
    sizing = threading.Thread(target=_resize, args=(engine, execution, changes), daemon=True)
    sizing.start()
    before = termios.tcgetattr(0)
    handler = signal.signal(signal.SIGWINCH, lambda *_: changes.put(True))
    try:
        tty.setraw(0)
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
        signal.signal(signal.SIGWINCH, handler)
        changes.put(False)
        sizing.join()


def _resize(engine: Engine, execution: str, changes: queue.SimpleQueue[bool]) -> None:
    """Give the program's terminal this one's size, now and whenever it has changed."""
    while changes.get():
        deadline = time.monotonic() + _SIZED_WITHIN
        while changes.empty() and time.monotonic() < deadline:
            columns, rows = os.get_terminal_size(0)
            try:
                engine.resize(execution, rows, columns)
            except LabError:  # it does not run yet, or not any more
                time.sleep(_PAUSE)
            else:
                break
