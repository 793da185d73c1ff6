"""`moesif-otel demo`: real calls of real web applications, seen as the events that Moesif would get."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.cli.demo.services import FRAMEWORKS, Service, services
from opentelemetry_exporter_moesif.cli.demo.signals import ended_by_signals
from opentelemetry_exporter_moesif.cli.demo.traffic import FULL, ROUND, DemoCall, lifelike_call
from opentelemetry_exporter_moesif.terminal import argument_types
from opentelemetry_exporter_moesif.terminal.exit_codes import DONE, NOT_DONE
from opentelemetry_exporter_moesif.terminal.output import note, say, say_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from opentelemetry_exporter_moesif.cli.demo.report import Event
    from opentelemetry_exporter_moesif.local_collector import LocalCollector

_APPLICATION_ID = "demo"
_ARRIVAL_SECONDS = 30.0
_CALLS_A_SECOND = 4.0


class DemoError(Exception):
    """Something that the demonstration is to show did not happen; the text says what."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `demo`."""
    parser.description = (
        "Starts a local stand-in for Moesif and two small web applications (Flask and FastAPI) under"
        " opentelemetry-instrument, sends them real requests and shows the events that arrive. Nothing leaves this"
        " machine; free ports; everything has ended afterwards."
    )
    parser.add_argument(
        "--serve", action="store_true", help="go on with lifelike calls and keep the page open until Ctrl-C"
    )
    parser.add_argument(
        "--port",
        type=argument_types.port,
        default=0,
        help="the port of the page and the collector (default: a free one)",
    )
    parser.add_argument("--json", action="store_true", help="print the events as a JSON array and nothing else")


def run(arguments: argparse.Namespace) -> int:
    """Runs the demonstration; 0 where every call arrived as an event."""
    from opentelemetry_exporter_moesif.local_collector import LocalCollector  # noqa: PLC0415 - its extra may be missing

    tell = note if arguments.json else say
    try:
        with ended_by_signals(), LocalCollector(_APPLICATION_ID, port=arguments.port) as collector:
            tell(f"A stand-in for Moesif listens on {collector.url}")
            with services(collector.url, _APPLICATION_ID) as running:
                for name, service in running.items():
                    tell(f"{name}: {FRAMEWORKS[name]} and opentelemetry-instrument, on port {service.port}")
                for call in ROUND:
                    _send(call, running)
                _await_events(collector, running)
                _report(collector.events(), arguments)
                if arguments.serve:
                    _serve(collector, running)
    except DemoError as failure:
        note(f"The demo failed: {failure}")
        return NOT_DONE
    except OSError as error:
        note(f"The demo could not start: {error}")
        return NOT_DONE
    return DONE


def _send(call: DemoCall, running: Mapping[str, Service]) -> None:
    service = running[call.service]
    try:
        status = call.send(service.port)
    except OSError as error:
        message = f"{service.name} did not answer {call.verb} {call.target} ({error}).{service.wrote()}"
        raise DemoError(message) from error
    if status != call.status:
        message = f"{service.name} answered {status} to {call.verb} {call.target}, not {call.status}.{service.wrote()}"
        raise DemoError(message)


def _await_events(collector: LocalCollector, running: Mapping[str, Service]) -> None:
    with contextlib.suppress(TimeoutError):
        collector.wait_for(len(ROUND), _ARRIVAL_SECONDS)
    from opentelemetry_exporter_moesif.cli.demo.report import find  # noqa: PLC0415 - rich, of the extra

    events = collector.events()
    missing = [call for call in ROUND if find(events, call) is None]
    if missing:
        raise DemoError(_what_is_missing(missing, running))
    refused = [problem for _, problems in collector.invalid() for problem in problems]
    if refused:
        message = f"events arrived that are not as Moesif wants them: {'; '.join(refused)}"
        raise DemoError(message)


def _what_is_missing(missing: list[DemoCall], running: Mapping[str, Service]) -> str:
    calls = "\n".join(f"  {call.service}: {call.verb} {call.target}" for call in missing)
    logs = "".join(running[name].wrote() for name in sorted({call.service for call in missing}))
    return f"no event came within {_ARRIVAL_SECONDS:.0f} s for\n{calls}{logs}"


def _report(events: list[Event], arguments: argparse.Namespace) -> None:
    from opentelemetry_exporter_moesif.cli.demo import report  # noqa: PLC0415 - rich, of the extra

    if arguments.json:
        say_json(events)
        return
    console = report.console()
    console.print(f"\n{len(ROUND)} requests were sent, {len(events)} events arrived:\n", style="bold")
    console.print(report.table(events))
    if arguments.serve:
        return
    console.print(
        "\nOne of them in full, as Moesif would get it (secrets are masked before they leave):\n", style="bold"
    )
    full = report.find(events, FULL)
    if full is not None:
        console.print(report.in_full(full))
    say()
    say(report.NEXT)


def _serve(collector: LocalCollector, running: Mapping[str, Service]) -> None:
    note(f"\nThe page is at {collector.url}/ and more calls keep coming. Ctrl-C ends it.")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            _send(lifelike_call(), running)
            time.sleep(1 / _CALLS_A_SECOND)
    note("Ended.")
