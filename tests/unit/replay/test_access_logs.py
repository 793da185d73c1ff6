"""Access logs of many servers, by their documented fields, give the call that each line tells."""

import json

import pytest
from support.replayed import replayed_text

NOW = 1_795_603_600_000_000_000
TIME, END = "2026-11-25T09:46:40.123Z", "2026-11-25T09:46:40.223Z"

CADDY = {
    "level": "info",
    "ts": 1795600000.223,
    "logger": "http.log.access.log0",
    "msg": "handled request",
    "request": {
        "remote_ip": "10.0.0.7",
        "remote_port": "41342",
        "client_ip": "203.0.113.9",
        "proto": "HTTP/2.0",
        "method": "GET",
        "host": "shop.example.com",
        "uri": "/teas/7?a=1&token=the-secret",
        "headers": {"User-Agent": ["curl/8"], "Authorization": ["Bearer the-secret"], "Accept": ["*/*"]},
        "tls": {"resumed": False, "version": 772, "server_name": "shop.example.com"},
    },
    "bytes_read": 0,
    "user_id": "ada",
    "duration": 0.1,
    "size": 2,
    "status": 200,
    "resp_headers": {"Content-Type": ["application/json"], "Set-Cookie": ["s=the-secret"]},
}
TRAEFIK = {
    "ClientAddr": "203.0.113.9:4711",
    "ClientHost": "203.0.113.9",
    "ClientUsername": "ada",
    "DownstreamContentSize": 2,
    "DownstreamStatus": 200,
    "Duration": 100_000_000,
    "RequestAddr": "shop.example.com",
    "RequestHost": "shop.example.com",
    "RequestMethod": "GET",
    "RequestPath": "/teas/7?a=1&token=the-secret",
    "RequestPort": "-",
    "RequestProtocol": "HTTP/1.1",
    "RequestScheme": "https",
    "RouterName": "shop@docker",
    "StartUTC": "2026-11-25T09:46:40.123456789Z",
    "request_User-Agent": "curl/8",
    "request_Authorization": "Bearer the-secret",
    "downstream_Content-Type": "application/json",
    "time": "2026-11-25T09:46:40Z",
    "level": "info",
    "msg": "",
}
CLOUDFRONT = (
    "#Version: 1.0\n"
    "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)"
    " cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes"
    " time-taken\n"
    "2026-11-25\t09:46:40\tLHR3\t366\t203.0.113.9\tGET\td111.cloudfront.net\t/teas/7\t200\t-\tcurl%2F8\t"
    "a=1&token=the-secret\ts=the-secret\tHit\tabc==\tshop.example.com\thttps\t34\t0.100\n"
)
IIS = (
    "#Software: Microsoft Internet Information Services 10.0\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer)"
    " cs-host sc-status sc-substatus sc-win32-status time-taken\n"
    "2026-11-25 09:46:40 10.0.0.1 GET /teas/7 a=1&token=the-secret 443 ada 203.0.113.9 curl/8+(x) -"
    " shop.example.com 200 0 0 100\n"
)
ELB = (
    "2026-11-25T09:46:40.223000Z shop 203.0.113.9:2817 10.0.0.1:80 0.000000 0.100000 0.000000 200 200 0 2"
    ' "GET https://shop.example.com:443/teas/7?a=1&token=the-secret HTTP/1.1" "curl/8" ECDHE TLSv1.2\n'
)
FILELOG = {
    "resourceLogs": [
        {
            "scopeLogs": [
                {
                    "logRecords": [
                        {
                            "observedTimeUnixNano": "1795600000223000000",
                            "body": {
                                "stringValue": '203.0.113.9 - ada [25/Nov/2026:09:46:40 +0000] "GET'
                                ' /teas/7?a=1&token=the-secret HTTP/1.1" 200 2 "-" "curl/8"'
                            },
                        },
                        {"observedTimeUnixNano": "1795600000223000000", "body": {"stringValue": "started"}},
                    ]
                }
            ]
        }
    ]
}
HTTPS = "https://shop.example.com/teas/7?a=1&token=REDACTED"


@pytest.mark.parametrize(
    ("text", "uri", "start", "end", "user_id"),
    [
        (json.dumps(CADDY), HTTPS, TIME, END, "ada"),
        (json.dumps(TRAEFIK), HTTPS, TIME, END, "ada"),
        (CLOUDFRONT, HTTPS, "2026-11-25T09:46:39.900Z", "2026-11-25T09:46:40.000Z", None),
        (IIS, HTTPS, "2026-11-25T09:46:39.900Z", "2026-11-25T09:46:40.000Z", "ada"),
        (ELB, HTTPS, TIME, END, None),
        (
            json.dumps(FILELOG),
            "http://localhost/teas/7?a=1&token=REDACTED",
            "2026-11-25T09:46:40.000Z",
            "2026-11-25T09:46:40.000Z",
            "ada",
        ),
    ],
    ids=["Caddy", "Traefik", "CloudFront", "IIS", "a classic load balancer", "lines that the Collector read"],
)
def test_a_line_tells_its_call(tmp_path, text, uri, start, end, user_id):
    read = replayed_text(tmp_path, text, now=NOW)

    [event] = read.events
    assert (event["request"]["verb"], event["request"]["uri"], event["response"]["status"]) == ("GET", uri, 200)
    assert (event["request"]["time"], event["response"]["time"]) == (start, end)
    assert (event["request"]["ip_address"], event.get("user_id")) == ("203.0.113.9", user_id)
    assert event["request"]["headers"]["User-Agent"].startswith("curl/8")
    assert "the-secret" not in json.dumps(event)
    assert read.report.bad == 0


