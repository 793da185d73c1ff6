"""No other web site reads the local collector or posts to it, and nothing in it runs."""

from collections.abc import Iterator

import pytest
import requests
from support.moesif_events import HEADERS, make_event

from opentelemetry_exporter_moesif.local_collector import LocalCollector

PAGES = ["/", "/routes", "/settings", "/calls/1", "/calls/1/event.json", "/calls/99", "/static/page.js", "/nowhere"]


@pytest.fixture(scope="module")
def collector() -> Iterator[LocalCollector]:
    with LocalCollector() as running:
        requests.post(f"{running.url}/v1/events", json=make_event(), headers=HEADERS, timeout=30)
        yield running


def port_of(collector: LocalCollector) -> str:
    return collector.url.rpartition(":")[2]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "", "[", "a b"]
)
def test_a_name_that_an_attacker_could_rebind_is_refused(collector: LocalCollector, path: str, host: str):
    answer = requests.get(f"{collector.url}{path}", headers={"Host": host}, timeout=30)
    assert answer.status_code in {400, 403}  # uvicorn itself answers 400 to a Host that is none
    assert "example.com" not in answer.text


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:80", "192.168.1.7:9500", "shop.localhost"]
)
def test_addresses_and_local_names_are_answered(collector: LocalCollector, host: str):
    assert requests.get(collector.url, headers={"Host": host}, timeout=30).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost.evil.example", "file://", "http://[::1"],
)
@pytest.mark.parametrize(
    "path", ["/v1/events", "/moesifapi/events/batch", "/settings/sampling", "/settings/faults", "/clear"]
)
def test_a_post_from_another_site_changes_nothing(collector: LocalCollector, origin: str, path: str):
    answer = requests.post(
        f"{collector.url}{path}", json=make_event(), headers=HEADERS | {"Origin": origin}, timeout=30
    )
    assert answer.status_code == 403
    assert len(collector.events()) == 1


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_site_cannot_read_and_gets_no_leave_to_send(collector: LocalCollector, origin: str):
    assert requests.get(collector.url, headers={"Origin": origin}, timeout=30).status_code == 403
    preflight = requests.options(
        f"{collector.url}/v1/events",
        headers={"Origin": origin, "Access-Control-Request-Method": "POST"},
        timeout=30,
    )
    assert preflight.status_code == 403
    assert not [name for name in preflight.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_can_link_here_but_not_load_anything_from_here(collector: LocalCollector, site: str):
    headers = {"Sec-Fetch-Site": site}
    assert (
        requests.get(
            f"{collector.url}/calls/1/event.json", headers=headers | {"Sec-Fetch-Mode": "no-cors"}, timeout=30
        ).status_code
        == 403
    )
    assert requests.get(collector.url, headers=headers | {"Sec-Fetch-Mode": "navigate"}, timeout=30).status_code == 200
    assert (
        requests.post(
            f"{collector.url}/clear", headers=headers | {"Sec-Fetch-Mode": "navigate"}, timeout=30
        ).status_code
        == 403
    )


def test_the_page_itself_may_post(collector: LocalCollector):
    answer = requests.post(
        f"{collector.url}/settings/faults",
        data={"fail": "", "delay": ""},
        headers={"Origin": collector.url},
        timeout=30,
    )
    assert answer.ok


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_forbids_inline_script_frames_and_foreign_loads(collector: LocalCollector, path: str):
    answer = requests.get(f"{collector.url}{path}", timeout=30)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("path", ["/", "/routes", "/settings", "/calls/1"])
def test_no_page_has_a_script_or_a_style_of_its_own_or_from_elsewhere(collector: LocalCollector, path: str):
    page = requests.get(f"{collector.url}{path}", timeout=30).text
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
    assert 'src="http' not in page
    assert 'rel="stylesheet" href="http' not in page


def test_the_static_files_are_all_that_can_be_read(collector: LocalCollector):
    for path in ("/static/../store.py", "/static/%2e%2e/store.py", "/static//etc/passwd", "/static/..%2fstore.py"):
        request = requests.Request("GET", collector.url).prepare()
        request.url = f"{collector.url}{path}"
        with requests.Session() as session:
            assert session.send(request, timeout=30).status_code == 404


def test_the_names_that_the_user_gave_are_answered():
    with LocalCollector(host="localhost") as collector:
        assert requests.get(collector.url, headers={"Host": f"localhost:{port_of(collector)}"}, timeout=30).ok
