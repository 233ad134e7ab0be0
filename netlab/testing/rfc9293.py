"""The MUSTs of RFC 9293, appendix B, and which tests show them: docs/rfc9293.md."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

#: Rule -> (section, what it asks for).
RULES: dict[str, tuple[str, str]] = {
    "MUST-1": ("3.1", "the window is an unsigned number"),
    "MUST-2": ("3.1", "segments carry a checksum"),
    "MUST-3": ("3.1", "checksums are verified"),
    "MUST-4": ("3.1", "end of list, no-operation and MSS are known"),
    "MUST-5": ("3.1", "options are taken in any segment"),
    "MUST-6": ("3.1", "unknown options are skipped"),
    "MUST-7": ("3.1", "wrong lengths of options do no harm"),
    "MUST-8": ("3.4.1", "a clock drives initial sequence numbers"),
    "MUST-9": ("3.4.1", "nobody outside can compute them"),
    "MUST-10": ("3.5", "both ends may open at once"),
    "MUST-11": ("3.5", "SYN_RCVD knows whether it came from LISTEN"),
    "MUST-12": ("3.6", "an aborted connection is told to its user"),
    "MUST-13": ("3.6.1", "TIME_WAIT lasts for two segment lifetimes"),
    "MUST-14": ("3.7.1", "the MSS option is sent and taken"),
    "MUST-15": ("3.7.1", "without it segments have 536 bytes, 1220 over IPv6"),
    "MUST-16": ("3.7.1", "the effective size counts options and the path"),
    "MUST-17": ("3.7.4", "Nagle's algorithm can be turned off"),
    "MUST-18": ("3.8.1", "what was sent twice measures no time (Karn)"),
    "MUST-19": ("3.8.2", "back-off, slow start and congestion avoidance"),
    "MUST-20": ("3.8.3", "retransmission is given up after R2"),
    "MUST-21": ("3.8.3", "the user sets R2"),
    "MUST-22": ("3.8.3", "SYNs are given up likewise"),
    "MUST-23": ("3.8.3", "R2 of a SYN is three minutes at least"),
    "MUST-24": ("3.8.4", "keepalive can be asked for"),
    "MUST-25": ("3.8.4", "it is off otherwise"),
    "MUST-26": ("3.8.4", "only idle connections are probed"),
    "MUST-27": ("3.8.4", "the idle time can be set"),
    "MUST-28": ("3.8.4", "it is two hours at least by default"),
    "MUST-29": ("3.8.4", "one lost answer ends nothing"),
    "MUST-30": ("3.8.5", "urgent data can be sent"),
    "MUST-31": ("3.8.5", "of any length"),
    "MUST-32": ("3.8.5", "the receiver's user is told at once"),
    "MUST-33": ("3.8.5", "and can learn how much is ahead"),
    "MUST-34": ("3.8.6", "windows that shrink do no harm"),
    "MUST-35": ("3.8.6.1", "closed windows are probed"),
    "MUST-36": ("3.8.6.1", "by the sender"),
    "MUST-37": ("3.8.6.1", "a window may stay closed for ever"),
    "MUST-38": ("3.8.6.2.1", "the sender makes no silly segments"),
    "MUST-39": ("3.8.6.2.2", "the receiver offers no silly windows"),
    "MUST-40": ("3.8.6.3", "an ACK is late by less than half a second"),
    "MUST-41": ("3.9.1.1", "a listener leaves other connections alone"),
    "MUST-42": ("3.9.1.1", "ports may have several listeners, by address"),
    "MUST-44": ("3.9.1.1", "IP is asked for the source address"),
    "MUST-45": ("3.9.1.1", "a connection keeps its local address"),
    "MUST-46": ("3.9.1.1", "groups cannot be connected to"),
    "MUST-47": ("3.9.1.8", "soft errors are told"),
    "MUST-48": ("3.9.1.9", "the user sets the Diffserv field"),
    "MUST-49": ("3.9.2", "the hop limit can be set"),
    "MUST-50": ("3.9.2.1", "unknown IP options are ignored"),
    "MUST-51": ("3.9.2.1", "the user can give a source route"),
    "MUST-52": ("3.9.2.1", "which overrides that of the peer"),
    "MUST-53": ("3.9.2.1", "a peer's source route is used back"),
    "MUST-54": ("3.9.2.2", "ICMP errors reach the connection"),
    "MUST-55": ("3.9.2.2", "source quench is dropped"),
    "MUST-56": ("3.9.2.2", "soft errors end no connection"),
    "MUST-57": ("3.9.2.3", "segments to groups are dropped"),
    "MUST-58": ("3.10.7.4", "ACKs are aggregated"),
    "MUST-59": ("3.10.7.4", "what is queued is processed before one ACK"),
    "MUST-60": ("3.9.1.2", "nothing waits for a PUSH for ever"),
    "MUST-61": ("3.9.1.2", "the last segment has PSH"),
    "MUST-62": ("3.8.5", "the urgent pointer is behind urgent data"),
    "MUST-63": ("3.9.2.3", "SYNs from groups are dropped"),
    "MUST-64": ("3.1", "options need no alignment"),
    "MUST-65": ("3.2", "only SYNs carry an MSS"),
    "MUST-66": ("3.4", "closed windows hear RST and URG"),
    "MUST-67": ("3.7.1", "the MSS sent is what can be received"),
    "MUST-68": ("3.1", "all options but two have a length"),
    "MUST-69": ("3.1", "option lists are padded with zero"),
}

#: What is not as the rule asks, or is another layer's, and why.
REMARKS = {
    "MUST-3": "Done where segments come in from IP.",
    "MUST-20": "R1 gives no advice to IP: neighbour unreachability detection finds dead routers.",
    "MUST-23": "Profile `freebsd`; `linux` gives up after 127 s, as Linux does.",
    "MUST-50": "Done by IP.",
    "MUST-51": "Left out: source routes are refused by hosts and routers of today (RFC 7126).",
    "MUST-52": "Left out likewise.",
    "MUST-53": "Left out likewise.",
    "MUST-55": "Done by IP (RFC 6633).",
    "MUST-56": "Profile `freebsd`; in `linux` any error ends an attempt to connect, as in Linux.",
}

_HEAD = """\
# RFC 9293, rule by rule

