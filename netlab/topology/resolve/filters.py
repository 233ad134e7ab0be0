"""A node's packet filters: expressions made into what nftables asks."""

from __future__ import annotations

from netlab.topology.filters import PROHIBITED, Hook, IcmpReply, PacketFilter
from netlab.topology.hints import shown
from netlab.topology.marks import Path
from netlab.topology.model.filter import Filter, IcmpKind
from netlab.topology.problems import Problems
from netlab.topology.resolve.nodes import NodeDraft
from netlab.wire import nftables
from netlab.wire.expression import AllOf
from netlab.wire.filter import Filter as Expression
from netlab.wire.filter import FilterError
from netlab.wire.nftables import Family, Untranslatable


def filters(draft: NodeDraft, problems: Problems) -> tuple[PacketFilter, ...]:
    made = [
        packet_filter(model, (*draft.filters_path, index), problems)
        for index, model in enumerate(draft.filters)
    ]
    return tuple(each for each in made if each is not None)


def packet_filter(model: Filter, path: Path, problems: Problems) -> PacketFilter | None:
    """None when the filter has problems."""
    key = "drop" if model.reject is None else "reject"
    text: str = getattr(model, key)
    try:
        expression = Expression(text)
        narrowed = AllOf((expression.tree, Expression(_scope(model)).tree))
        matches = nftables.matches(narrowed, Family.INET)
    except (FilterError, Untranslatable) as error:
        problems.add((*path, key), f"in {shown(text)}: {error}")
        return None
    if not matches:
        scope = {"tcp": " in TCP", "ipv4": " in IPv4", "ipv6": " in IPv6"}.get(_scope(model), "")
        problems.add((*path, key), f"no packet{scope} can match {shown(text)}")
        return None
    made = PacketFilter(
        text=_told(model, key, text),
        expression=f"({text}) and {_scope(model)}",
        hook=Hook(model.on),
        matches=matches,
        errors=_errors(model),
        resets=model.answer == "rst",
    )
    if made.reply is not None and made.hook is Hook.OUTPUT:
        problems.add(
            (*path, "with"),
            "on output, only icmp 3/…, icmpv6 1/… without an MTU, and rst can answer",
        )
        return None
    return made


def _scope(model: Filter) -> str:
    """What packets the answer can be about."""
    if model.answer == "rst":
        return "tcp"
    if isinstance(model.answer, IcmpKind):
        return "ipv4" if model.answer.version == 4 else "ipv6"
    return "ip"


def _errors(model: Filter) -> tuple[IcmpReply, ...]:
    if model.reject is None or model.answer == "rst":
        return ()
    if not isinstance(model.answer, IcmpKind):
        return PROHIBITED
    kind = model.answer
    return (IcmpReply(kind.version, kind.type, kind.code, model.mtu or 0),)


def _told(model: Filter, key: str, text: str) -> str:
    parts = [f"{key} {text}"]
    if isinstance(model.answer, IcmpKind):
        name = "icmp" if model.answer.version == 4 else "icmpv6"
        parts.append(f"with {name} {model.answer.type}/{model.answer.code}")
    elif model.answer:
        parts.append(f"with {model.answer}")
    if model.mtu is not None:
        parts.append(f"MTU {model.mtu}")
    if model.on != Hook.FORWARD:
        parts.append(f"on {model.on}")
    return " ".join(parts)
