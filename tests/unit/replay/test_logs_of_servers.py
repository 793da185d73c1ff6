"""Logs that real servers and loggers wrote of seven known calls, and those of services by their documented examples."""

import json
from pathlib import Path

import pytest
from support.replayed import replayed, replayed_text

LOGS = Path(__file__).parents[2] / "replay_logs"
NOW = 1_795_660_000_000_000_000

# What was sent to each server: the file's name is the server's or the logger's.
CALLS = [
    ("GET", "/teas/7?a=1&token=REDACTED", 200),
    ("POST", "/teas", 201),
    ("GET", "/missing/%C3%A9%20b?q=a%26b&e=%22&list%5B%5D=1", 404),
    ("HEAD", "/teas", 200),
    ("PROPFIND", "/dav/", 200),
    ("GET", "//double/slash;x=1", 200),
    ("DELETE", "/teas/7", 200),
]
# The log tells the host that was called, in a field or a header; the client behind the proxy; the user; to the
# millisecond when.
TOLD = {
    "apache-json.log": "host",
    "apache-vhost-combined.log": "host",
    "caddy-console.log": "host client exact",
    "caddy.json": "host client exact",
    "daphne.log": "",
    "express-bunyan.log": "host client user exact",
    "express-winston.log": "host client user exact",
    "fastify.log": "host exact",
    "gunicorn.log": "user",
    "haproxy-clf.log": "",
    "haproxy-json.log": "exact",
    "haproxy-syslog.log": "exact",
    "hypercorn.log": "",
    "ingress-nginx.log": "user exact",
    "lighttpd.log": "host",
    "morgan-json.log": "exact",
    "nginx-json-elastic.log": "host",
    "nginx-json.log": "host client user exact",
    "nginx-ltsv.log": "host client exact",
    "nginx-main.log": "client user",
    "pino-http.log": "host client user exact",
    "varnishncsa.log": "host user",
}
# What differs from the rest, since the server or the application did something else.
PATHS = {
    "apache-json.log": {"//double/slash;x=1": "/double/slash;x=1"},
    "hypercorn.log": {
        "/teas/7?a=1&token=REDACTED": "/teas/7",
        "/missing/%C3%A9%20b?q=a%26b&e=%22&list%5B%5D=1": "/missing/%C3%A9%20b",
    },
}
STATUS = {
    "fastify.log": {"POST": 200, "GET": 200, "PROPFIND": 404},
    "varnishncsa.log": {"PROPFIND": None},
    "daphne.log": {},
}


def test_every_file_has_its_row():
    assert {path.name for path in LOGS.iterdir()} - {"uvicorn.log"} == TOLD.keys()


@pytest.mark.parametrize("name", TOLD)
def test_a_log_that_a_server_wrote_tells_each_call(name):
    read = replayed(LOGS / name, now=NOW)

    told = TOLD[name].split()
    host = "http://shop.example.com" if "host" in told else "http://localhost"
    paths, status = PATHS.get(name, {}), STATUS.get(name, {})
    assert [
        (event["request"]["verb"], event["request"]["uri"], event.get("response", {}).get("status"))
        for event in read.events
    ] == [(verb, host + paths.get(path, path), status.get(verb, code)) for verb, path, code in CALLS]
    first = read.events[0]
    assert first["request"]["ip_address"] == ("203.0.113.9" if "client" in told else "127.0.0.1")
    assert first.get("user_id") == ("ada" if "user" in told else None)
    assert all(event["request"]["time"].startswith("2026-11-26T01:5") for event in read.events)
    assert any(not event["request"]["time"].endswith(":00.000Z") for event in read.events)
    assert any(not event["request"]["time"].endswith(".000Z") for event in read.events) == ("exact" in told)
    assert "s3cr3t" not in json.dumps(read.events)
    assert (read.report.bad, len({event["transaction_id"] for event in read.events})) == (0, len(CALLS))


UVICORN = (LOGS / "uvicorn.log").read_text().splitlines()


def docker(line):
    return json.dumps({"log": line + "\n", "stream": "stdout", "time": "2026-11-26T01:58:16.123456789Z"})


