"""Which ICMP errors are told, about what, and by whom."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.topology.expectations import AT_LEAST_ONE, Expectation, IcmpExpected
from netlab.topology.marks import Path
from netlab.topology.model.expectations.icmp import Icmp, Told
from netlab.topology.resolve.expectations.base import Maker, Resolver, during


def _icmp(resolver: Resolver, model: Icmp, path: Path) -> Iterable[Expectation]:
    wanted, inner = model.icmp, (*path, "icmp")
    resolver.check_connection(wanted.about, (*inner, "about"))
    for key, node in (("from", wanted.reporter), ("to", wanted.receiver)):
        if node is not None:
            resolver.is_node(node, (*inner, key))
    count = model.count or AT_LEAST_ONE
    called, kinds = wanted.kind or ("error", ())
    yield IcmpExpected(
        **resolver.common(
            model, path, f"ICMP {_told(wanted, called)}, count {count}{during(model)}"
        ),
        **resolver.window(model, path),
        called=called,
        kinds=kinds,
        about=wanted.about,
        mtu=wanted.mtu,
        reporter=wanted.reporter,
        receiver=wanted.receiver,
        count=count,
    )


def _told(wanted: Told, called: str) -> str:
    parts = [
        called,
        f"with MTU {wanted.mtu}" if wanted.mtu is not None else "",
        f"about {wanted.about}" if wanted.about else "",
        f"from {wanted.reporter}" if wanted.reporter else "",
        f"to {wanted.receiver}" if wanted.receiver else "",
    ]
    return " ".join(filter(None, parts))


MAKERS: dict[type, Maker] = {Icmp: _icmp}
