"""What nftables and tc have counted on a stretch, as the emulator tells its own counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netlab.fabric.stretches import Stretch

#: What the emulator counts (netlab.fabric.emulator.tally).
_NAMES = (
    "passed",
    "bytes",
    "lost",
    "burst",
    "queue",
    "fault",
    "held",
    "duplicated",
    "corrupted",
    "reordered",
    "overflow",
    "unsent",
    "ring",
)


def of(stretch: Stretch, table: Any, waiting: Mapping[str, Any]) -> dict[str, Any]:
    """From the JSON of `nft list table`, and of `tc -s qdisc show` by the interface."""
    told: dict[str, Any] = {"name": stretch.name, "link": stretch.link}
    for source, target, forward, _ in stretch.ways():
        told["forward" if forward else "backward"] = _way(source, table, waiting[target])
    return told


def _way(source: str, table: Any, disciplines: Any) -> dict[str, int]:
    counts = dict.fromkeys(_NAMES, 0)
    base = f"from_{source}"
    for chain, packets, octets in _counters(table):
        if chain == base:
            counts["passed"] += packets
            counts["bytes"] += octets
        elif chain.startswith(f"{base}_meant"):
            counts["fault"] += packets
    for each in disciplines:
        if each.get("kind") not in {"tbf", "netem"}:
            continue
        counts["queue" if each["kind"] == "tbf" else "lost"] += each.get("drops", 0)
    counts["passed"] -= counts["queue"] + counts["lost"]
    return counts


def _counters(table: Any) -> Iterator[tuple[str, int, int]]:
    """(chain, packets, bytes) of each rule of a table that counts."""
    for item in (table or {}).get("nftables", ()):
        rule = item.get("rule")
        if rule is None:
            continue
        for part in rule["expr"]:
            if "counter" in part:
                yield rule["chain"], part["counter"]["packets"], part["counter"]["bytes"]