@pytest.mark.parametrize(
    "kept",
    [
        docker,
        "2026-11-26T01:58:16.123456789Z stdout F {}".format,
        "2026-11-26T01:58:16.123456789Z {}".format,
        "<14>1 2026-11-26T01:58:16.123Z host-1 api 77 - - {}".format,
        '<14>1 2026-11-26T01:58:16.123Z host-1 api 77 ID47 [a@1 b="c"] {}'.format,
        "2026-11-26T01:58:16.123000+00:00 host-1 api[77]: {}".format,
        lambda line: json.dumps({"MESSAGE": line, "__REALTIME_TIMESTAMP": "1795658296123456", "PRIORITY": "6"}),
        lambda line: json.dumps({"message": line, "@timestamp": "2026-11-26T01:58:16.123Z", "host": {"name": "h"}}),
        lambda line: json.dumps({"textPayload": line, "timestamp": "2026-11-26T01:58:16.123Z"}),
    ],
    ids=["Docker", "CRI", "a bare time", "RFC 5424", "with data", "rsyslog", "the journal", "Beats", "Google Cloud"],
)
def test_a_line_that_tells_no_time_has_that_of_whoever_kept_it(tmp_path, kept):
    read = replayed_text(tmp_path, "\n".join(map(kept, UVICORN)) + "\n", now=NOW)

    assert [event["request"]["time"] for event in read.events] == ["2026-11-26T01:58:16.123Z"] * len(CALLS)
    assert [event["request"]["uri"].removeprefix("http://localhost") for event in read.events] == [
        path.replace(";x=1", "%3Bx%3D1")
        for _, path, _ in CALLS  # as uvicorn writes it
    ]
    assert read.report.bad == 0


def test_equal_lines_at_different_times_keep_different_ids(tmp_path):
    line = '{} stdout F INFO:     203.0.113.9:0 - "GET /teas HTTP/1.1" 200 OK\n'
    times = [f"2026-11-26T01:58:{second}Z" for second in (16, 17)]

    def ids(*given):
        text = "".join(line.format(time) for time in given)
        return [event["transaction_id"] for event in replayed_text(tmp_path, text, now=NOW).events]

    assert ids(*times) == [*ids(times[0]), *ids(times[1])]
    assert len(set(ids(*times))) == 2


@pytest.mark.parametrize(
    "prefix",
    [
        "Nov 26 01:58:21 host-1 web[77]: ",
        "<14>Nov  6 01:58:21 host-1 web: ",
        "2026-11-26T01:58:21.123Z host-1 web[77]: ",
        "web-1  | ",
        "web-1  | 2026-11-26T01:58:21.123Z ",
        "[pod/shop-7f/web] ",
        "[2026-11-26 01:58:21 +0000] [77] [INFO] ",
        "INFO:web.access:",
        "2026-11-26T01:58:21.123Z ",
    ],
)
@pytest.mark.parametrize("name", ["gunicorn.log", "caddy.json", "haproxy-clf.log"])
def test_what_others_put_before_a_line_is_passed_over(tmp_path, prefix, name):
    lines = (LOGS / name).read_text().splitlines()

    read = replayed_text(tmp_path, "".join(f"{prefix}{line}\n" for line in lines), now=NOW)

    assert [event["request"] for event in read.events] == [
        event["request"] for event in replayed(LOGS / name, now=NOW).events
    ]
    assert read.report.bad == 0


def test_lines_without_any_time_say_who_may_tell_it():
    read = replayed(LOGS / "uvicorn.log", now=NOW)

    [told] = read.told
    assert (read.events, "Its lines tell no time." in told) == ([], True)
    assert "docker logs --timestamps" in told


def test_what_else_an_application_logs_is_passed_over_and_a_file_without_calls_says_so(tmp_path):
    entries = [{"level": "info", "time": "2026-11-26T01:58:16Z", "msg": f"started {number}"} for number in range(3)]
    text = "".join(json.dumps(entry) + "\n" for entry in entries)

    alone = replayed_text(tmp_path, text, now=NOW)
    with_calls = replayed_text(tmp_path, text + (LOGS / "pino-http.log").read_text(), now=NOW)

    assert (alone.report.other_signals, alone.report.bad, alone.events) == (3, 0, [])
    assert "no call in it" in alone.told[-1]
    assert (len(with_calls.events), with_calls.report.bad, with_calls.told) == (7, 0, [])


