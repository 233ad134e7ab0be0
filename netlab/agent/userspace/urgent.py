"""Urgent data as a server on our stack is told of it (RFC 9293, 3.8.5; RFC 6093)."""

from __future__ import annotations

from netlab.agent.channel import Message
from netlab.agent.errnos import errno_name
from netlab.agent.network import StreamSocket


def found(connection: StreamSocket) -> Message:
    """The urgent byte as text, if it is out of band and has come; else why there is none."""
    if connection.is_inline:
        return {"inline": True, "at_mark": connection.is_at_mark}
    try:
        return {"byte": connection.urgent_byte().decode("latin-1")}
    except OSError as error:  # EAGAIN: announced, not here yet; EINVAL: read already
        return {"byte": None, "errno": errno_name(error)}
