"""Waits until the kernel has noticed that links carry frames.

Linux hears of a carrier in a work queue (net/core/link_watch.c), and on a busy machine late. Until
then an interface drops what is sent over it, and has no IPv6.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from netlab.collect.netlink import NETLINK_ROUTE, NetlinkSocket
from netlab.wire import rtnetlink
from netlab.wire.rtnetlink import LinkInfo

_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.05


def wait(names: Collection[str] | None = None, *, within: float) -> list[str]:
    """Wait until links are up that are meant to be; those without a carrier ``within`` seconds.

    ``names`` None means every link of this network namespace that frames have to pass.
    """
    deadline = time.monotonic() + within
    pause = _FIRST_PAUSE
    with NetlinkSocket(NETLINK_ROUTE) as netlink:
        while True:
            late = [each for each in _links(netlink) if _is_late(each, names)]
            if not late or time.monotonic() > deadline:
                return [each.name for each in late if not each.carrier]
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _links(netlink: NetlinkSocket) -> list[LinkInfo]:
    found = map(rtnetlink.parse_link, netlink.dump(rtnetlink.dump_links()))
    return [each for each in found if each is not None]


def _is_late(link: LinkInfo, names: Collection[str] | None) -> bool:
    is_meant = _is_passed(link) if names is None else link.name in names
    return is_meant and link.up and link.operstate != "UP"


def _is_passed(link: LinkInfo) -> bool:
    """A bridge forwards as soon as its ports do, and hears of its own carrier up to 1 s later."""
    return link.name != "lo" and link.kind != "bridge"
