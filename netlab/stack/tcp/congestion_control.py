"""Congestion control by name."""

from __future__ import annotations

from collections.abc import Callable

from netlab.stack.tcp.recovery.congestion.cubic import Cubic
from netlab.stack.tcp.recovery.congestion.protocol import Congestion
from netlab.stack.tcp.recovery.congestion.reno import Reno

ALGORITHMS: dict[str, Callable[[], Congestion]] = {"cubic": Cubic, "reno": Reno}
