"""Names resolve to addresses of a management network.

ipspace/netlab#536; srl-labs/containerlab#587, #888.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab

LAB = """
name: names
nodes:
  c1: {role: client}
  r1: {role: router}
  server: {role: server, interfaces: {path1: {}, path2: {}}}
links:
  - {ends: [c1, r1], subnet: [192.0.2.0/24, "2001:db8::/64"]}
  - {ends: [r1, "server:path1"], subnet: [198.51.100.0/24, "2001:db8:1::/64"]}
  - {ends: [c1, "server:path2"], subnet: [203.0.113.0/24, "2001:db8:2::/64"]}
scenario:
  - {node: c1, exec: getent ahostsv4 server, as: name}
  - {node: c1, exec: getent ahostsv6 server, as: name6}
  - {node: c1, exec: getent ahostsv4 server.path2, as: path}
  - {node: r1, exec: getent ahostsv4 c1, as: client}
  - {restart: c1}
  - {node: c1, exec: getent ahostsv4 server, as: again}
  - {node: c1, exec: "ip -o addr | grep -v ' lo '", as: addresses}
  - {node: c1, exec: "getent hosts localhost", as: localhost}
expect:
  - {output: {name: ^198\\.51\\.100\\., name6: "^2001:db8:1::", path: ^203\\.0\\.113\\.}}
  - {output: {client: ^192\\.0\\.2\\., again: ^198\\.51\\.100\\., localhost: "^::1|^127.0.0.1"}}
  - {exit: {name: 0, addresses: 0}}
"""


def test_a_name_is_where_the_labs_packets_go(run_lab: Callable[[str], Outcome]) -> None:
    outcome = run_lab(LAB)

    assert outcome.exit_code == 0, str(outcome)
