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

_CLIENT_ATTRIBUTES = (
    "client.address",
    "network.peer.address",
    "http.client_ip",
    "net.sock.peer.addr",
    "net.peer.ip",
)
_LOCAL_ATTRIBUTES = ("network.local.address", "net.sock.host.addr", "net.host.ip")
_PEER_ATTRIBUTES = ("network.peer.address", "net.sock.peer.addr", "net.peer.ip")

_LONGEST = 256  # a longer text is no address, and not worth a place in a cache
_MOST_HOPS = 32
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


_FORWARDING_HEADERS = {
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


def forwarded_address(headers: Headers) -> str | None:
    """The address that a forwarding header names, or None."""
    for name, candidates in _FORWARDING_HEADERS.items():
        value = headers.get(name)
        if value:
            for candidate in candidates(value):
                address = ip_address(candidate) if len(candidate) <= _LONGEST else None
                if address:
                    return address
    return None


def client_address(attributes: Mapping[str, Any]) -> str | None:
    """The address that the server saw its client at, or None."""
    return _first_address(attributes, _CLIENT_ATTRIBUTES)


def local_address(attributes: Mapping[str, Any]) -> str | None:
    """The address of the span's own side of the connection, or None."""
    return _first_address(attributes, _LOCAL_ATTRIBUTES)


def peer_address(attributes: Mapping[str, Any]) -> str | None:
    """The address of the other side of the connection, or None."""
    return _first_address(attributes, _PEER_ATTRIBUTES)


def _first_address(attributes: Mapping[str, Any], names: Iterable[str]) -> str | None:
    for name in names:
        value = attributes.get(name)
        if isinstance(value, str) and len(value) <= _LONGEST:
            address = ip_address(value)
            if address:
                return address
    return None
