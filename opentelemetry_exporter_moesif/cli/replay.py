"""`moesif-otel replay`: calls that were collected elsewhere, sent as if they were exported now."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.cli import argument_types
from opentelemetry_exporter_moesif.cli.delivery_count import DeliveryCount
from opentelemetry_exporter_moesif.cli.exit_codes import DONE, INTERRUPTED, NOT_DONE
from opentelemetry_exporter_moesif.cli.interruption import Interruption
from opentelemetry_exporter_moesif.cli.output import counted, note, say, say_json
from opentelemetry_exporter_moesif.cli.settings import NO_APPLICATION_ID, add_settings, config_of
from opentelemetry_exporter_moesif.replay.events import EventReader, Tally
from opentelemetry_exporter_moesif.replay.outlet import Outlet, Printing, Sending, UndeliveredError
from opentelemetry_exporter_moesif.replay.progress import progress
from opentelemetry_exporter_moesif.replay.records import Source

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from opentelemetry_exporter_moesif.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `replay`."""
    parser.description = (
        "Sends calls that were collected elsewhere: OTLP JSON lines (of the OpenTelemetry Collector's file exporter, or"
        " of an SDK's) or Moesif events (a JSON array, or lines), gzip or not; what a file holds is seen from its"
        " content. Spans become events by the very code of the exporter, with its settings. Safe to repeat after an"
        " interruption: each call keeps its id, and Moesif counts an id once."
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file, or - for standard input")
    parser.add_argument(
        "--dry-run", action="store_true", help="send nothing; print what would be sent, one event a line"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the summary as one JSON object (and no events, with --dry-run)"
    )
    argument_types.add_patience(parser)
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Replays the files; 0 where every call was sent and every line could be read."""
    # Not the service's own spool: what it holds is not this command's to send.
    config = replace(config_of(arguments), spool_directory=None)
    if config.application_id is None and not arguments.dry_run:
        note(f"Nothing was sent: {NO_APPLICATION_ID}")
        return NOT_DONE
    tally, count = Tally(), DeliveryCount(config)
    outlet = Printing(quiet=arguments.json) if arguments.dry_run else Sending(config, count, arguments.patience)
    began = time.monotonic()
    ending = _replay(arguments.files, config, tally, outlet)
    seconds = time.monotonic() - began
    if arguments.json:
        say_json(_summary(tally, count, outlet, ending, seconds))
    else:
        _say(tally, count, outlet, ending, seconds)
    if ending == _INTERRUPTED:
        return INTERRUPTED
    return NOT_DONE if ending or tally.bad or count.losses else DONE


_INTERRUPTED = "interrupted: run it again with the same files, nothing counts twice"


def _replay(files: Sequence[str], config: Config, tally: Tally, outlet: Outlet) -> str | None:
    """Reads everything into the outlet. Returns why it ended early, or None."""
    sources = [Source(name) for name in files]
    reader, interruption = EventReader(config, tally), Interruption()
    try:
        with interruption.watched(), progress(sources) as show:
            for source in sources:
                for record in source.records():
                    for event in reader.events(record):
                        outlet.put(event)
                    interruption.check()
                    show(source, tally.events)
            for event in reader.rest():
                outlet.put(event)
            outlet.flush()
            interruption.check()
    except UndeliveredError as error:
        return str(error)
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        outlet.close()
    return None


def _summary(
    tally: Tally, count: DeliveryCount, outlet: Outlet, ending: str | None, seconds: float
) -> dict[str, object]:
    return {
        "dry_run": isinstance(outlet, Printing),
        **asdict(tally),
        "sent": count.sent,
        "lost": dict(count.losses),
        "unsent": 0 if isinstance(outlet, Printing) else tally.events - count.settled,
        "ended_early": ending,
        "seconds": round(seconds, 3),
    }


def _say(tally: Tally, count: DeliveryCount, outlet: Outlet, ending: str | None, seconds: float) -> None:
    # The events of a dry run have standard output for themselves.
    tell = note if isinstance(outlet, Printing) else say
    if isinstance(outlet, Printing):
        tell(f"{counted(tally.events, 'event')} would be sent.")
    else:
        tell(f"Sent {counted(count.sent, 'event')} in {seconds:.1f} s.")
    asides = (
        (tally.passed_over, "span", "passed over: no HTTP call of a server's, or excluded"),
        (tally.other_signals, "record", "passed over: metrics or logs"),
        (tally.bad, "record", "bad: see above"),
    )
    for number, noun, what in asides:
        if number:
            tell(f"  {counted(number, noun)} {what}")
    for reason, lost in count.losses.items():
        tell(f"  {counted(lost, 'event')} lost: {reason}")
    if ending:
        note(f"Not everything was sent. {ending[0].upper()}{ending[1:]}")
