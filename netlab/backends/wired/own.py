"""The lab's own processes, which are in no node."""

from __future__ import annotations

#: Their names among those of the nodes; no node can be called so.
COLLECTOR = "(collector)"
EMULATOR = "(emulator)"

#: How errors call them.
CALLED = {COLLECTOR: "the collector", EMULATOR: "the emulator"}