def test_a_cookie_behind_the_combined_format_is_no_address(tmp_path):
    line = (LOGS / "nginx-main.log").read_text().splitlines()[0].replace('"203.0.113.9"', '"sid=s3cr3t"')

    [event] = replayed_text(tmp_path, line + "\n", now=NOW).events

    assert (event["request"]["ip_address"], "s3cr3t" in json.dumps(event)) == ("127.0.0.1", False)


# Of products whose documentation has them so: the URI, when it began and ended, the address.
START, END = "2026-11-25T09:46:40.123Z", "2026-11-25T09:46:40.223Z"
TEAS = "/teas/7?a=1"
SHOP = f"https://shop.example.com{TEAS}"
SERVICES = {
    "Kong": (
        {
            "request": {
                "method": "GET",
                "uri": TEAS,
                "url": "https://shop.example.com:443/teas/7?a=1",
                "size": 75,
                "headers": {"host": "shop.example.com", "accept": "*/*"},
                "querystring": {"a": "1"},
                "tls": {"version": "TLSv1.2"},
            },
            "response": {"status": 200, "size": 434, "headers": {"content-type": "text/plain"}},
            "client_ip": "203.0.113.9",
            "started_at": 1795600000123,
            "latencies": {"proxy": 90, "kong": 10, "request": 100},
        },
        (SHOP, START, END),
    ),
    "Cloudflare": (
        {
            "ClientIP": "203.0.113.9",
            "ClientRequestHost": "shop.example.com",
            "ClientRequestMethod": "GET",
            "ClientRequestURI": TEAS,
            "ClientRequestScheme": "https",
            "ClientRequestUserAgent": "curl/8",
            "EdgeStartTimestamp": 1795600000123000000,
            "EdgeEndTimestamp": 1795600000223000000,
            "EdgeResponseStatus": 200,
            "EdgeResponseBytes": 2,
            "RayID": "7f",
        },
        (SHOP, START, END),
    ),
    "Google Cloud": (
        {
            "httpRequest": {
                "requestMethod": "GET",
                "requestUrl": SHOP,
                "requestSize": "34",
                "status": 200,
                "responseSize": "2",
                "userAgent": "curl/8",
                "remoteIp": "203.0.113.9",
                "latency": "0.1s",
            },
            "insertId": "7f",
            "resource": {"type": "http_load_balancer", "labels": {"project_id": "p"}},
            "timestamp": "2026-11-25T09:46:40.223Z",
            "severity": "INFO",
        },
        (SHOP, START, END),
    ),
    "Azure": (
        {
            "time": "2026-11-25T09:46:40.223Z",
            "resourceId": "/SUBSCRIPTIONS/X",
            "operationName": "ApplicationGatewayAccess",
            "properties": {
                "clientIP": "203.0.113.9",
                "httpMethod": "GET",
                "requestUri": "/teas/7",
                "requestQuery": "a=1",
                "userAgent": "curl/8",
                "httpStatus": 200,
                "receivedBytes": 65,
                "sentBytes": 2,
                "timeTaken": 0.1,
                "sslEnabled": "on",
                "host": "shop.example.com",
                "originalHost": "shop.example.com",
            },
        },
        (SHOP, START, END),
    ),
    "Serilog": (
        {
            "@t": "2026-11-25T09:46:40.223Z",
            "@mt": "HTTP {RequestMethod} {RequestPath} responded {StatusCode} in {Elapsed:0.0000} ms",
            "RequestMethod": "GET",
            "RequestPath": TEAS,
            "StatusCode": 200,
            "Elapsed": 100.0,
            "ClientIp": "203.0.113.9",
        },
        (f"http://localhost{TEAS}", START, END),
    ),
    "Echo": (
        {
            "time": "2026-11-25T09:46:40.223Z",
            "id": "",
            "remote_ip": "203.0.113.9",
            "host": "shop.example.com",
            "method": "GET",
            "uri": TEAS,
            "user_agent": "curl/8",
            "status": 200,
            "error": "",
            "latency": 100000000,
            "latency_human": "100ms",
            "bytes_in": 0,
            "bytes_out": 2,
        },
        (f"http://shop.example.com{TEAS}", START, END),
    ),
    "the Elastic Common Schema": (
        {
            "@timestamp": "2026-11-25T09:46:40.223Z",
            "event": {"duration": 100000000},
            "http": {"request": {"method": "GET"}, "response": {"status_code": 200, "body": {"bytes": 2}}},
            "url": {"original": TEAS, "domain": "shop.example.com", "scheme": "https"},
            "source": {"address": "203.0.113.9"},
            "user_agent": {"original": "curl/8"},
        },
        (SHOP, START, END),
    ),
    "an HTTP API of API Gateway": (
        {
            "requestId": "7f",
            "ip": "203.0.113.9",
            "requestTime": "25/Nov/2026:09:46:40 +0000",
            "httpMethod": "GET",
            "routeKey": "GET /teas/{id}",
            "status": "200",
            "protocol": "HTTP/1.1",
            "responseLength": "2",
        },
        ("http://localhost/teas/%7Bid%7D", "2026-11-25T09:46:40.000Z", "2026-11-25T09:46:40.000Z"),
    ),
}
LINES = {
    "Traefik": (
        (
            '203.0.113.9 - - [25/Nov/2026:09:46:40 +0000] "GET /teas/7?a=1 HTTP/1.1" 200 2 "-" "curl/8" 17 "shop@docker"'
            ' "http://10.0.0.1:80" 100ms'
        ),
        (f"http://localhost{TEAS}", "2026-11-25T09:46:40.000Z", "2026-11-25T09:46:40.100Z"),
    ),
    "API Gateway": (
        '203.0.113.9 - - [25/Nov/2026:09:46:40 +0000]"GET /teas/7?a=1 HTTP/1.1" 200 2 7f abc=',
        (f"http://localhost{TEAS}", "2026-11-25T09:46:40.000Z", "2026-11-25T09:46:40.000Z"),
    ),
    "API Gateway as CSV": (
        "203.0.113.9,-,-,25/Nov/2026:09:46:40 +0000,GET,/teas,HTTP/1.1,200,2,7f,abc=",
        ("http://localhost/teas", "2026-11-25T09:46:40.000Z", "2026-11-25T09:46:40.000Z"),
    ),
    "HAProxy with what it captured": (
        (
            "Nov 25 09:46:40 lb haproxy[7]: 203.0.113.9:4711 [25/Nov/2026:09:46:40.123] web~ shop/s1 0/0/1/99/+100 200 +2"
            ' - - ---- 1/1/0/0/0 0/0 {shop.example.com|curl/8} {text/plain} "GET /teas/7?a=1 HTTP/1.1"'
        ),
        (f"http://localhost{TEAS}", START, END),
    ),
    "Heroku": (
        (
            '2026-11-25T09:46:40.223+00:00 heroku[router]: at=info method=GET path="/teas/7?a=1" host=shop.example.com'
            ' request_id=7f fwd="203.0.113.9" dyno=web.1 connect=0ms service=100ms status=200 bytes=2 protocol=https'
        ),
        (SHOP, START, END),
    ),
    "logfmt": (
        (
            'ts=2026-11-25T09:46:40.223Z level=info msg="request \\"done\\"" method=GET path=/teas/7?a=1 status=200'
            " duration=100ms remote_addr=203.0.113.9:1 host=shop.example.com"
        ),
        (f"http://shop.example.com{TEAS}", START, END),
    ),
    "Granian": (
        '[2026-11-25 09:46:40 +0000] 203.0.113.9 - "GET /teas/7?a=1 HTTP/1.1" 200 100.000',
        (f"http://localhost{TEAS}", "2026-11-25T09:46:39.900Z", "2026-11-25T09:46:40.000Z"),
    ),
    "aiohttp": (
        'INFO:aiohttp.access:203.0.113.9 [25/Nov/2026:09:46:40 +0000] "GET /teas/7?a=1 HTTP/1.1" 200 190 "-" "curl/8"',
        (f"http://localhost{TEAS}", "2026-11-25T09:46:40.000Z", "2026-11-25T09:46:40.000Z"),
    ),
}
DOCUMENTED = {name: (json.dumps(entry), told) for name, (entry, told) in SERVICES.items()} | LINES


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_line_of_a_service_tells_its_call(tmp_path, name):
    line, (uri, start, end) = DOCUMENTED[name]

    read = replayed_text(tmp_path, line + "\n", now=NOW)

    [event] = read.events
    assert (event["request"]["verb"], event["request"]["uri"], event["response"]["status"]) == ("GET", uri, 200)
    assert (event["request"]["time"], event["response"]["time"]) == (start, end)
    assert event["request"]["ip_address"] == "203.0.113.9"
    assert read.report.bad == 0