The MUSTs (and MUST NOTs) of appendix B, and the tests that show them. This file is made from the
marks of the tests (`@pytest.mark.rule`): `python -m netlab.testing.rfc9293 > docs/rfc9293.md`.

| rule | section | what | shown by |
|---|---|---|---|
"""


def table(tests: Path) -> str:
    """The document, from the tests below a folder."""
    shown = shown_by(tests)
    rows = []
    for rule, (section, what) in RULES.items():
        cells = [f"`{name}`" for name in shown.get(rule, ())]
        if rule in REMARKS:
            cells.append(REMARKS[rule])
        rows.append(f"| {rule} | {section} | {what} | {'<br>'.join(cells)} |\n")
    return _HEAD + "".join(rows)


def shown_by(tests: Path) -> dict[str, list[str]]:
    """Rule -> tests that are marked with it, as ``file::test``."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(tests.rglob("test_*.py")):
        for test, rule in _marks(path):
            found[rule].append(f"{path.relative_to(tests)}::{test}")
    return found


def _marks(path: Path) -> Iterator[tuple[str, str]]:
    source = path.read_text()
    if "rule(" not in source:
        return
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func).split(".")[-1] == "rule":
                for name in mark.args:
                    assert isinstance(name, ast.Constant)
                    yield node.name, str(name.value)


if __name__ == "__main__":
    print(table(Path(__file__).parents[2] / "tests"), end="")  # noqa: T201 - it is a filter
