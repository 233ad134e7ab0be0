"""A node that leaves the kernel's transport for the userspace stack, on the interfaces it has."""

from __future__ import annotations

from netlab.agent.channel import Emit, Message
from netlab.agent.userspace import configuring
from netlab.agent.userspace.driver import Driver
from netlab.agent.userspace.node import StackNode
from netlab.fabric.configuration import Configuration, InterfaceSettings
from netlab.stack.api.programs import Programs, StackEvent


def stacked(name: str, emit: Emit, request: Message) -> StackNode:
    """The node that ``request`` asks for, in its namespace and on the running event loop.

    OSError when an interface is not there, or packet sockets are not allowed here.
    """
    configuration = Configuration.from_json(request["configuration"])
    host = configuring.make_host(configuration, is_router=request["router"], seed=request["seed"])

    def tell(event: StackEvent) -> None:
        programs.tell(event)

    def observe(event: StackEvent) -> None:
        node.hear(event)

    driver = Driver(host, tell)
    programs = Programs(driver, observe=observe)
    node = StackNode(
        name, emit, programs, tcp_info=request["tcp_info"], variables=request["variables"]
    )

    def add_interface(settings: InterfaceSettings) -> None:
        driver.add_port(settings.name, segments=not settings.wire)

    try:
        configuring.configure(host, driver.now(), configuration, add_interface)
    except BaseException:
        driver.close()
        raise
    driver.stirred()
    return node