@pytest.mark.parametrize(
    ("line", "uri", "status"),
    [
        ('203.0.113.9 - - [25/Nov/2026:10:46:40 +0100] "GET /a HTTP/1.1" 304 -', "/a", 304),
        (
            '203.0.113.9 - - [25/Nov/2026:09:46:40 +0000] "GET /a?b=\\"c HTTP/1.1" 200 2 "-" "x \\"y\\""',
            "/a?b=%22c",
            200,
        ),
        ('203.0.113.9 - - [25/Nov/2026:09:46:40 +0000] "POST /a b HTTP/1.1" 400 0 "-" "-"', "/a%20b", 400),
        (
            '2001:db8::1 - a.b [25/Nov/2026:09:46:40 +0000] "PROPFIND / HTTP/1.0" 207 2 "-" "-" "10.0.0.1" 0.01',
            "/",
            207,
        ),
        ('shop.example.com 203.0.113.9 - - [25/Nov/2026:09:46:40 +0000] "GET /a HTTP/2" 200 2 "-" "-"', "/a", 200),
        (
            '[2026-11-25T09:46:40.000Z] "GET /a HTTP/2" 200 - 0 2 9 - "-" "curl/8" "7f" "shop.example.com" "10.0.0.1:80"',
            "/a",
            200,
        ),
        (
            '[2026-11-25T09:46:40.000Z] "GET /a HTTP/2" 503 UF reset - "x" 0 9 9 - "-" "-" "7f" "shop.example.com" "-" a - -',
            "/a",
            503,
        ),
    ],
    ids=["Common", "escapes", "a blank in the target", "more behind it", "a host before it", "Envoy", "Istio"],
)
def test_common_and_combined_lines_are_read_with_what_is_odd_about_them(tmp_path, line, uri, status):
    [event] = replayed_text(tmp_path, f"{line}\n", now=NOW).events

    assert event["request"]["uri"].removeprefix("http://localhost").removeprefix("http://shop.example.com") == uri
    assert (event["response"]["status"], event["request"]["time"]) == (status, "2026-11-25T09:46:40.000Z")


@pytest.mark.parametrize(
    "line", ['1.2.3.4 - - [25/Nov/2026:09:46:40 +0000] "-" 400 0 "-" "-"', "1.2.3.4 GET / 200", "x" * 100_000]
)
def test_a_line_that_is_no_call_is_counted(tmp_path, line):
    good = '203.0.113.9 - - [25/Nov/2026:09:46:40 +0000] "GET /a HTTP/1.1" 200 2'
    read = replayed_text(tmp_path, f"{good}\n{line}\n{good}\n", now=NOW)

    assert (len(read.events), read.report.bad_kinds) == (2, {"of no known format": 1})
    assert read.told[-1].endswith("a-file:2: of no known format")


@pytest.mark.parametrize(
    "odd",
    [
        "time=1795600000 method=GET path=/odd status=200 bytes_read=_",
        '{"time": 1795600000, "method": "GET", "path": "/odd", "bytes_read": true}',
        '{"time": 1795600000, "method": "GET", "path": "/odd", "request_time": 1' + "0" * 400 + "}",
    ],
)
def test_an_odd_value_costs_itself_and_not_what_stands_behind_it(tmp_path, odd):
    read = replayed_text(tmp_path, f'{odd}\n{{"time": 1795600000, "method": "GET", "path": "/next"}}\n', now=NOW)

    assert [event["request"]["uri"].rpartition("/")[2] for event in read.events] == ["odd", "next"]


def test_a_format_of_one_s_own_is_told_in_nginx_s_notation(tmp_path):
    read = replayed_text(
        tmp_path,
        '[25/Nov/2026:09:46:40 +0000]|203.0.113.9|shop.example.com|https|GET /teas/7?a=1 HTTP/1.1|200|0.100|t-1|"x"\n',
        now=NOW,
        log_format='[$time_local]|$remote_addr|$host|$scheme|$request|$status|${request_time}|$http_x_tenant|"$shop_part"',
    )

    [event] = read.events
    assert event["request"]["uri"] == "https://shop.example.com/teas/7?a=1"
    assert event["request"]["headers"] == {"X-Tenant": "t-1"}
    assert event["metadata"] == {"shop_part": "x"}
    assert (event["request"]["time"], event["response"]["time"]) == (
        "2026-11-25T09:46:39.900Z",
        "2026-11-25T09:46:40.000Z",
    )


def test_docker_and_kubernetes_put_pieces_of_a_long_line_together(tmp_path):
    line = '203.0.113.9 - - [25/Nov/2026:09:46:40 +0000] "GET /a HTTP/1.1" 200 2 "-" "curl/8"'
    docker = [
        json.dumps({"log": part, "stream": "stdout", "time": "t"}) for part in (line[:30], line[30:] + "\n", "up\n")
    ]
    cri = [
        f"2026-11-25T09:46:40.1Z stdout {tag} {part}"
        for tag, part in (("P", line[:30]), ("P", line[30:50]), ("F", line[50:]))
    ]

    for lines in (docker, cri):
        read = replayed_text(tmp_path, "\n".join(lines) + "\n", now=NOW)
        assert [event["request"]["uri"] for event in read.events] == ["http://localhost/a"]
        assert read.report.bad == 0


@pytest.mark.parametrize("size", [10_000, 60_000])
def test_hostile_lines_take_time_that_grows_with_their_length(tmp_path, size):
    for line in (
        '"' * size,
        "[" + " " * size,
        "- " * (size // 2),
        "1 - - [" + "\\" * size,
        "2026-11-25T09:46:40Z a b c " + '"\\' * (size // 2),
    ):
        assert replayed_text(tmp_path, f"x {line}\n", now=NOW).events == []
