"""Takes the screenshots of the local collector's page that the documentation shows.

Needs Chromium (`apt-get install chromium`) and the extra `test`. From the repository: `python docs/screenshots.py`.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import sys
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser

from opentelemetry_exporter_moesif.local_collector import LocalCollector

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.chromium import chromium

IMAGES = Path(__file__).parent / "images"
MINUTES = 45
CALLS = 1_400
SEED = 56  # its newest calls show several kinds of answers

# service, method, route, weight, usual milliseconds, statuses with their weights
ROUTES: list[tuple[str, str, str, int, float, dict[int, int]]] = [
    ("storefront", "GET", "/v1/products", 26, 38, {200: 97, 304: 3}),
    ("storefront", "GET", "/v1/products/{product_id}", 30, 22, {200: 94, 404: 5, 500: 1}),
    ("storefront", "GET", "/v1/search", 14, 120, {200: 96, 400: 2, 504: 2}),
    ("storefront", "POST", "/v1/carts/{cart_id}/items", 12, 46, {201: 93, 409: 4, 422: 3}),
    ("orders", "POST", "/v1/orders", 7, 210, {201: 88, 402: 6, 503: 6}),
    ("orders", "GET", "/v1/orders/{order_id}", 9, 31, {200: 96, 403: 2, 404: 2}),
    ("orders", "PATCH", "/v1/orders/{order_id}", 3, 64, {200: 95, 409: 5}),
    ("orders", "DELETE", "/v1/orders/{order_id}", 1, 40, {204: 90, 404: 10}),
    ("accounts", "POST", "/v1/sessions", 5, 95, {201: 82, 401: 15, 429: 3}),
    ("accounts", "GET", "/v1/me", 11, 12, {200: 98, 401: 2}),
]
PEOPLE = [
    ("ada.lovelace", "analytical"),
    ("grace.hopper", "navy"),
    ("alan.turing", "bletchley"),
    ("edsger.d", "eindhoven"),
]
PEOPLE += [("barbara.liskov", "mit"), ("donald.knuth", "stanford"), ("margaret.h", "apollo"), ("linus.t", "kernel")]
QUERIES = ["q=walking+boots", "q=rain+jacket&page=2", "q=tent&sort=price", "q=headlamp"]
REQUEST_BODIES: dict[str, Any] = {
    "/v1/orders": {
        "cart": "c-8141",
        "delivery": {"method": "courier", "city": "Zürich", "instructions": None},
        "items": [{"sku": "BOOT-42", "quantity": 1, "price": 149.9}, {"sku": "SOCK-M", "quantity": 3, "price": 12.5}],
        "payment": {"provider": "card", "card_number": "[REDACTED]"},
    },
    "/v1/carts/{cart_id}/items": {"sku": "TENT-2P", "quantity": 1},
    "/v1/sessions": {"name": "ada.lovelace", "password": "[REDACTED]"},
}


def main() -> None:
    """Fill a collector, and take each picture."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--to", type=Path, default=IMAGES, help="the folder of the pictures")
    folder = arguments.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    with LocalCollector() as collector, chromium() as browser:
        fill(collector.url)
        take_all(browser, collector.url, folder)


def take_all(browser: Browser, url: str, folder: Path) -> None:
    """Every picture of the documentation."""
    desk, phone = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
    take(browser, url, folder / "collector-light.png", desk, "light")
    take(browser, url, folder / "collector-dark.png", desk, "dark")
    take(browser, f"{url}/routes", folder / "collector-routes.png", {"width": 1280, "height": 720}, "light")
    take(
        browser,
        f"{url}/?route=%2Fv1%2Forders&status=5xx",
        folder / "collector-call.png",
        desk,
        "light",
        open_first=True,
    )
    take(browser, url, folder / "collector-phone.png", phone, "light", scale=2)


def take(
    browser: Browser,
    url: str,
    file: Path,
    size: dict[str, int],
    scheme: str,
    *,
    open_first: bool = False,
    scale: int = 1,
) -> None:
    """One picture."""
    page = browser.new_page(
        viewport=size, color_scheme=scheme, device_scale_factor=scale, locale="en-GB", timezone_id="Europe/Zurich"
    )
    page.goto(url)
    if open_first:
        page.locator("#rows a").first.click()
        page.wait_for_selector(".call-head")
    else:
        page.wait_for_selector("[data-state=on]")
    page.wait_for_timeout(400)
    page.screenshot(path=file)
    page.close()


