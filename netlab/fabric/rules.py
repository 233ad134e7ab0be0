"""A stretch in the kernel: nftables forwards and drops, tbf limits the rate, netem does the rest.

The rules stand at the ingress of the fabric's own interfaces: a drop at a node's interface would
come before its capture, and one at egress would be told to the sender (ENOBUFS).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from netlab.fabric.stretches import Stretch
from netlab.topology.impairment import Engine, Fault, Profile
from netlab.wire.filter import Filter
from netlab.wire.nftables import Family, matches

_ETHERNET_HEADER = 14

#: The queue of a rate that is given none: so many full-size frames, or so many seconds of sending.
_USUAL_FRAMES, _USUAL_SECONDS = 10, 0.1

_BUCKET_SECONDS = 0.002

#: `numgen inc mod` begins at 0 and does not come round again in a run.
_NEVER_AGAIN = 1 << 30

#: Of a packet that a fault means to drop: all faults count it before it goes.
_MARK = 0x6E65

#: Packets under way in netem.
_NETEM_LIMIT = 1_000_000


def rules(stretch: Stretch) -> list[str]:
    """The lines of `nft -f`: one table for a stretch, named like its left interface.

    Untranslatable when nftables cannot ask what a fault asks.
    """
    lines = [f"add table netdev {stretch.left}"]
    for source, target, forward, _ in stretch.ways():
        faults = [fault for fault in stretch.impairment.faults if fault.forward is forward]
        lines += _way(f"netdev {stretch.left}", source, target, faults)
    return lines


def _way(table: str, source: str, target: str, faults: list[Fault]) -> Iterator[str]:
    base = f"from_{source}"
    hook = f'{{ type filter hook ingress device "{source}" priority 0; policy accept; }}'
    yield f"add chain {table} {base} {hook}"
    for number, fault in enumerate(faults):
        asked, meant = f"{base}_fault{number}", f"{base}_meant{number}"
        yield f"add chain {table} {meant}"
        yield f"add rule {table} {meant} {_number(fault)}counter meta mark set {_MARK}"
        yield f"add chain {table} {asked}"
        for match in matches(Filter(fault.expression).tree, Family.NETDEV):
            yield f"add rule {table} {asked} {match} goto {meant}".replace("  ", " ")
        yield f"add rule {table} {base} jump {asked}"
    if faults:
        yield f"add rule {table} {base} meta mark {_MARK} drop"
    yield f'add rule {table} {base} counter fwd to "{target}"'


def _number(fault: Fault) -> str:
    if fault.nth:
        numbers = ", ".join(str(number - 1) for number in fault.nth)
        return f"numgen inc mod {_NEVER_AGAIN} {{ {numbers} }} "
    if fault.every is not None and fault.every > 1:
        return f"numgen inc mod {fault.every} {fault.every - 1} "
    return ""


def queueing(stretch: Stretch, engine: Engine) -> list[str]:
    """The lines of `tc -batch`; none where packets neither wait nor are left to netem."""
    lines = []
    for _, target, forward, profile in stretch.ways():
        parent = "root handle 1:"
        netem = _netem(profile, f"{stretch.seed}/{forward}") if engine is Engine.NETEM else ""
        if netem:
            lines.append(f"qdisc replace dev {target} {parent} {netem}")
            parent = "parent 1: handle 10:"
        if profile.rate is not None:
            lines.append(f"qdisc replace dev {target} {parent} {_tbf(profile, stretch.mtu)}")
    return lines


def _tbf(profile: Profile, mtu: int) -> str:
    assert profile.rate is not None
    frame = mtu + _ETHERNET_HEADER
    queue = profile.queue
    if queue is None:
        queue = max(_USUAL_FRAMES * frame, round(profile.rate * _USUAL_SECONDS / 8))
    # What a late timer has missed must fit into the bucket, else the rate is not reached; no more,
    # else a burst passes faster than the rate.
    bucket = max(2 * frame, round(profile.rate * _BUCKET_SECONDS / 8))
    return f"tbf rate {profile.rate:.0f}bit burst {bucket}b limit {queue}b"


def _netem(profile: Profile, seed: str) -> str:
    words = []
    if profile.delay:
        words.append(f"delay {profile.delay * 1e6:.0f}us")
    if profile.burst is not None:
        burst = profile.burst
        # tc-netem(8): p, r, 1-h and 1-k, where h and k are the chances to be sent.
        chances = (burst.enter, burst.leave, burst.bad, burst.good)
        words.append("loss gemodel " + " ".join(map(_percent, chances)))
    elif profile.loss:
        words.append(f"loss random {_percent(profile.loss)}")
    if profile.duplicate:
        words.append(f"duplicate {_percent(profile.duplicate)}")
    if not words:
        return ""
    if profile.is_random:
        number = int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest(), "big")
        words.append(f"seed {number}")
    return " ".join(["netem", f"limit {_NETEM_LIMIT}", *words])


def _percent(chance: float) -> str:
    return f"{chance * 100:.7g}%"
