"""`moesif-otel check`: one event to the single-event endpoint, what answered, and what to fix."""

from __future__ import annotations

import time
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from opentelemetry_exporter_moesif import json_codec
from opentelemetry_exporter_moesif.delivery.compression import gzip
from opentelemetry_exporter_moesif.delivery.deadline import Deadline
from opentelemetry_exporter_moesif.delivery.exchange.answer import Answer, Verdict
from opentelemetry_exporter_moesif.delivery.exchange.client import Client
from opentelemetry_exporter_moesif.delivery.exchange.endpoint import Endpoint, is_loopback
from opentelemetry_exporter_moesif.redaction import scrub
from opentelemetry_exporter_moesif.terminal.exit_codes import DONE, NOT_DONE
from opentelemetry_exporter_moesif.terminal.output import say, say_json
from opentelemetry_exporter_moesif.terminal.settings import NO_APPLICATION_ID, add_settings, config_of

if TYPE_CHECKING:
    import argparse

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.mapping.event import Event

_BATCH = "/batch"
_CREATED = 201


@dataclass(frozen=True)
class Attempt:
    """One POST: where, what came back, and how long it took."""

    url: str
    status: int | None
    error: str | None
    seconds: float

    def __str__(self) -> str:
        """One line for a person."""
        answer = self.status if self.error is None else f"no answer ({self.error})"
        return f"POST {self.url}: {answer} in {self.seconds:.2f} s"


@dataclass(frozen=True)
class Result:
    """What `check` found out; its fields are those of `--json`."""

    ok: bool
    endpoint: str
    proxy: str | None
    attempts: tuple[Attempt, ...]
    url: str | None = None
    status: int | None = None
    seconds: float | None = None
    transaction_id: str | None = None
    hint: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `check`."""
    parser.description = (
        "Sends one event to Moesif's single-event endpoint, as the exporter would, and says which path answered what,"
        " how long it took, and what to fix where it was not taken. The event counts as any other: GET"
        " http://moesif-otel-check.invalid/."
    )
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Sends the event; 0 where it was taken."""
    result = check(config_of(arguments))
    if arguments.json:
        say_json(asdict(result))
    else:
        _say(result)
    return DONE if result.ok else NOT_DONE


def check(config: Config) -> Result:
    """Posts one event, to the other path as well where the exporter would."""
    proxy = _proxy(config.endpoint)
    if config.application_id is None:
        return Result(ok=False, endpoint=scrub(config.endpoint), proxy=proxy, attempts=(), hint=NO_APPLICATION_ID)
    event = _event()
    gzipped = config.compression == "gzip"
    body = json_codec.dumps(event)
    body = gzip(body) if gzipped else body
    client = Client(config)
    attempts: list[Attempt] = []

    def send(batch_url: str) -> Answer:
        url = batch_url.removesuffix(_BATCH)
        began = time.perf_counter()
        answer = client.post_to(url, body, Deadline.after(config.timeout), gzipped=gzipped)
        status = answer.status if answer.failure is None else None
        attempts.append(Attempt(scrub(url), status, answer.failure, round(time.perf_counter() - began, 3)))
        return answer

    answer = Endpoint(config.endpoint).post(send)
    client.close()
    return _result(config, proxy, tuple(attempts), answer, event["transaction_id"])


def _result(
    config: Config, proxy: str | None, attempts: tuple[Attempt, ...], answer: Answer, transaction_id: str
) -> Result:
    # The answer that counts is one of the attempts': the last one with its status or failure.
    counted = next(
        attempt for attempt in reversed(attempts) if answer.error_type in (attempt.error, str(attempt.status))
    )
    hint = answer.hint
    ok = answer.verdict is Verdict.DELIVERED
    if ok and counted.status != _CREATED:
        hint = f"Moesif itself answers {_CREATED}: is it Moesif, and no proxy, that answered?"
    return Result(
        ok=ok,
        endpoint=scrub(config.endpoint),
        proxy=proxy,
        attempts=attempts,
        url=counted.url,
        status=counted.status,
        seconds=counted.seconds,
        transaction_id=transaction_id if ok else None,
        hint=hint,
    )


def _say(result: Result) -> None:
    by_way = f", by way of the proxy {result.proxy}" if result.proxy else ""
    say(f"Moesif at {result.endpoint}{by_way}")
    for attempt in result.attempts:
        say(f"  {attempt}")
    if result.ok:
        is_local = is_loopback(urlsplit(result.endpoint).hostname or "")
        soon = "on the collector's page" if is_local else "in Moesif within a minute or so"
        say(f"Taken. It shows {soon}, as GET {_URI} ({result.transaction_id})")
    if result.hint:
        say(f"But {result.hint}" if result.ok else f"Not taken: {result.hint}")
    elif not result.ok:
        say("Not taken.")


_URI = "http://moesif-otel-check.invalid/"


def _event() -> Event:
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "request": {"time": now, "uri": _URI, "verb": "GET", "ip_address": "127.0.0.1", "headers": {}},
        "response": {"time": now, "status": 200, "verb": "GET", "headers": {}},
        "transaction_id": str(uuid.uuid4()),
        "action_name": "moesif-otel check",
        "direction": "Incoming",
    }


def _proxy(endpoint: str) -> str | None:
    """The proxy on the way, without its password; none where its address is not one."""
    from requests.utils import get_environ_proxies, select_proxy  # noqa: PLC0415 - loaded for the request anyway

    proxy = select_proxy(endpoint, get_environ_proxies(endpoint))
    if not proxy:
        return None
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.hostname}{port}"