def fill(url: str) -> None:
    """Send lifelike traffic of the last three quarters of an hour, with a small outage in it."""
    draw = random.Random(SEED)
    now = time.time()
    moments = sorted(now - MINUTES * 60 * draw.random() ** 0.85 for _ in range(CALLS))
    events = [event(draw, moment, now - moment) for moment in moments]
    events[-6]["request"].pop("ip_address")
    answer = requests.post(
        f"{url}/v1/events/batch", json=events, headers={"X-Moesif-Application-Id": "screenshots"}, timeout=60
    )
    answer.raise_for_status()


def event(draw: random.Random, moment: float, age: float) -> dict[str, Any]:
    """One call at a moment."""
    service, verb, route, _, usual, statuses = draw.choices(ROUTES, [entry[3] for entry in ROUTES])[0]
    outage = 900 < age < 1200 and service == "orders"
    status = 503 if outage and draw.random() < 0.5 else draw.choices(list(statuses), list(statuses.values()))[0]
    duration = usual * draw.lognormvariate(0, 0.45) * (6 if outage else 1) / 1_000
    user, company = draw.choice(PEOPLE) if status != 401 else (None, None)
    trace_id, span_id = f"{draw.getrandbits(128):032x}", f"{draw.getrandbits(64):016x}"
    request, response = request_part(draw, verb, route, moment), response_part(draw, verb, status, moment + duration)
    return {
        "request": request,
        "response": response,
        "transaction_id": str(uuid.UUID(int=draw.getrandbits(128))),
        "trace_id": trace_id,
        "span": {"id": span_id, **({"status": "ERROR"} if status >= 500 else {})},
        "action_name": f"{verb} {route}",
        "direction": "Incoming",
        **({"user_id": user, "company_id": company} if user else {}),
        "metadata": {
            "http.route": route,
            "feature.flags": "new-checkout",
            "resource": {"service.name": service, "service.version": "3.2.1", "deployment.environment.name": "staging"},
            **(
                {"exception": {"type": "UpstreamError", "message": "payment provider did not answer"}}
                if status == 503
                else {}
            ),
        },
    }


def request_part(draw: random.Random, verb: str, route: str, moment: float) -> dict[str, Any]:
    """The request of a call."""
    path = route
    for name, identifier in (("product_id", "p-"), ("cart_id", "c-"), ("order_id", "o-")):
        path = path.replace(f"{{{name}}}", f"{identifier}{draw.randrange(1_000, 9_999)}")
    query = f"?{draw.choice(QUERIES)}" if route == "/v1/search" else ""
    part: dict[str, Any] = {
        "time": iso(moment),
        "uri": f"https://api.outdoor.example{path}{query}",
        "verb": verb,
        "ip_address": f"203.0.113.{draw.randrange(1, 250)}",
        "headers": {
            "accept": "application/json",
            "authorization": "[REDACTED]",
            "host": "api.outdoor.example",
            "user-agent": draw.choice(["okhttp/4.12", "Mozilla/5.0 (Macintosh)", "python-requests/2.32"]),
            "x-request-id": f"{draw.getrandbits(64):016x}",
        },
    }
    if route in REQUEST_BODIES and verb == "POST":
        part |= {"body": REQUEST_BODIES[route], "transfer_encoding": "json"}
    return part


def response_part(draw: random.Random, verb: str, status: int, moment: float) -> dict[str, Any]:
    """The response of a call."""
    part: dict[str, Any] = {
        "time": iso(moment),
        "verb": verb,
        "status": status,
        "headers": {
            "content-type": "application/json",
            "server": "uvicorn",
            "x-ratelimit-remaining": str(draw.randrange(400)),
        },
    }
    if status >= 400:
        problem = {
            "title": "Service unavailable" if status >= 500 else "Not possible",
            "status": status,
            "retry": status >= 500,
        }
        part |= {"body": base64.b64encode(json.dumps(problem).encode()).decode(), "transfer_encoding": "base64"}
    return part


def iso(moment: float) -> str:
    """A time as events have it."""
    at = datetime.fromtimestamp(moment, timezone.utc)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1_000:03d}Z"


if __name__ == "__main__":
    main()
