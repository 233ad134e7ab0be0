"""Which engine carries a stretch out."""

from __future__ import annotations

from netlab.fabric.rules import rules
from netlab.fabric.stretches import Stretch
from netlab.topology.impairment import Engine
from netlab.wire.nftables import Untranslatable


def candidates(stretch: Stretch) -> tuple[Engine, ...]:
    """The engines that can do it, if this machine has them; the first that it has is taken."""
    asked = stretch.impairment.engine
    if asked is not None:
        return (asked,)
    kernel = [engine for engine in (Engine.NETEM, Engine.NFT) if not why_not(stretch, engine)]
    return (*kernel, Engine.EMULATOR)


def why_not(stretch: Stretch, engine: Engine) -> str:
    """What keeps ``engine`` from it on any machine, in words; empty when nothing does."""
    if engine is Engine.EMULATOR:
        return ""
    if not stretch.is_static:
        return "the scenario changes it"
    if stretch.is_idle:
        return "it is there to be changed by hand"
    if beyond := stretch.impairment.beyond(engine):
        return f"{engine} cannot do {', '.join(beyond)}"
    return _why_no_rules(stretch) if engine is Engine.NFT else _why_no_netem(stretch)


def _why_no_rules(stretch: Stretch) -> str:
    try:
        rules(stretch)
    except Untranslatable as error:
        return str(error)
    return ""


def _why_no_netem(stretch: Stretch) -> str:
    only_rates = all(set(each.active) <= {"rate"} for each in stretch.impairment.profiles)
    return "a rate takes no netem" if only_rates else ""


def said(stretch: Stretch, engine: Engine) -> str:
    """The choice and its reason, for people."""
    if stretch.impairment.engine is engine:
        return f"{engine}, as asked"
    others = [e for e in (Engine.NFT, Engine.NETEM) if e is not engine]
    if engine is Engine.EMULATOR and (reason := why_not(stretch, others[0])):
        return f"{engine}: {reason}"
    return str(engine)
