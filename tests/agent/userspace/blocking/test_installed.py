"""Who finds our stack in a module, and for how long."""

from __future__ import annotations

import http.client
import socket
import socketserver
import sys
import time
from time import monotonic

from netlab.agent.userspace.blocking.installed import installed
from netlab.agent.userspace.blocking.sockets import Socket
from netlab.testing.blocking import play

HERE = sys.modules[__name__]


def test_modules_are_as_before_afterwards():
    modules = (http.client, socketserver, HERE)
    before = [dict(vars(module)) for module in modules]
    with installed(HERE):
        assert [dict(vars(module)) for module in modules] != before
    assert [dict(vars(module)) for module in modules] == before


def test_the_modules_that_wait_are_left_alone():
    with installed():
        assert socketserver.socket is not socket  # type: ignore[attr-defined]  # as an import of it
        assert sys.modules["socket"] is socket


def test_only_programs_on_our_stack_find_it():
    def ask() -> type:
        return type(socket.socket())

    with installed(HERE), socket.socket() as of_kernel:
        assert not isinstance(of_kernel, Socket)
    assert play(ask, also=(HERE,)) is Socket


def test_what_a_module_has_by_its_name_is_replaced_too():
    def ask() -> float:
        began = monotonic()
        time.sleep(1000)
        return monotonic() - began

    assert play(ask, also=(HERE,)) == 1000


def test_dates_are_the_labs():
    def ask() -> tuple[int, int, int]:
        return time.gmtime().tm_year, time.gmtime(0).tm_year, time.localtime(86_400).tm_year

    assert play(ask, also=(HERE,)) == (2000, 1970, 1970)
