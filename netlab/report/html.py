"""The report as one HTML file that needs nothing else: no server, no network, no other file.

Its content security policy allows this very script and style sheet and nothing more, so even a
text that escaped its escaping could load and run nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from netlab.analyse.model import Transit
from netlab.report import clients, icmp, impaired, overview, wording
from netlab.report.drawing import draw, losses
from netlab.report.filters import stopped
from netlab.report.packed import pack
from netlab.report.plot import plots
from netlab.report.run import Run
from netlab.report.sockets import tables
from netlab.wire import address


def render(run: Run, sizes: Mapping[str, int]) -> str:
    """The page; ``sizes`` are the bytes of the files beside it, as far as they exist."""
    return _TEMPLATES["report.html.j2"].render(
        run=run,
        plan=run.plan,
        analysis=run.analysis,
        verdict=run.verdict,
        outcome=wording.outcome(run),
        headline=wording.headline(run),
        sources=wording.sources(run),
        drawing=draw(run.plan, run.analysis.transits),
        losses=losses(run.plan, run.analysis.transits),
        tables=list(tables(run.events)),
        comparisons=(*clients.tables(run), *overview.tables(run)),
        impaired=list(impaired.rows(run)),
        filters=list(stopped(run.events)),
        plots=list(plots(overview.drawn(run))),
        has_blocks=any(c.client.variables or c.server.variables for c in run.analysis.connections),
        messages=[t for t in run.analysis.transits if icmp.is_error(t.first.packet)],
        files=[(name, sizes.get(name)) for name in run.files],
        data=Markup(pack(run)),  # noqa: S704 - pack escapes for a script element
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("netlab.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        optimized=False,  # folding constants takes longer than it saves in one rendering
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script, style = _asset("report.js"), _asset("report.css")
    environment.globals |= {
        "script": Markup(script),  # noqa: S704 - our own file
        "style": Markup(style),  # noqa: S704 - our own file
        "script_hash": _hash(script),
        "style_hash": _hash(style),
        "icmp_label": icmp.label,
        "icmp_reporter": icmp.reporter,
        "loss": wording.loss,
        "some_frames": wording.some_frames,
        "way": _way,
    }
    environment.filters |= {
        "milliseconds": wording.milliseconds,
        "duration": wording.duration,
        "size": wording.size,
        "counted": wording.counted,
        "link": _link,
    }
    return environment


def _asset(name: str) -> str:
    return files("netlab.report").joinpath("templates", name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _link(name: str) -> str:
    """A file's name as a relative URL that cannot be one of another scheme."""
    return quote(name, safe="/", errors="replace")


def _way(transit: Transit) -> tuple[str, str]:
    """Where a packet comes from and goes to, by its addresses."""
    ip = transit.first.packet.ip
    return (address.to_text(ip.source), address.to_text(ip.destination)) if ip else ("", "")


def _templates() -> Mapping[str, jinja2.Template]:
    environment = _environment()
    return {name: environment.get_template(name) for name in environment.list_templates(["j2"])}


#: Compiled on import, which takes longer than rendering and can be done while a lab still runs.
_TEMPLATES = _templates()
