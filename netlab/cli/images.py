"""`netlab images`: the images of the docker backend."""

from __future__ import annotations

import sys
import time

import click

from netlab.cli import options, output


@click.group("images")
def images_() -> None:
    """Build and list the images that the docker backend makes containers from."""


@images_.command("build")
@click.argument("names", metavar="[IMAGE]...", nargs=-1)
@click.option("--base", metavar="IMAGE", help="Build on this image: a Debian, with Python or not.")
@options.as_json
def build_(names: tuple[str, ...], base: str | None, *, as_json: bool) -> None:
    """Build netlab's images on the engine: all, or those named (netlab images list shows which).

    Packages are fetched through the network of the engine's machine. What has not changed since the
    last time is not built again.
    """
    from netlab.backends.docker import images  # noqa: PLC0415 - no other command needs it
    from netlab.backends.docker.engine import Engine  # noqa: PLC0415 - likewise

    wanted = [images.check(name) for name in names] or images.names()
    engine = Engine.connect()
    built = []
    for name in wanted:
        began = time.monotonic()
        engine.build(
            images.tag(name),
            images.context(),
            images.arguments(name, base),
            _show if sys.stderr.isatty() and not as_json else lambda _line: None,
        )
        seconds = round(time.monotonic() - began, 1)
        built.append({"image": images.tag(name), "seconds": seconds})
        if not as_json:
            click.echo(f"built {images.tag(name)} in {seconds:g} s")
    if as_json:
        output.print_json(built)


def _show(line: str) -> None:
    if not line.lstrip().startswith(("--->", "Removing intermediate")):
        click.echo(f"  {line}", err=True)


@images_.command("list")
@options.as_json
def list_(*, as_json: bool) -> None:
    """List netlab's images: whether the engine has them, and whether they are up to date."""
    from netlab.backends.docker import images  # noqa: PLC0415 - no other command needs it
    from netlab.backends.docker.engine import Engine  # noqa: PLC0415 - likewise

    tags = [images.tag(name) for name in images.names()]
    known = Engine.connect().images(tags)
    rows = []
    for tag in tags:
        found = known.get(tag)
        labels = (found["Config"].get("Labels") or {}) if found else {}
        rows.append(
            {
                "image": tag,
                "is_there": found is not None,
                "is_current": found is not None and not images.is_outdated(labels),
                "bytes": found["Size"] if found else None,
            }
        )
    if as_json:
        output.print_json(rows)
    else:
        for row in rows:
            click.echo(_in_words(row))
    sys.exit(0 if all(row["is_current"] for row in rows) else 3)


def _in_words(row: dict[str, object]) -> str:
    if not row["is_there"]:
        return f"{row['image']}: missing (netlab images build)"
    size = f"{int(str(row['bytes'])) / 1_000_000:.0f} MB"
    old = "" if row["is_current"] else ", built from other code of netlab (netlab images build)"
    return f"{row['image']}: {size}{old}"
