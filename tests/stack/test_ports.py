from __future__ import annotations

import errno
from random import Random

from netlab.stack.ports import LocalPorts
from netlab.testing.errnos import fails_with


def test_each_port_of_the_range_is_given_once_but_those_that_are_reserved():
    ports = LocalPorts(range(50000, 50010), reserved=frozenset({50003, 50007}))
    given = list(ports.candidates(Random(1)))
    assert sorted(given) == [p for p in range(50000, 50010) if p not in {50003, 50007}]


def test_where_it_begins_is_left_to_chance():
    ports = LocalPorts.between((32768, 60999))
    firsts = {next(ports.candidates(Random(seed))) for seed in range(20)}
    assert len(firsts) == 20
    assert all(32768 <= port <= 60999 for port in firsts)


def test_low_ports_are_for_the_privileged():
    ports = LocalPorts.between((32768, 60999))
    for port in (1, 1023):
        with fails_with(errno.EACCES):
            ports.check_unprivileged(port)
    for port in (0, 1024):
        ports.check_unprivileged(port)
    ports.unprivileged_from = 80
    ports.check_unprivileged(80)
