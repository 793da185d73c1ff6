"""Whose call it was: the end user's IP address.

Forwarding headers come first, in the order of Moesif's own middlewares, where the application had them captured and
the user trusts them. They are hostile input: what does not parse as an address is passed over. Of several addresses
the left-most public one counts, since proxies inside a network write down each other; else the left-most one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.mapping.forwarded import forwarded_elements

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.mapping.headers import Headers
    from opentelemetry_exporter_moesif.mapping.shape import Shape
    from opentelemetry_exporter_moesif.mapping.trusted_proxies import TrustedProxies

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

# Headers of proxies and hosts that are not asked, and hold an address all the same.
_OTHER_ADDRESS_HEADERS = (
    *("X-Original-Forwarded-For", "X-Originating-Ip", "X-Remote-Ip", "X-Remote-Addr", "X-Envoy-External-Address"),
    *(
        "X-Appengine-User-Ip",
        "X-Azure-Clientip",
        "X-Azure-Socketip",
        "X-Vercel-Forwarded-For",
        "X-Nf-Client-Connection-Ip",
    ),
    *("Fastly-Client-Ip", "Fly-Client-Ip", "Cf-Connecting-Ipv6", "Cf-Pseudo-Ipv4", "Do-Connecting-Ip"),
)
_LONGEST = 256  # a longer text is no address, and not worth a place in a cache
_MOST_HOPS = 32
_USUAL_LENGTH = 64  # two or three hops: what is remembered as a whole
# Most of them, without a leading zero (RFC 6943, section 3.1.1): 0.4 µs, where `ipaddress` takes 2.
_OCTET = r"(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_PORT = re.compile(r":\d{1,5}$")
# Addresses that only mean something inside a network: RFC 1918, 6598, 3927, 4193, 4291, and the host itself. Those of
# documentation (RFC 5737, 3849) are left as public ones.
_PRIVATE = re.compile(
    r"(?:0|10|127)\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\."
    r"|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|::1?$"
)
_PUBLIC_IPV4 = re.compile(rf"(?!{_PRIVATE.pattern}){_IPV4.pattern}")
_MAYBE_AN_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{2,}")
_NETWORK_BITS = {4: 24, 6: 48}


def ip_address(text: str) -> str | None:
    """The IP address that a text is, in its usual form, or None. Brackets, port, zone and quotes are stripped.

    An IPv4 address mapped into IPv6 (RFC 4291, section 2.5.5.2) is given as the IPv4 address that it is.
    """
    return text if _IPV4.fullmatch(text) else other_address(text)


@lru_cache(maxsize=4096)
def other_address(text: str) -> str | None:
    """The same of a text that is no plain IPv4 address."""
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


def _elements(value: str) -> Iterable[str]:
    nodes = [element.get("for", "") for element in forwarded_elements(value)]
    return nodes if nodes and ip_address(nodes[0][:_LONGEST]) else ()  # the client is hidden (RFC 7239, section 6)


FORWARDING_HEADERS = {
    "X-Client-Ip": _first_part,
    "X-Forwarded-For": _hops,
    "Cf-Connecting-Ip": _first_part,
    "True-Client-Ip": _first_part,
    "X-Real-Ip": _first_part,
    "X-Cluster-Client-Ip": _first_part,
    "X-Forwarded": _elements,
    "Forwarded-For": _first_part,
    "Forwarded": _elements,
}
"""Headers that tell the client's address, the best first, and where in their values addresses stand."""

ADDRESS_HEADERS = (*FORWARDING_HEADERS, *_OTHER_ADDRESS_HEADERS)
"""Headers whose addresses `anonymize_ip` cuts."""


def client_address(headers: Headers, attributes: Mapping[str, Any], shape: Shape, proxies: TrustedProxies) -> str:
    """The address of who made a call that was answered, by its captured headers, then by attributes.

    Args:
        headers: The headers of the request.
        attributes: The span's attributes.
        shape: What is known of spans with such attributes.
        proxies: What proxies are believed.
    """
    for name in shape.forwarding:
        value = headers[name]
        address = usual_address(name, value) if len(value) <= _USUAL_LENGTH else _named_address(name, value)
        if address:
            return address
    return first_address(attributes, shape.client_addresses, with_lists=proxies.trust_headers) or UNKNOWN


def _named_address(name: str, value: str) -> str | None:
    return _nearest(FORWARDING_HEADERS.get(name, _hops)(value))


usual_address = lru_cache(maxsize=2048)(_named_address)


def first_address(attributes: Mapping[str, Any], names: Iterable[str], *, with_lists: bool = True) -> str | None:
    """The first IP address among these attributes, or None.

    Args:
        attributes: A span's attributes.
        names: The attributes to ask, in order.
        with_lists: Whether a list counts, which can only be a forwarding header's.
    """
    for name in names:
        value = attributes.get(name)
        if not isinstance(value, str):
            continue
        if "," in value:
            address = _nearest(_hops(value)) if with_lists else None
        else:
            address = ip_address(value) if len(value) <= _LONGEST else None
        if address:
            return address
    return None


def _nearest(candidates: Iterable[str]) -> str | None:
    """Of several addresses the left-most public one, else the left-most."""
    first = None
    for candidate in candidates:
        if _PUBLIC_IPV4.fullmatch(candidate):  # nearly always: one look in place of two, and of a call
            return candidate
        address = ip_address(candidate) if len(candidate) <= _LONGEST else None
        if address and not _PRIVATE.match(address):
            return address
        first = first or address
    return first


def anonymized(address: str) -> str:
    """An address with its last octet zero, or the last 80 bits of an IPv6 one; another text as it is."""
    bare = ip_address(address)
    if bare is None:
        return address
    bits = _NETWORK_BITS[6 if ":" in bare else 4]
    return str(ipaddress.ip_network((bare, bits), strict=False).network_address)


def anonymize_headers(headers: Headers, names: Iterable[str]) -> None:
    """Cuts each address in these headers, in place."""
    for name in names:
        headers[name] = _MAYBE_AN_ADDRESS.sub(lambda match: anonymized(match[0]), headers[name])
