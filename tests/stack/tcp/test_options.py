from __future__ import annotations

import pytest

from netlab.stack.tcp.options import Offer
from netlab.stack.tcp.profile import FREEBSD, LINUX, Profile
from netlab.wire import tcp_options
from netlab.wire.tcp_options import Timestamps

WHOLE = Offer(1460, 7, sack=True, timestamps=Timestamps(1, 2))


@pytest.mark.parametrize(
    ("profile", "offer", "wire"),
    [
        (LINUX, WHOLE, "020405b4 0402 080a0000000100000002 01 030307"),
        (FREEBSD, WHOLE, "020405b4 01 030307 0402 080a0000000100000002"),
        (LINUX, Offer(1460), "020405b4"),
        (LINUX, Offer(1460, timestamps=Timestamps(1, 2)), "020405b4 0101 080a0000000100000002"),
        (LINUX, Offer(1460, 7, sack=True), "020405b4 0101 0402 01 030307"),
        (LINUX, Offer(1460, sack=True), "020405b4 0101 0402"),
        (FREEBSD, Offer(1460, 7, sack=True), "020405b4 01 030307 0402 0000"),
    ],
)
def test_a_syn_looks_like_that_of_the_system(profile: Profile, offer: Offer, wire: str):
    assert tcp_options.emit(offer.options(profile.syn_options)) == bytes.fromhex(wire)
