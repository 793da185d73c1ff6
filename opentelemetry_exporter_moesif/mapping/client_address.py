"""Whose call it was: the end user's IP address.

Forwarding headers come first, in the order of Moesif's own middlewares, where the application had them captured and
the user trusts them. They are hostile input: what does not parse as an address is passed over.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.mapping.headers import Headers

UNKNOWN = "0.0.0.0"  # noqa: S104 - nothing is bound to it
"""Sent for an unknown address: where none is sent, Moesif takes the sender's own for it."""

CLIENT_ATTRIBUTES = (
    "client.address",
    "network.peer.address",
    "http.client_ip",
    "net.sock.peer.addr",
    "net.peer.ip",
)
LOCAL_ATTRIBUTES = ("network.local.address", "net.sock.host.addr", "net.host.ip")
PEER_ATTRIBUTES = ("network.peer.address", "net.sock.peer.addr", "net.peer.ip")

_LONGEST = 256  # a longer text is no address, and not worth a place in a cache
_MOST_HOPS = 32
_USUAL_LENGTH = 64  # two or three hops: what is remembered as a whole
# Most of them, without a leading zero (RFC 6943, section 3.1.1): 0.4 µs, where `ipaddress` takes 2.
_OCTET = r"(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_PORT = re.compile(r":\d{1,5}$")


@lru_cache(maxsize=4096)
def ip_address(text: str) -> str | None:
    """The IP address that a text is, in its usual form, or None. Brackets, port, zone and quotes are stripped.

    An IPv4 address mapped into IPv6 (RFC 4291, section 2.5.5.2) is given as the IPv4 address that it is.
    """
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = _PORT.sub("", bare)
    if _IPV4.fullmatch(bare):
        return bare
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _first_part(value: str) -> Iterable[str]:
    return (value.partition(",")[0],)


def _hops(value: str) -> Iterable[str]:
    return value.split(",", _MOST_HOPS)[:_MOST_HOPS]


def _forwarded(value: str) -> Iterator[str]:
    """The ``for=`` of the first element (RFC 7239, section 4)."""
    for pair in value.partition(",")[0].split(";"):
        name, _, node = pair.partition("=")
        if name.strip().lower() == "for":
            yield node


FORWARDING_HEADERS = {
    "X-Client-Ip": _first_part,
    "X-Forwarded-For": _hops,
    "Cf-Connecting-Ip": _first_part,
    "True-Client-Ip": _first_part,
    "X-Real-Ip": _first_part,
    "X-Cluster-Client-Ip": _first_part,
    "X-Forwarded": _forwarded,
    "Forwarded-For": _first_part,
    "Forwarded": _forwarded,
}


def forwarded_address(headers: Headers, names: Iterable[str]) -> str | None:
    """The address that one of these forwarding headers names, or None."""
    for name in names:
        value = headers[name]
        address = usual_address(name, value) if len(value) <= _USUAL_LENGTH else _named_address(name, value)
        if address:
            return address
    return None


def _named_address(name: str, value: str) -> str | None:
    for candidate in FORWARDING_HEADERS[name](value):
        address = ip_address(candidate) if len(candidate) <= _LONGEST else None
        if address:
            return address
    return None


usual_address = lru_cache(maxsize=2048)(_named_address)


def first_address(attributes: Mapping[str, Any], names: Iterable[str]) -> str | None:
    """The first IP address among these attributes, or None."""
    for name in names:
        value = attributes.get(name)
        if isinstance(value, str) and len(value) <= _LONGEST:
            address = ip_address(value)
            if address:
                return address
    return None
