"""From packets and events to connections, states and ways through the lab."""

from netlab.analyse.run import analyse

__all__ = ["analyse"]
