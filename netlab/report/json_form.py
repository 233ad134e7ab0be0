"""The report for programs. Times are nanoseconds since the run's epoch.

``version`` grows when a field changes its meaning; new fields do not change it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any, TypeAlias

from netlab.analyse.model import Arrow, Connection, ControlBlock, Transit
from netlab.analyse.model import End as ConnectionEnd
from netlab.report import clients, icmp, impaired, wording
from netlab.report.filters import stopped
from netlab.report.run import Run
from netlab.report.sockets import tables
from netlab.scenario.verdict import Judgement

VERSION = 1

#: Of a control block that changes more often, the first changes are told: events.jsonl has all.
_MOST_BLOCKS = 10_000

Json: TypeAlias = dict[str, Any]


def render(run: Run) -> str:
    return json.dumps(_report(run), indent=1) + "\n"


def _report(run: Run) -> Json:
    analysis = run.analysis
    return {
        "version": VERSION,
        "netlab": run.netlab_version,
        "lab": run.plan.name,
        "description": run.plan.description,
        "topology": run.plan.source,
        "seed": run.plan.seed,
        "backend": run.backend,
        "command": run.command,
        "started": run.started.isoformat(),
        "duration": run.duration,
        "verdict": wording.outcome(run),
        "headline": wording.headline(run),
        "interrupted": run.verdict.interrupted,
        "failures": list(run.verdict.failures),
        "expectations": [_expectation(judgement) for judgement in run.verdict.judgements],
        "connections": [_connection(connection) for connection in analysis.connections],
        "path_mtus": [
            {"t": m.t, "node": m.node, "destination": m.destination, "by": m.reporter, "mtu": m.mtu}
            for m in analysis.path_mtus
        ],
        **clients.as_json(run),
        "sockets": [
            {
                "t": table.t,
                "node": table.node,
                "moment": table.moment,
                "sockets": [f"{socket.pair} {socket.state}".rstrip() for socket in table.sockets],
            }
            for table in tables(run.events)
        ],
        "impaired": [
            {
                "stretch": row.stretch,
                "engine": row.count.engine,
                "why": row.why,
                "way": "forward" if row.count.forward else "backward",
                **row.count.packets,
            }
            for row in impaired.rows(run)
        ],
        "filters": [
            {
                "node": each.node,
                "filter": each.filter,
                "packets": each.packets,
                "bytes": each.size,
                "removed": each.until_removed,
            }
            for each in stopped(run.events)
        ],
        "captures": [
            {"node": c.node, "interface": c.interface, "packets": c.packets, "drops": c.drops}
            for c in analysis.counts
        ],
        "notices": list(run.notices),
        "host": {
            "kernel": run.host.kernel,
            "features": {feature.name: feature.present for feature in run.host.features},
        },
        "files": list(run.files),
    }


def _expectation(judgement: Judgement) -> Json:
    return {
        "text": judgement.text,
        "where": judgement.where,
        "passed": judgement.passed,
        "expected": judgement.expected,
        "seen": judgement.seen,
        "frames": list(judgement.frames),
    }


def _connection(connection: Connection) -> Json:
    return {
        "name": connection.name,
        **({"server_name": connection.server_name} if connection.server_name else {}),
        "transport": connection.transport,
        "client": _end(connection.client),
        "server": _end(connection.server),
        "packets": [_packet(arrow) for arrow in connection.arrows],
        "icmp": [
            {"t": t.t, "label": icmp.label(t.first.packet), "by": icmp.reporter(t), **_way(t)}
            for t in connection.related
        ],
    }


def _end(end: ConnectionEnd) -> Json:
    return {
        "node": end.endpoint.node,
        "endpoint": wording.endpoint(end.endpoint),
        "bytes_sent": end.bytes_sent,
        "retransmissions": end.retransmissions,
        "tcp_info": [asdict(sample) for sample in end.samples],
        **({"variables": _variables(end)} if end.variables else {}),
        "states": [
            {"t": c.t, "state": c.state, "source": c.source.value, "frame": c.cause}
            for c in end.states
        ],
    }


def _variables(end: ConnectionEnd) -> Json:
    """A row for each change; sequence numbers count on beyond 2^32."""
    names = [field.name for field in fields(ControlBlock)]
    shown = end.variables[:_MOST_BLOCKS]
    return {
        "names": names,
        "rows": [[getattr(block, name) for name in names] for block in shown],
        "left_out": len(end.variables) - len(shown),
    }


def _packet(arrow: Arrow) -> Json:
    return {
        "from": "client" if arrow.forward else "server",
        "label": arrow.label,
        "sequence": arrow.sequence,
        "acknowledgment": arrow.acknowledgment,
        "length": len(arrow.transit.first.packet.payload),
        "notes": list(arrow.notes),
        **_way(arrow.transit),
    }


def _way(transit: Transit) -> Json:
    return {
        "sent": transit.sent.t if transit.sent else None,
        "received": transit.received.t if transit.received else None,
        "lost_after": transit.lost_after,
        "met": [
            {"action": m.action, "reason": m.reason, "stretch": m.stretch, "text": m.text}
            for m in transit.met
        ],
        "frames": [hop.number for hop in transit.hops],
        "problems": list(transit.first.packet.problems),
    }
