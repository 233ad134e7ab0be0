"""`netlab link`."""

from __future__ import annotations

from typing import Any

import click

from netlab import keeper
from netlab.cli import options, output
from netlab.errors import UsageError

_ACTIONS = ("down", "up", "flap", "impair", "fault")

#: Keys of the step itself; all others are the action's.
_OF_STEP = frozenset({"for"})

#: Keys whose values are expressions, not YAML.
_EXPRESSIONS = frozenset({"drop", "hold", "duplicate", "corrupt", "until"})


@click.command("link")
@click.argument("link", metavar="LINK")
@click.argument("action", type=click.Choice(_ACTIONS))
@click.argument("settings", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--way", default="", help="Of impair and fault: '->', '<-' or, on a LAN, 'c1 ->'.")
@options.lab
@options.as_json
def link_(
    link: str, action: str, settings: tuple[str, ...], way: str, lab: str | None, *, as_json: bool
) -> None:
    """Change a link of a running lab.

    \b
    netlab link "r1 -- r2" down
    netlab link "r1 -- r2" down 2s
    netlab link "r1 -- r2" flap down=100ms up=200ms times=5
    netlab link "r1 -- r2" impair loss=5% delay=10ms --way "->"
    netlab link "r1 -- r2" impair none
    netlab link "r1 -- r2" fault drop=tcp.flags.fin nth=2
    """  # noqa: D301 - \b is click's
    step = {"link": link, **_step(action, settings, way)}
    answer = keeper.ask(keeper.find(lab), "link", step=step)
    if "error" in answer:
        raise UsageError(answer["error"], hint=answer.get("hint", ""))
    if as_json:
        output.print_json({"link": link, "step": step})
    else:
        click.echo(answer["told"])


def _step(action: str, settings: tuple[str, ...], way: str) -> dict[str, Any]:
    """The step as a topology file would have it."""
    if action in {"down", "up"}:
        return {action: settings[0] if settings else True}
    if action == "impair" and settings[:1] == ("none",):
        return {action: {way: "none"} if way else "none"}
    values = dict(map(_setting, settings))
    if action == "impair":
        own = {key: values.pop(key) for key in _OF_STEP & values.keys()}
        return {action: {way: values} if way else values, **own}
    if action == "fault" and way:
        values["way"] = way
    return {action: values}


def _setting(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{text!r} is no setting", hint="settings look like loss=5%")
    return key, value if key in _EXPRESSIONS else _read(value)


def _read(value: str) -> Any:
    from netlab.topology import reader  # noqa: PLC0415 - help needs no YAML

    return reader.read(value, "the command line").data
