"""What a host counts, by the names that ``nstat`` prints (RFC 4293, RFC 4113 and Linux' own).

Both versions of IP are counted together.
"""

from __future__ import annotations

from enum import StrEnum


class Counted(StrEnum):
    IN_RECEIVES = "IpInReceives"
    IN_HEADER_ERRORS = "IpInHdrErrors"
    IN_ADDRESS_ERRORS = "IpInAddrErrors"
    IN_UNKNOWN_PROTOCOLS = "IpInUnknownProtos"
    IN_CHECKSUM_ERRORS = "IpExtInCsumErrors"
    IN_TRUNCATED = "IpExtInTruncatedPkts"
    IN_NO_ROUTES = "IpExtInNoRoutes"
    IN_DISCARDS = "IpInDiscards"
    FORWARDED = "IpForwDatagrams"
    OUT_NO_ROUTES = "IpOutNoRoutes"
    OUT_DISCARDS = "IpOutDiscards"
    OUT_REQUESTS = "IpOutRequests"
    REASSEMBLED = "IpReasmOKs"
    REASSEMBLY_FAILED = "IpReasmFails"
    REASSEMBLY_TIMEOUTS = "IpReasmTimeout"
    REASSEMBLY_OVERLAPS = "IpExtReasmOverlaps"
    FRAGMENTED = "IpFragOKs"
    FRAGMENTS_REFUSED = "IpFragFails"
    FRAGMENTS_CREATED = "IpFragCreates"
    ICMP_IN = "IcmpInMsgs"
    ICMP_IN_ERRORS = "IcmpInErrors"
    ICMP_IN_CHECKSUM_ERRORS = "IcmpInCsumErrors"
    ICMP_OUT = "IcmpOutMsgs"
    ICMP_OUT_LIMITED = "IcmpOutRateLimitGlobal"
    ICMP_OUT_LIMITED_HOST = "IcmpOutRateLimitHost"
    ARP_IN_ERRORS = "ArpInErrors"
    ND_IN_ERRORS = "NdInErrors"
    UDP_IN = "UdpInDatagrams"
    UDP_OUT = "UdpOutDatagrams"
    UDP_NO_PORTS = "UdpNoPorts"
    UDP_IN_ERRORS = "UdpInErrors"
    UDP_CHECKSUM_ERRORS = "UdpInCsumErrors"
    UDP_BUFFER_ERRORS = "UdpRcvbufErrors"
    TCP_CHECKSUM_ERRORS = "TcpInCsumErrors"
    TCP_IN_ERRORS = "TcpInErrs"
