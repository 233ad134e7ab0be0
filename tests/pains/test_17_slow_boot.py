"""Labs of a thousand hosts took hours to boot, a program at a time (mininet#576, mininet#42).

How long it takes: benchmarks/scale.py.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from netlab.backends.netns.process import Holder
from netlab.testing.labs import RunningLab, in_lab
from netlab.topology.loading import load_text

pytestmark = pytest.mark.lab


def asked_to_boot(hosts: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    asked: Counter[str] = Counter()
    ask = Holder.ask

    async def counted(self: Holder, request: dict[str, Any], *rest: Any) -> dict[str, Any]:
        asked[request["do"]] += 1
        return await ask(self, request, *rest)

    async def story(_: RunningLab) -> None:
        return None

    with monkeypatch.context() as patched:
        patched.setattr(Holder, "ask", counted)
        lan = f"name: lan\nnodes: {{h1..{hosts}: }}\nlinks: [{{lan: [h1..{hosts}]}}]\n"
        in_lab(load_text(lan, "lan.yaml"), story)
    return asked


def test_nothing_is_started_or_asked_for_each_host(monkeypatch: pytest.MonkeyPatch):
    few, many = asked_to_boot(5, monkeypatch), asked_to_boot(45, monkeypatch)
    assert many == few
    assert many["program"] <= 2  # `ip -batch`, for links, and to switch the bridge on
