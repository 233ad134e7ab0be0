"""Events told as sentences, for the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from netlab.collect.events import Event
from netlab.topology.profile_text import told

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogLine:
    """``group`` is the filter it falls under, such as ``steps`` or ``calls``."""

    t: int
    node: str
    group: str
    text: str
    failed: bool = False


def narrate(event: Event) -> LogLine | None:
    """The log line of an event; None for what the report shows elsewhere."""
    if event.kind not in _TELLERS:
        return None
    group, tell = _TELLERS[event.kind]
    failed = event.data.get("status") in {"error", "failed", "lost"} or event.kind == "interrupted"
    name = f"{event.conn}: " if event.conn else ""
    return LogLine(event.t, event.node or "", group, name + tell(event.data), failed)


def _words(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part not in {None, ""})


def _trouble(data: Data) -> str:
    errno, error = data.get("errno"), data.get("error")
    if not errno and not error:
        return ""
    return f"({_words(errno, error)})"


def _node(data: Data) -> str:
    return _words(data.get("status"), data.get("reason"))


def _service(data: Data) -> str:
    way = _words(data.get("local"), "<-" if data.get("foreign") else "", data.get("foreign"))
    return _words(data.get("service"), data.get("status"), way, _pid(data), _trouble(data))


def _pid(data: Data) -> str:
    return f"pid {data['pid']}" if data.get("pid") is not None else ""


def _step(data: Data) -> str:
    return _words(data.get("text"), data.get("status"), _trouble(data))


def _op(data: Data) -> str:
    octets = f"{data['bytes']} bytes" if data.get("bytes") is not None else ""
    took = f"in {data['took'] / 1e6:.3f} ms" if isinstance(data.get("took"), int) else ""
    outcome = "fails" if data.get("status") == "error" else ""
    text = f"“{data['text']}”" if data.get("text") else ""
    return _words(data.get("op"), octets, outcome, _trouble(data), took, text, _found(data))


def _found(data: Data) -> str:
    """What a ping or a traceroute has found."""
    if isinstance(hops := data.get("hops"), list):
        return "over " + ", ".join(str(hop.get("from") or "*") for hop in hops)
    if isinstance(probes := data.get("probes"), list):
        errors = [f"{each['error']} from {each.get('from')}" for each in probes if "error" in each]
        replies = f"{data.get('replies')} of {data.get('transmitted')} answered"
        return "; ".join([replies, *errors])
    return ""


def _process(data: Data) -> str:
    end = f"exit code {data['exit_code']}" if data.get("exit_code") is not None else ""
    return _words(data.get("process"), data.get("status"), _pid(data), end, data.get("signal"))


def _program(data: Data) -> str:
    argv = data.get("argv")
    command = " ".join(map(str, argv)) if isinstance(argv, list) else ""
    ended = _words("exit code", data.get("exit_code"))
    if data.get("signal"):
        ended = _words("killed by", data["signal"])
    output = str(data.get("output") or "").rstrip("\n")
    return f"{command}: {ended}" + (f"\n{output}" if output else "")


def _state(data: Data) -> str:
    pair = f"{{{data.get('local', '*')}, {data.get('foreign', '*')}}}"
    return _words(pair, data.get("old"), "→", data.get("new"), f"({data.get('source', '?')})")


def _link(data: Data) -> str:
    changed = data.get("profile") or {}
    profile = told(changed)
    name = data.get("stretch") or data.get("link")
    return _words("link", name, data.get("status"), data.get("way"), profile)


def _stretch(data: Data) -> str:
    return _words("link", data.get("stretch"), "is impaired by", data.get("text"))


def _impairment(data: Data) -> str:
    cause = data.get("text") if data.get("reason") == "fault" else data.get("reason")
    size = f"{data['frame_len']} bytes" if data.get("frame_len") is not None else ""
    way = f"{data.get('stretch')} {data.get('way')}:"
    return _words(way, data.get("action"), size, f"({cause})")


def _capture(data: Data) -> str:
    return _words(
        data.get("interface"), data.get("packets"), "packets,", data.get("drops"), "drops"
    )


def _icmp(data: Data) -> str:
    version = "icmpv6" if data.get("version") == 6 else "icmp"
    about = f"about {data['about']}" if data.get("about") else ""
    kind = f"{data.get('type')}/{data.get('code')}"
    return _words("hears", version, kind, "from", data.get("from"), about)


def _injected(data: Data) -> str:
    if "icmp" in data:
        return _words("sends icmp", data["icmp"], "to", data.get("to"))
    what = f"{data['segment']} {data.get('seq')}" if data.get("segment") else data.get("transport")
    octets = f"({data['len']} bytes)" if data.get("len") else ""
    return _words("injects", what, octets, "from", data.get("from"), "to", data.get("to"))


def _filter(data: Data) -> str:
    packets = f"({data['packets']} packets stopped)" if "packets" in data else ""
    return _words("filter", data.get("filter"), data.get("status"), packets)


def _text(data: Data) -> str:
    return _words(data.get("text"), data.get("reason"))


_TELLERS: dict[str, tuple[str, Callable[[Data], str]]] = {
    "node": ("nodes", _node),
    "service": ("services", _service),
    "step": ("steps", _step),
    "op": ("calls", _op),
    "process": ("programs", _process),
    "program": ("programs", _program),
    "state": ("states", _state),
    "link": ("links", _link),
    "stretch": ("links", _stretch),
    "impairment": ("impairments", _impairment),
    "icmp": ("icmp", _icmp),
    "injected": ("icmp", _injected),
    "filter": ("filters", _filter),
    "capture": ("captures", _capture),
    "notice": ("notices", _text),
    "log": ("programs", _text),
    "interrupted": ("notices", _text),
}
