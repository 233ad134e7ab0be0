"""Starting processes of netlab's own, where a user may be allowed no more of them."""

from __future__ import annotations

import os

from netlab.errors import EnvironmentLacks

#: What helps wherever a process cannot be started.
HINT = "raise ulimit -u, or make the lab smaller"


def fork() -> int:
    """``os.fork``; EnvironmentLacks where this user has as many processes as are allowed."""
    try:
        return os.fork()
    except BlockingIOError as error:
        raise none_left() from error


def none_left() -> EnvironmentLacks:
    """Why no process and no thread can be started."""
    return EnvironmentLacks(
        "no process or thread can be started: this user has as many as are allowed", hint=HINT
    )
