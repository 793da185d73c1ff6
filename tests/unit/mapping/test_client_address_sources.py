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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("10.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("192.168.1.7, 172.16.0.1, 2001:db8::7, 203.0.113.9", "2001:db8::7"),
        ("fd00::1, fe80::1, ::1, 198.51.100.3", "198.51.100.3"),
        ("100.64.0.1, 169.254.1.1, 127.0.0.1, 0.0.0.0, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("172.32.0.1, 203.0.113.9", "172.32.0.1"),
        ("unknown, 10.0.0.1", "10.0.0.1"),
    ],
)
def test_of_a_list_the_left_most_public_address_counts_else_the_left_most(value: str, expected: str) -> None:
    assert address(captured(x_forwarded_for=value)) == expected
    assert address({"client.address": value}) == expected, "Node.js 0.57 has the whole header there"


def test_so_it_is_with_the_elements_of_forwarded() -> None:
    assert address(captured(forwarded='for=10.0.0.1, for="[2001:db8::7]:4711";proto=https')) == "2001:db8::7"


def test_a_list_in_an_attribute_is_a_forwarding_headers_and_counts_only_where_those_do() -> None:
    seen = {"client.address": "203.0.113.9, 10.0.0.1", "network.peer.address": "198.51.100.1"}

    assert address(seen, trust_forwarded_headers=False) == "198.51.100.1"


@pytest.mark.parametrize("trust", [True, False])
def test_the_one_header_that_the_user_names_is_believed_alone(trust: bool) -> None:
    settings = {"client_ip_header": "Fly-Client-IP", "trust_forwarded_headers": trust}
    headers = captured(x_forwarded_for="192.0.2.1", fly_client_ip="203.0.113.9")

    assert address(headers, **settings) == "203.0.113.9"
    assert address(captured(x_forwarded_for="192.0.2.1") | {"client.address": "198.51.100.1"}, **settings) == (
        "198.51.100.1"
    )
    assert address(captured(fly_client_ip="none") | {"client.address": "198.51.100.1"}, **settings) == "198.51.100.1"


@pytest.mark.parametrize(
    ("seen", "sent"),
    [
        ("203.0.113.9", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:203.0.113.9", "203.0.113.0"),
        (None, "0.0.0.0"),
    ],
)
def test_an_anonymous_address_ends_in_zeros(seen: str | None, sent: str) -> None:
    attributes = {"client.address": seen} if seen else {}

    assert address(attributes, anonymize_ip=True) == sent


def test_an_anonymous_address_stands_in_no_forwarding_header_either() -> None:
    headers = captured(
        x_forwarded_for="203.0.113.9, 10.1.2.3:80",
        forwarded='for="[2001:db8:1:2::9]:4711";proto=https',
        x_real_ip="203.0.113.9",
        fly_client_ip="203.0.113.9",
        x_trace="1.2.3.4",
    )
    span = http_span({**GET, **headers})

    request = event_of(span, anonymize_ip=True, client_ip_header="x-mine")["request"]

    assert request["ip_address"] == "0.0.0.0"
    assert request["headers"] == {
        "X-Forwarded-For": "203.0.113.0, 10.1.2.0",
        "Forwarded": 'for="[2001:db8:1::]:4711";proto=https',
        "X-Real-Ip": "203.0.113.0",
        "Fly-Client-Ip": "203.0.113.0",
        "X-Trace": "1.2.3.4",
    }
    assert event_of(span)["request"]["headers"]["X-Real-Ip"] == "203.0.113.9"
