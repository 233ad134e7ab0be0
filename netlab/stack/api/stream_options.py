"""What of a connection's settings may change while it lives."""

from __future__ import annotations

import errno
from dataclasses import fields, replace
from typing import Any

from netlab.stack.tcp import arming
from netlab.stack.tcp.congestion_control import ALGORITHMS
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.settings import Settings
from netlab.stack.tcp.timers import Timer

_KNOWN = frozenset(field.name for field in fields(Settings))

#: What the SYN said, or what was chosen before it.
_FIXED = frozenset({"ecn", "sack", "timestamps", "window_scaling"})


def change(connection: Connection, now: int, options: dict[str, Any]) -> None:
    """Set fields of ``Settings``.

    TypeError for what is no option; OSError(EINVAL) for one that only a new connection takes.
    """
    for name in options:
        if name not in _KNOWN:
            raise TypeError(f"there is no option {name}")
        if name in _FIXED:
            raise OSError(errno.EINVAL, f"{name} is chosen before a connection is made")
    connection.settings = replace(connection.settings, **options)
    settings, profile = connection.settings, connection.profile
    if "congestion" in options:
        name = settings.congestion or profile.congestion
        connection.recovery.change_congestion(ALGORITHMS[name]())
    if "send_buffer" in options:
        connection.sending.limit = settings.send_buffer or profile.send_buffer
    if "receive_buffer" in options:
        connection.window_limit = settings.receive_buffer or profile.receive_buffer
    connection.acks.policy = settings.acks
    connection.path.settings = settings
    if "keepalive" in options:
        connection.timers.stop(Timer.KEEPALIVE)
        arming.keepalive(connection, now)
    if "user_timeout" in options:
        arming.restart_user_timeout(connection, now)
    connection.owner.changed(connection)
