"""The end user's address: forwarding headers in Moesif's order, then what the server saw, then none."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from opentelemetry.trace import SpanKind
from support.spans import GET, captured, event_of, event_with, http_span

# In the order of Moesif's own middlewares.
FORWARDING_HEADERS = {
    "x_client_ip": "192.0.2.1",
    "x_forwarded_for": "192.0.2.2",
    "cf_connecting_ip": "192.0.2.3",
    "true_client_ip": "192.0.2.4",
    "x_real_ip": "192.0.2.5",
    "x_cluster_client_ip": "192.0.2.6",
    "x_forwarded": "for=192.0.2.7",
    "forwarded_for": "192.0.2.8",
    "forwarded": "for=192.0.2.9;proto=https",
}
# In the order of the stable and the legacy semantic conventions.
ATTRIBUTES = ("client.address", "network.peer.address", "http.client_ip", "net.sock.peer.addr", "net.peer.ip")


def address(attributes: dict[str, Any], **settings: Any) -> str:
    return event_of(http_span({**GET, **attributes}), **settings)["request"]["ip_address"]


@pytest.mark.parametrize("name", FORWARDING_HEADERS)
def test_each_forwarding_header_tells_the_address(name: str) -> None:
    value = FORWARDING_HEADERS[name]

    assert value.removeprefix("for=").partition(";")[0] == address(captured(**{name: value}))


@pytest.mark.parametrize(("first", "second"), list(pairwise(FORWARDING_HEADERS)))
def test_forwarding_headers_count_in_moesifs_order(first: str, second: str) -> None:
    headers = {second: FORWARDING_HEADERS[second], first: FORWARDING_HEADERS[first]}

    assert address(captured(**{first: FORWARDING_HEADERS[first]})) == address(captured(**headers))


@pytest.mark.parametrize("name", FORWARDING_HEADERS)
def test_a_forwarding_header_wins_over_what_the_server_saw(name: str) -> None:
    seen = dict.fromkeys(ATTRIBUTES, "198.51.100.1")

    assert address({**seen, **captured(**{name: FORWARDING_HEADERS[name]})}) != "198.51.100.1"
    assert (
        address({**seen, **captured(**{name: FORWARDING_HEADERS[name]})}, trust_forwarded_headers=False)
        == "198.51.100.1"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("203.0.113.9, 10.0.0.1", "203.0.113.9"),
        ("unknown, 203.0.113.9", "203.0.113.9"),
        (" ,, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711, 10.0.0.1", "2001:db8::1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ('"203.0.113.9"', "203.0.113.9"),
        ("a," * 31 + "203.0.113.9", "203.0.113.9"),
    ],
)
def test_x_forwarded_for_names_its_left_most_valid_address(value: str, expected: str) -> None:
    assert expected == address(captured(x_forwarded_for=value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("for=203.0.113.9", "203.0.113.9"),
        ('for="203.0.113.9:4711"', "203.0.113.9"),
        ('For="[2001:db8::1]:4711"', "2001:db8::1"),
        ("by=10.0.0.1; FOR=203.0.113.9 ;proto=http", "203.0.113.9"),
        ("for=203.0.113.9, for=10.0.0.1", "203.0.113.9"),
    ],
)
def test_forwarded_names_the_address_of_its_first_element(value: str, expected: str) -> None:
    assert expected == address(captured(forwarded=value))


@pytest.mark.parametrize(
    "hostile",
    [
        "unknown",
        "_hidden",
        "evil.test",
        "999.0.0.1",
        "010.0.0.1",
        "1",
        "3232235521",
        "0x7f000001",
        "١٢٧.0.0.1",
        "203.0.113.9/24",
        "203.0.113.9\r\nX-Injected: 1",
        "2001:db8:::1",
        "[",
        "]",
        "[]",
        ":",
        "",
        " ",
        ",",
        "[REDACTED]",
        "for=203.0.113.9",
        "'; DROP TABLE calls; --",
        "9" * 100_000,
        ":" * 100_000,
        "," * 100_000,
    ],
    ids=lambda text: ascii(text[:30]),
)
@pytest.mark.parametrize("name", [name for name in FORWARDING_HEADERS if name not in {"x_forwarded", "forwarded"}])
def test_what_is_no_address_leaves_the_word_to_the_next_source(name: str, hostile: str) -> None:
    assert address({**captured(**{name: hostile}), "client.address": "198.51.100.1"}) == "198.51.100.1"


@pytest.mark.parametrize(
    "hostile", ["", "for", "for=", "for=unknown", "for=_secret", "203.0.113.9", ";;=", "for=evil.test"]
)
def test_a_forwarded_header_without_an_address_does_so_too(hostile: str) -> None:
    assert address({**captured(forwarded=hostile), "client.address": "198.51.100.1"}) == "198.51.100.1"


def test_only_x_forwarded_for_is_read_beyond_its_first_comma() -> None:
    seen = {"client.address": "198.51.100.1"}

    assert address({**captured(x_real_ip="unknown, 203.0.113.9"), **seen}) == "198.51.100.1"
    assert address({**captured(forwarded="for=unknown, for=203.0.113.9"), **seen}) == "198.51.100.1"


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_each_attribute_tells_the_address(name: str) -> None:
    assert address({name: "198.51.100.1"}) == "198.51.100.1"


@pytest.mark.parametrize(("first", "second"), list(pairwise(ATTRIBUTES)))
def test_attributes_count_in_the_order_of_the_table(first: str, second: str) -> None:
    assert address({second: "198.51.100.2", first: "198.51.100.1"}) == "198.51.100.1"
    assert address({second: "198.51.100.2", first: "a socket"}) == "198.51.100.2"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("198.51.100.1:4711", "198.51.100.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("unix:", "0.0.0.0"),
        ("localhost", "0.0.0.0"),
        ("", "0.0.0.0"),
        (7, "0.0.0.0"),
        (("198.51.100.1",), "0.0.0.0"),
        (None, "0.0.0.0"),
    ],
)
def test_an_attribute_counts_where_it_is_an_address(value: Any, expected: str) -> None:
    assert expected == address({"client.address": value})


def test_quirk_7_an_unknown_address_is_said_to_be_unknown() -> None:
    """Left out, Moesif would take the address of the service for the user's. aiohttp's spans have none."""
    assert address({}) == "0.0.0.0"


@pytest.mark.parametrize("name", ["network.local.address", "net.sock.host.addr", "net.host.ip"])
def test_the_servers_own_address_is_the_responses(name: str) -> None:
    assert event_with({name: "10.0.0.7"})["response"]["ip_address"] == "10.0.0.7"


@pytest.mark.parametrize("value", ["web-1", "", 5, None])
def test_the_responses_address_is_left_out_where_it_is_none(value: Any) -> None:
    assert "ip_address" not in event_with({"network.local.address": value})["response"]


def test_a_call_that_was_made_comes_from_the_local_address_and_was_answered_by_the_peer() -> None:
    attributes = {**GET, "network.local.address": "10.0.0.7", "network.peer.address": "203.0.113.9"}
    spoofed = captured(x_forwarded_for="192.0.2.1")

    event = event_of(http_span({**attributes, **spoofed}, kind=SpanKind.CLIENT), capture_outgoing=True)

    assert event["request"]["ip_address"] == "10.0.0.7"
    assert event["response"]["ip_address"] == "203.0.113.9"
