"""A topology file's way to its Plan."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from netlab.errors import Problem, TopologyError, UsageError
from netlab.topology import kernel_only, reader, user_only
from netlab.topology.draft import draft
from netlab.topology.plan import Plan
from netlab.topology.problems import Problems
from netlab.topology.resolve.expectations import expectations
from netlab.topology.resolve.network import hosts, network, notices
from netlab.topology.resolve.scenario import scenario
from netlab.topology.resolve.stacks import fitting
from netlab.topology.resolve.stretches import offload_notices, stretched
from netlab.topology.sources import Sources
from netlab.topology.stacks import Stack

_KERNEL_HINTS = {None: "give the node 'stack: kernel'", Stack.USER: "leave '--stack user' out"}

#: The backend whose nodes have no kernel.
_WITHOUT_KERNEL = "sim"


def load(
    path: str | os.PathLike[str],
    *,
    seed: int | None = None,
    stack: Stack | None = None,
    backend: str | None = None,
) -> Plan:
    """The Plan of a topology file; ``seed`` and ``stack`` take the place of the file's.

    ``backend`` is the one that the lab is to be on, if that is not the file's.

    Raises:
        TopologyError: with everything that is wrong with the file.
        UsageError: when it cannot be read.
    """
    source = os.fspath(path)
    try:
        with Path(source).open("rb") as file:
            raw = file.read(reader.MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {source}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"cannot read {source!r}: {error}") from error
    text = reader.decode(raw, source)
    return load_text(text, source, seed=seed, stack=stack, backend=backend)


def load_text(
    text: str,
    source: str,
    *,
    seed: int | None = None,
    stack: Stack | None = None,
    backend: str | None = None,
    sources: Sources | None = None,
) -> Plan:
    """The Plan of a topology file's text; ``source`` is the file's name in errors.

    The files that it names are ``sources``; those beside ``source``, when not given.

    Raises:
        TopologyError: with everything that is wrong with the file.
    """
    document = reader.read(text, source)
    problems = Problems(document)
    checked = draft(document, problems)
    if checked is None:
        problems.finish()
        raise TopologyError([Problem(source, 1, 1, "", "nothing in this file can be used")])
    directory = network(checked, sources or Sources(Path(source).parent), problems)
    lenient = len(problems) > 0
    steps, names = scenario(checked, directory, problems, lenient=lenient)
    expected = expectations(checked, directory, names, problems, lenient=lenient)
    if lenient:
        problems.finish()
    wired, directory = directory, stretched(directory, steps)
    plan = Plan(
        name=checked.lab.name,
        description=checked.lab.description,
        source=source,
        seed=checked.lab.seed if seed is None else seed,
        nodes=directory.nodes,
        links=directory.links,
        hosts=hosts(directory.nodes),
        steps=steps,
        expectations=expected,
        notices=(*notices(directory), *offload_notices(wired, directory)),
        backend=checked.lab.backend,
    )
    hint = _KERNEL_HINTS.get(stack, "")
    if stack is not None:
        plan = plan.on_stack(stack)
    elif (backend or plan.backend) == _WITHOUT_KERNEL:
        plan, hint = replace(plan.on_user_stack(), stack=None), "use another backend"
    plan = fitting(plan)
    problems.found((*kernel_only.wrong(plan, hint), *user_only.wrong(plan)))
    problems.finish()
    return plan
