"""The verbs that need nothing of a node but its network."""

from __future__ import annotations

from functools import partial

from netlab.agent.advertise import advertise
from netlab.agent.agent import Verb
from netlab.agent.channel import Emit
from netlab.agent.clients import Clients
from netlab.agent.injections import Injections
from netlab.agent.network import Network
from netlab.agent.observers import Observers
from netlab.agent.operations import reported
from netlab.agent.ping import ping
from netlab.agent.traceroute import traceroute


def verbs(network: Network, clients: Clients, emit: Emit) -> dict[str, Verb]:
    return {
        **clients.verbs,
        **Observers(network, emit).verbs,
        **Injections(network, emit).verbs,
        "advertise": reported(emit, partial(advertise, network)),
        "ping": reported(emit, partial(ping, network)),
        "traceroute": reported(emit, partial(traceroute, network)),
    }
