"""Which echo request a message is about."""

from __future__ import annotations

import pytest

from netlab import clock
from netlab.agent.echo import Echoes
from netlab.agent.kernel.icmp import parse
from netlab.agent.network import Heard
from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text
from netlab.wire.icmp_error import IcmpError
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6

CLIENT = {4: from_text("10.0.0.1"), 6: from_text("fd00::1")}
SERVER = {4: from_text("10.0.0.2"), 6: from_text("fd00::2")}
ADDRESS = {4: "10.0.0.2", 6: "fd00::2"}


def echoes(version: int = 4, *, address: str | None = None, seed: int = 7) -> Echoes:
    """As of one time, so that only the request makes a difference."""
    with clock.of(clock.Clock(lambda: 0, lambda: 0)):
        return Echoes({"address": address or ADDRESS[version], "seed": seed, "conn": "ping"})


def replied(version: int, message: bytes) -> Heard:
    """The request sent back as a reply, as RFC 792 has it."""
    kind = icmp.Type.ECHO_REPLY if version == 4 else icmpv6.Type.ECHO_REPLY
    return heard(version, bytes([kind]) + message[1:])


def heard(version: int, message: bytes) -> Heard:
    data = Ipv4(SERVER[4], CLIENT[4], icmp.PROTOCOL).emit(message) if version == 4 else message
    found = parse(version, data, ADDRESS[version])
    assert found is not None
    return found


def error_about(version: int, message: bytes, error: IcmpError) -> Heard:
    made = (
        Ipv4(CLIENT[4], SERVER[4], icmp.PROTOCOL)
        if version == 4
        else Ipv6(CLIENT[6], SERVER[6], icmpv6.PROTOCOL)
    )
    return heard(version, error.about(made.emit(message), SERVER[version], CLIENT[version]))


@pytest.mark.parametrize("version", [4, 6])
def test_a_reply(version: int) -> None:
    mine = echoes(version)
    reply = replied(version, mine.message(3, b"abc"))
    assert mine.replied(reply) == 3
    assert mine.failed(reply) is None


@pytest.mark.parametrize(("version", "kind"), [(4, 3), (6, 1)])
def test_an_error(version: int, kind: int) -> None:
    mine = echoes(version)
    unreachable = error_about(version, mine.message(3, b"abc"), IcmpError(kind, 0))
    assert mine.failed(unreachable) == 3
    assert mine.replied(unreachable) is None


def test_those_of_others() -> None:
    mine, other = echoes(), echoes(seed=8)
    message = other.message(3, b"abc")
    assert mine.replied(replied(4, message)) is None
    assert mine.failed(error_about(4, message, IcmpError(3, 1))) is None


def test_one_to_another_target() -> None:
    mine = echoes(address="10.0.0.3")
    assert mine.failed(error_about(4, mine.message(3, b"abc"), IcmpError(3, 1))) is None


def test_a_request_is_no_reply() -> None:
    mine = echoes()
    assert mine.replied(heard(4, mine.message(3, b"abc"))) is None


def test_a_redirect_is_no_failure() -> None:
    mine = echoes()
    redirect = error_about(4, mine.message(3, b"abc"), IcmpError(5, 1, 0x0A000003))
    assert redirect.quoted is not None
    assert mine.failed(redirect) is None


def test_the_same_seed_sends_the_same_requests() -> None:
    assert echoes().message(1, b"") == echoes().message(1, b"")
    assert echoes().message(1, b"") != echoes(seed=8).message(1, b"")
