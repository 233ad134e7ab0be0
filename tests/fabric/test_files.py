from __future__ import annotations

from dataclasses import replace

from netlab.fabric.files import lab_files
from netlab.testing import plans
from netlab.topology.plan import HostsEntry


def test_names_resolve_to_data_plane_addresses():
    hosts = (
        HostsEntry("10.0.0.1", ("server", "server.path1")),
        HostsEntry("fd00::1", ("server",)),
    )
    files = lab_files(replace(plans.two_hosts(), hosts=hosts))
    assert files["/etc/hosts"] == (
        "127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
        "10.0.0.1\tserver server.path1\n"
        "fd00::1\tserver\n"
    )


def test_no_name_server_is_asked():
    resolver = lab_files(plans.two_hosts())["/etc/resolv.conf"]
    assert "nameserver" not in resolver
