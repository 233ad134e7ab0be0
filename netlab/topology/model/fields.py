"""The kinds of values that fields have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_interface, ip_network
from typing import Annotated, Any

from pydantic import PlainValidator, Strict, WithJsonSchema

from netlab.topology import units
from netlab.topology.hints import did_you_mean, one_of, shown
from netlab.topology.model.base import in_words
from netlab.topology.plan import IPInterface, IPNetwork
from netlab.topology.stacks import Stack

MIN_MTU = 68  # RFC 791 section 3.2: every internet module must forward 68 octets unfragmented
MAX_MTU = 65535

NODE_PATTERN = r"[a-z][a-z0-9-]{0,39}"
RANGE_PATTERN = r"[a-z][a-z0-9-]*[0-9]+\.\.[0-9]+"
INTERFACE_PATTERN = r"[A-Za-z][A-Za-z0-9_-]{0,14}"
LABEL_PATTERN = r"[A-Za-z][A-Za-z0-9_-]{0,39}"

_LINUX_INTERFACES = frozenset({"lo", "all", "default"})


def _text(value: Any) -> str:
    if not isinstance(value, str):
        quote = " (put it in quotes)" if isinstance(value, int | float | bool) else ""
        raise ValueError(f"must be text, not {shown(value)}{quote}")  # noqa: TRY004 - a user's value
    return value


def matching(pattern: str, says: str) -> Callable[[Any], str]:
    """A parser of texts of ``pattern``; ``says`` is the sentence for all others."""
    compiled = re.compile(pattern, re.ASCII)

    def parse(value: Any) -> str:
        text = _text(value)
        if not compiled.fullmatch(text):
            raise ValueError(f"{shown(text)} {says}")
        return text

    return parse


def whole_number(low: int, high: int, noun: str) -> tuple[PlainValidator, WithJsonSchema]:
    """What annotates an int of ``low`` to ``high``; ``noun`` is what it is, with its article."""

    def parse(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"{noun} is a whole number, not {shown(value)}")  # noqa: TRY004 - a user's value
        if not low <= value <= high:
            raise ValueError(f"{noun} is {low} to {high}, not {value}")
        return value

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return PlainValidator(in_words(parse)), WithJsonSchema(schema)


def word_of(words: Iterable[str], noun: str) -> tuple[PlainValidator, WithJsonSchema]:
    """What annotates one of ``words``; ``noun`` is what it is."""
    words = [str(word) for word in words]

    def parse(value: Any) -> str:
        if value not in words:
            near = did_you_mean(value, words) if isinstance(value, str) else ""
            advice = f" ({near})" if near else ""
            raise ValueError(f"{noun} is {one_of(words)}, not {shown(value)}{advice}")
        return str(value)

    return PlainValidator(in_words(parse)), WithJsonSchema({"enum": words})


def _quantity(parse: Callable[[Any], Any], pattern: str, example: str) -> tuple[Any, Any]:
    schema = {"type": "string", "pattern": pattern, "examples": [example]}
    return PlainValidator(in_words(parse)), WithJsonSchema(schema)


def _pattern(pattern: str, says: str) -> tuple[Any, Any]:
    schema = {"type": "string", "pattern": f"^{pattern}$"}
    return PlainValidator(in_words(matching(pattern, says))), WithJsonSchema(schema)


def interface_name(value: Any) -> str:
    name = _text(value)
    if len(name) > 15:
        raise ValueError(f"the interface name {shown(name)} is longer than 15 characters")
    if not re.fullmatch(INTERFACE_PATTERN, name):
        raise ValueError(
            f"{shown(name)} is no interface name; it begins with a letter and has only letters, "
            "digits, '-' and '_'"
        )
    if name in _LINUX_INTERFACES:
        raise ValueError(f"the interface name {name!r} belongs to Linux")
    return name


def node_name(value: Any) -> str:
    name = _text(value)
    if len(name) > 40:
        raise ValueError(f"the node name {shown(name)} is longer than 40 characters")
    if not re.fullmatch(NODE_PATTERN, name):
        raise ValueError(
            f"{shown(name)} is no node name; it begins with a lower-case letter and has only "
            "lower-case letters, digits and '-'"
        )
    return name


def _address(value: Any) -> IPInterface:
    text = _text(value)
    try:
        address = ip_interface(text)
    except ValueError:
        raise ValueError(f"{shown(text)} is no IP address") from None
    if "/" not in text:
        length = 24 if address.version == 4 else 64
        raise ValueError(f"{text!r} needs its prefix length, such as {text}/{length}")
    if "%" in text:
        raise ValueError(f"{text!r} must not have a zone")
    return address


def network(value: Any) -> IPNetwork:
    text = _text(value)
    if "/" not in text:
        raise ValueError(f"{shown(text)} is no subnet; a subnet looks like 192.168.42.0/24")
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        right = ip_interface(text).network
    except ValueError:
        raise ValueError(f"{shown(text)} is no subnet") from None
    raise ValueError(f"{text!r} has bits set behind its prefix; the subnet is {right}")


def _mac(value: Any) -> str:
    mac = matching(
        "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", "is no MAC address, such as 02:00:00:00:00:01"
    )(value).lower()
    if int(mac[:2], 16) & 1:
        raise ValueError(f"{mac!r} is a multicast address (its first byte is odd)")
    if mac == "00:00:00:00:00:00":
        raise ValueError("an interface cannot have the all-zero MAC address")
    return mac


def _group(value: Any) -> str:
    try:
        address = ip_address(value) if isinstance(value, str) else None
    except ValueError:
        address = None
    if address is None or not address.is_multicast:
        raise ValueError(
            f"a group is a multicast address such as 239.1.2.3 or ff15::1, not {shown(value)}"
        )
    return str(address)


def _as_text(parse: Callable[[Any], Any], **schema: Any) -> tuple[Any, Any]:
    return PlainValidator(in_words(parse)), WithJsonSchema({"type": "string"} | schema)


_MTU = whole_number(MIN_MTU, MAX_MTU, "an MTU")
_PORT = whole_number(1, 65535, "a port")
_MSS = whole_number(88, 32767, "an MSS")  # Linux' TCP_MIN_MSS and MAX_TCP_WINDOW
_DURATION = _quantity(units.duration, units.DURATION_PATTERN, "10ms")
_SIZE = _quantity(units.size, units.SIZE_PATTERN, "4000 bytes")
_PERCENTAGE = _quantity(units.percentage, units.PERCENTAGE_PATTERN, "1%")
_TEXT = _as_text(_text)
_NODE_NAME = _as_text(node_name, pattern=f"^{NODE_PATTERN}$")
_INTERFACE_NAME = _as_text(interface_name, pattern=f"^{INTERFACE_PATTERN}$")
_ADDRESS = _as_text(_address, pattern="^[0-9a-fA-F.:]+/[0-9]{1,3}$")
_NETWORK = _as_text(network, pattern="^[0-9a-fA-F.:]+/[0-9]{1,3}$")
_MAC = _as_text(_mac, pattern="^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$")
_GROUP = _as_text(_group)
_LABEL = _pattern(
    LABEL_PATTERN, "is no name; it begins with a letter and has only letters, digits, '-' and '_'"
)
_CONGESTION = _pattern(
    "[a-z][a-z0-9_]{0,14}", "is no congestion control; Linux has 'cubic' and 'reno'"
)

Flag = Annotated[bool, Strict()]
Text = Annotated[str, *_TEXT]
Mtu = Annotated[int, *_MTU]
Port = Annotated[int, *_PORT]
Mss = Annotated[int, *_MSS]
Duration = Annotated[float, *_DURATION]
Size = Annotated[int, *_SIZE]
Percentage = Annotated[float, *_PERCENTAGE]
Label = Annotated[str, *_LABEL]
NodeName = Annotated[str, *_NODE_NAME]
InterfaceName = Annotated[str, *_INTERFACE_NAME]
Address = Annotated[Any, *_ADDRESS]
Network = Annotated[Any, *_NETWORK]
Mac = Annotated[str, *_MAC]
AGroup = Annotated[str, *_GROUP]
Congestion = Annotated[str, *_CONGESTION]

AStack = Annotated[str, *word_of(tuple(Stack), "'stack'")]
