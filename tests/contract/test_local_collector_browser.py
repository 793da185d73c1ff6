"""The page of the local collector in a real browser."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
import requests
from playwright.sync_api import Locator, Page, expect
from support.chromium import chromium
from support.moesif_events import HEADERS, make_event

from opentelemetry_exporter_moesif.local_collector import LocalCollector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

expect.set_options(timeout=30_000)  # a loaded machine is slow, not wrong
HOSTILE = "</script><script>window.owned = 1</script><img src=x onerror='window.owned = 1'><svg onload=window.owned=1>"
HOUR_MS = 3_600_000
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def collector() -> Iterator[LocalCollector]:
    with LocalCollector() as running:
        yield running


@pytest.fixture
def page(browser: Browser, collector: LocalCollector) -> Iterator[Page]:
    """A page on which nothing may go wrong in silence; closed before the collector goes."""
    complaints: list[str] = []
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(30_000)
    opened.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert opened.evaluate("window.owned") is None
    opened.close()
    assert complaints == []


def send(collector: LocalCollector, *events: object) -> None:
    answer = requests.post(f"{collector.url}/v1/events/batch", json=events, headers=HEADERS, timeout=30)
    assert answer.status_code in {201, 400}


def paths(page: Page) -> list[str]:
    return page.locator("#rows a").all_inner_texts()


def status_filter(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Status")


def at(path: str, **changes: object) -> dict:
    return make_event({"request.uri": f"https://api.example.com{path}", **changes})


def test_the_first_call_and_the_next_ones_appear_without_a_reload(page: Page, collector: LocalCollector):
    page.goto(collector.url)
    expect(page.get_by_role("heading", name="Waiting for the first call")).to_be_visible()
    page.evaluate("window.sameDocument = true")
    send(collector, at("/first"))
    expect(page.locator("#rows a")).to_have_text(["/first"])
    expect(page.locator("#chart-status canvas")).to_be_visible()
    send(collector, at("/second"))
    expect(page.locator("#rows a")).to_have_text(["/second", "/first"])
    expect(page.locator("#figures dd").first).to_have_text("2")
    assert page.evaluate("window.sameDocument") is True


def test_the_command_that_the_first_page_offers_makes_the_first_call_appear(page: Page, collector: LocalCollector):
    page.goto(collector.url)
    command = page.locator("#by-hand").inner_text()
    subprocess.run(["bash", "-ec", command], check=True, timeout=30, capture_output=True)
    expect(page.locator("#rows a")).to_have_text(["/hello"])
    assert collector.invalid() == []


def test_what_the_reader_does_survives_a_new_call(page: Page, collector: LocalCollector):
    send(collector, at("/first"))
    page.goto(collector.url)
    page.locator("#rows a").first.focus()
    send(collector, at("/second"))
    expect(page.locator("#rows a")).to_have_count(2)
    expect(page.get_by_role("link", name="/first")).to_be_focused()


def test_a_pause_holds_the_list_still_and_its_end_brings_it_up_to_date(page: Page, collector: LocalCollector):
    send(collector, at("/first"))
    page.goto(collector.url)
    expect(page.locator("#live-state")).to_have_text("Live")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#live-state")).to_have_text("Paused")
    send(collector, at("/second"))
    page.wait_for_timeout(1_000)
    assert paths(page) == ["/first"]
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#rows a")).to_have_text(["/second", "/first"])


def test_a_filter_acts_at_once_is_in_the_address_and_holds_for_new_calls(page: Page, collector: LocalCollector):
    send(collector, at("/fine"), at("/broken", **{"response.status": 503}), at("/missing", **{"response.status": 404}))
    page.goto(collector.url)
    status_filter(page).select_option("5xx")
    expect(page.locator("#rows a")).to_have_text(["/broken"])
    expect(page).to_have_url(f"{collector.url}/?status=5xx")
    send(collector, at("/fine-too"), at("/broken-too", **{"response.status": 500}))
    expect(page.locator("#rows a")).to_have_text(["/broken-too", "/broken"])
    page.get_by_label("Search").fill("too")
    expect(page.locator("#rows a")).to_have_text(["/broken-too"])
    expect(page).to_have_url(re.compile(r"\?q=too&status=5xx$"))
    page.reload()
    expect(page.locator("#rows a")).to_have_text(["/broken-too"])
    expect(page.get_by_label("Search")).to_have_value("too")
    expect(status_filter(page)).to_have_value("5xx")
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator("#rows a")).to_have_count(5)


def test_the_browsers_way_back_leads_to_the_filter_before(page: Page, collector: LocalCollector):
    send(collector, at("/fine"), at("/broken", **{"response.status": 503}))
    page.goto(collector.url)
    status_filter(page).select_option("5xx")
    expect(page.locator("#rows a")).to_have_text(["/broken"])
    page.go_back()
    expect(page.locator("#rows a")).to_have_count(2)
    expect(status_filter(page)).to_have_value("")


def test_filters_by_method_route_user_and_problems_work_together(page: Page, collector: LocalCollector):
    send(
        collector,
        at("/a", **{"user_id": "ada", "request.verb": "POST", "metadata": {"http.route": "/{letter}"}}),
        at("/b", **{"user_id": "ada", "metadata": {"http.route": "/{letter}"}, "response.verb": None}),
        at("/c", user_id="grace", metadata={"http.route": "/other"}),
    )
    page.goto(collector.url)
    page.get_by_label("Route").select_option("/{letter}")
    expect(page.locator("#rows a")).to_have_text(["/b", "/a"])
    page.get_by_label("User").fill("ADA")
    page.get_by_label("Method").select_option("GET")
    expect(page.locator("#rows a")).to_have_text(["/b"])
    page.get_by_label("Problems only").check()
    expect(page).to_have_url(re.compile("problems=1"))
    page.get_by_label("Method").select_option("POST")
    expect(page.get_by_role("heading", name="No call passes these filters")).to_be_visible()


def test_a_call_is_shown_in_full_and_its_command_can_be_copied(page: Page, collector: LocalCollector):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.clock.install(time=0)
    send(
        collector, at("/orders", **{"request.body": {"lines": [{"sku": "BOOT"}]}, "request.transfer_encoding": "json"})
    )
    page.goto(collector.url)
    page.get_by_role("link", name="/orders").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("https://api.example.com/orders")
    expect(page.get_by_text("BOOT", exact=True)).to_be_visible()
    page.get_by_text("list, 1 item").click()
    expect(page.get_by_text("BOOT", exact=True)).to_be_hidden()
    page.clock.pause_at(HOUR_MS)  # what stands there for two seconds stands there until the clock is told to go on
    page.locator("button[data-copy=curl]").click()
    expect(page.locator("button[data-copy=curl]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl --globoff")
    page.clock.run_for(2_000)
    expect(page.locator("button[data-copy=curl]")).to_have_text("Copy")
    page.clock.resume()
    page.get_by_role("link", name="← Calls").click()
    expect(page.locator("#rows a")).to_have_text(["/orders"])


def test_a_hostile_event_runs_nothing_on_any_page(page: Page, collector: LocalCollector):
    send(
        collector,
        at(
            f"/{HOSTILE}",
            **{
                "request.verb": HOSTILE,
                "request.headers": {HOSTILE: HOSTILE},
                "request.body": {HOSTILE: HOSTILE},
                "request.transfer_encoding": "json",
                "response.body": HOSTILE,
                "user_id": HOSTILE,
                "company_id": HOSTILE,
                "trace_id": HOSTILE,
                "metadata": {"http.route": HOSTILE, HOSTILE: HOSTILE, "resource": {"service.name": HOSTILE}},
                HOSTILE: 1,
            },
        ),
    )
    page.goto(collector.url)
    expect(page.locator("#rows a")).to_have_count(1)
    send(collector, at(f"/{HOSTILE}", user_id=HOSTILE))  # and by way of the live update
    expect(page.locator("#rows a")).to_have_count(2)
    expect(page.locator("#rows tr").last).to_contain_text("window.owned")
    page.get_by_label("Search").fill(HOSTILE)
    expect(page).to_have_url(re.compile("q=..*owned"))
    for path in ("/calls/1", "/calls/2", "/routes"):
        page.goto(f"{collector.url}{path}")
        expect(page.locator("main")).to_contain_text("window.owned")
    assert page.locator("main img, main svg:not(.distribution), main script").count() == 0


def test_the_browser_itself_would_refuse_a_script_in_the_page(browser: Browser, collector: LocalCollector):
    send(collector, at("/a"))
    opened = browser.new_page()
    opened.goto(collector.url)
    with opened.expect_console_message(lambda message: "Content Security Policy" in message.text):
        opened.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.owned = 1'}))"
        )
    assert opened.evaluate("window.owned") is None
    opened.close()


def test_routes_show_their_figures_and_lead_to_their_calls(page: Page, collector: LocalCollector):
    send(
        collector,
        *(at(f"/items/{number}", **{"response.status": 500 if number == 0 else 200}) for number in range(4)),
        at("/other"),
    )
    page.goto(collector.url)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Routes").click()
    row = page.get_by_role("row").filter(has_text="/items/{id}")
    expect(row.get_by_role("cell")).to_have_text(
        ["GET", "4", "0 %", "25.0 %", "43 ms", "43 ms", "43 ms", re.compile("4 below 50 ms")]
    )
    send(collector, at("/items/9"))
    expect(row.get_by_role("cell").nth(1)).to_have_text("5")
    row.get_by_role("link").click()
    expect(page.locator("#rows a")).to_have_count(5)


def point_at(page: Page, chart: str, output: str, text: str) -> None:
    """Points at the middle of a chart until that tells something: it is drawn when the page is there."""
    for _ in range(100):
        page.mouse.move(0, 0)
        page.locator(f"{chart} .u-over").hover()
        if page.locator(output).inner_text() == text:
            return
        page.wait_for_timeout(100)
    expect(page.locator(output)).to_have_text(text)


def test_the_charts_tell_what_is_under_the_pointer(page: Page, collector: LocalCollector):
    send(collector, at("/a"), at("/b", **{"response.status": 503}))
    page.goto(collector.url)
    point_at(page, "#chart-status", "#legend-status output[data-of='2xx']", "1")
    expect(page.locator("#legend-status output[data-of='5xx']")).to_have_text("1")
    send(collector, at("/c"))
    expect(page.locator("#legend-status output[data-of='2xx']")).to_have_text("2")  # under the resting pointer
    point_at(page, "#chart-latency", "#legend-latency output[data-of=p50]", "43 ms")


def test_what_is_under_the_pointer_stays_told_when_a_call_comes_that_the_filters_leave_out(
    page: Page, collector: LocalCollector
):
    send(collector, at("/a"))
    page.goto(f"{collector.url}/?verb=GET")
    point_at(page, "#chart-status", "#legend-status output[data-of='2xx']", "1")
    send(collector, at("/b", **{"request.verb": "POST"}))
    expect(page.locator("option[value='/b']")).to_be_attached()
    expect(page.locator("#legend-status output[data-of='2xx']")).to_have_text("1")


def test_dragging_over_a_chart_chooses_a_range_and_all_shows_everything_again(page: Page, collector: LocalCollector):
    send(collector, *(at(f"/{second}", **{"request.time": f"2016-08-16T09:21:{second:02}.000Z"}) for second in (0, 59)))
    page.goto(collector.url)
    chart = page.locator("#chart-status .u-over").bounding_box()
    page.mouse.move(chart["x"] + 1, chart["y"] + 50)
    page.mouse.down()
    page.mouse.move(chart["x"] + chart["width"] / 2, chart["y"] + 50, steps=5)
    send(collector, at("/58", **{"request.time": "2016-08-16T09:21:58.000Z"}))  # in the middle of it
    expect(page.locator("#rows a")).to_have_count(3)
    page.mouse.up()
    expect(page.locator("#rows a")).to_have_text(["/0"])
    expect(page).to_have_url(re.compile(r"range=chosen&from=14713\d+&to=14713\d+"))
    page.reload()
    expect(page.locator("#rows a")).to_have_text(["/0"])
    page.locator("#range").select_option("")
    expect(page.locator("#rows a")).to_have_count(3)
    expect(page).to_have_url(f"{collector.url}/")


def test_an_old_call_does_not_squeeze_the_last_hour(page: Page, collector: LocalCollector):
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    send(collector, at("/old"), at("/new", **{"request.time": now, "response.time": now}))
    page.goto(collector.url)
    page.locator("#range").select_option("1h")
    expect(page.locator("#rows a")).to_have_text(["/new"])
    expect(page).to_have_url(f"{collector.url}/?range=1h")
    series = json.loads(page.locator("#chart-status").get_attribute("data-series"))
    assert series["width"] * len(series["times"]) in range(3_600, 3_721)


def test_a_click_on_a_columns_head_sorts_by_it(page: Page, collector: LocalCollector):
    send(
        collector,
        *(
            at(f"/{letter}", **{"response.status": status})
            for letter, status in zip("bca", (201, 500, 404), strict=True)
        ),
    )
    page.goto(collector.url)
    page.get_by_role("columnheader", name="Status").get_by_role("link").click()
    expect(page.locator("#rows a")).to_have_text(["/c", "/a", "/b"])
    expect(page.get_by_role("columnheader", name="Status")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("columnheader", name="Address").get_by_role("link").click()
    page.get_by_role("columnheader", name="Address").get_by_role("link").click()
    expect(page.locator("#rows a")).to_have_text(["/a", "/b", "/c"])
    page.get_by_role("link", name="By arrival").click()
    expect(page.locator("#rows a")).to_have_text(["/a", "/c", "/b"])


def test_the_calls_of_one_trace_are_shown_one_after_the_other(page: Page, collector: LocalCollector):
    trace, times = "ab" * 16, ("02", "01")
    send(
        collector,
        *(at(f"/{second}", trace_id=trace, **{"request.time": f"2016-08-16T09:21:{second}.000Z"}) for second in times),
        at("/other"),
    )
    page.goto(f"{collector.url}/calls/1")
    page.get_by_role("link", name=trace).click()
    expect(page.locator("#rows a")).to_have_text(["/01", "/02"])


def test_a_long_body_is_folded_until_it_is_asked_for(page: Page, collector: LocalCollector):
    lines = {f"line{number}": number for number in range(200)}
    send(collector, at("/long", **{"request.body": lines, "request.transfer_encoding": "json"}))
    page.goto(f"{collector.url}/calls/1")
    folded = page.locator("#request-body").bounding_box()["height"]
    assert folded < 900
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("button", name="Show less")).to_be_visible()
    assert page.locator("#request-body").bounding_box()["height"] > 2 * folded


@pytest.mark.parametrize("width", [1_280, 320])
def test_the_badge_of_a_problem_is_never_cut_off(page: Page, collector: LocalCollector, width: int):
    send(
        collector, at("/" + "long" * 80, **{"request.ip_address": "nobody's"}), at("/noted", **{"response.verb": None})
    )
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(collector.url)
    badge, cell = (page.locator(f"#rows {name}").last.bounding_box() for name in (".problem", ".c-uri"))
    assert badge["x"] + badge["width"] <= cell["x"] + cell["width"] + 1
    expect(page.locator("#rows .problem")).to_have_text(["misread"])


def test_what_is_shown_can_be_saved(page: Page, collector: LocalCollector):
    send(collector, at("/fine"), at("/broken", **{"response.status": 503}))
    page.goto(f"{collector.url}/?status=5xx")
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON lines").click()
    (event,) = map(json.loads, download.value.path().read_text().splitlines())
    assert event == collector.events()[1]


def test_the_page_can_be_used_by_keyboard_alone(page: Page, collector: LocalCollector):
    send(collector, at("/a"), at("/b"))
    page.goto(collector.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search")).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#rows') !== null"):
            break
    expect(page.get_by_role("link", name="/b")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("/b")


def test_a_screen_reader_finds_names_and_hears_of_new_calls(page: Page, collector: LocalCollector):
    send(collector, at("/a"))
    page.goto(collector.url)
    expect(page.get_by_role("table", name="Calls, the newest first")).to_be_visible()
    assert page.get_by_role("columnheader").all_inner_texts()[:4] == ["Time", "Method", "Address", "Status"]
    expect(page.get_by_role("rowheader", name="/a")).to_be_visible()
    unnamed = "els => els.filter(e => !(e.labels?.length || e.innerText || e.ariaLabel)).map(e => e.outerHTML)"
    assert page.locator("input:not([type=hidden]), select, button:visible, textarea").evaluate_all(unnamed) == []
    send(collector, at("/b"))
    expect(page.get_by_role("status").filter(has_text="2 calls")).to_have_count(1)


@pytest.mark.parametrize("width", [PHONE["width"], 1_280])
def test_the_first_page_fits_its_window(page: Page, collector: LocalCollector, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(collector.url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", ["/", "/routes", "/settings", "/calls/1"])
def test_nothing_is_cut_off_on_a_phone(page: Page, collector: LocalCollector, path: str):
    send(
        collector, at(f"/a/{'long' * 60}", user_id="someone.with.a.long.name@a-long-domain.example", trace_id="0" * 32)
    )
    page.set_viewport_size(PHONE)
    page.goto(f"{collector.url}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_on_a_phone_the_filters_open_at_a_touch_and_stay_open(page: Page, collector: LocalCollector):
    send(collector, at("/a"), at("/b", **{"response.status": 500}))
    page.set_viewport_size(PHONE)
    page.goto(collector.url)
    expect(status_filter(page)).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    status_filter(page).select_option("5xx")
    expect(page.locator("#rows a")).to_have_text(["/b"])
    expect(page.get_by_role("button", name="Filters")).to_have_attribute("aria-expanded", "true")
    expect(status_filter(page)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/routes", "/settings", "/calls/1", "/calls/2"])
def test_text_stands_out_from_its_ground_in_light_and_in_the_dark(
    page: Page, collector: LocalCollector, scheme: str, path: str
):
    statuses = [None, 100, 200, 301, 404, 503]
    send(
        collector,
        *(
            at("/a?b=c", **{"response.status": status, "response.verb": None, "user_id": "u"})
            for status in statuses[1:]
        ),
    )
    send(collector, at("/none", response=None, **{"request.body": {"a": ["x", 1, None]}}))
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{collector.url}{path}")
    assert page.evaluate(LOW_CONTRAST) == []


# WCAG 2.2, 1.4.3: the contrast of each text with the first opaque ground behind it is 4.5 at least
LOW_CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const part = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.nodeValue.trim() || !element.checkVisibility() || element.closest(".arrived")) continue;
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(groundOf(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) low.push(`${contrast.toFixed(2)} ${element.className} ${walker.currentNode.nodeValue.trim()}`);
  }
  return low;
}"""
