"""`moesif-otel replay`: calls that were collected elsewhere, sent as if they were exported now."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.cli import replay_types
from opentelemetry_exporter_moesif.replay import replaying
from opentelemetry_exporter_moesif.replay.formats.table import FORMATS
from opentelemetry_exporter_moesif.replay.options import Options
from opentelemetry_exporter_moesif.replay.state import State
from opentelemetry_exporter_moesif.replay.task import Task
from opentelemetry_exporter_moesif.replay.worker import INTERRUPTED
from opentelemetry_exporter_moesif.terminal import argument_types
from opentelemetry_exporter_moesif.terminal.exit_codes import DONE, NOT_DONE, WRONG_USAGE
from opentelemetry_exporter_moesif.terminal.exit_codes import INTERRUPTED as INTERRUPTED_CODE
from opentelemetry_exporter_moesif.terminal.output import counted, note, say, say_json
from opentelemetry_exporter_moesif.terminal.settings import (
    NO_APPLICATION_ID,
    add_settings,
    config_of,
    log_to_standard_error,
)

if TYPE_CHECKING:
    import argparse

    from opentelemetry_exporter_moesif.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `replay`."""
    parser.usage = f"{parser.prog} [arguments] [--] FILE..."
    parser.description = (
        "Sends calls that were collected elsewhere: traces (OTLP, Zipkin, Jaeger), access logs (nginx, Apache, Envoy,"
        " Caddy, Traefik, AWS, IIS), HAR files, Moesif events; compressed or not. What a file holds is seen from its"
        " content. Calls become events by the very code of the exporter, with its settings. Safe to repeat after an"
        " interruption: each call keeps its id, and Moesif counts an id once."
    )
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a file, a directory, a pattern, s3://bucket/prefix, https://host/file, or - for standard input;"
        " behind -- also names that begin with a dash",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="send nothing; print what would be sent, one event a line"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the summary as one JSON object (and no events, with --dry-run)"
    )
    _add_reading(parser.add_argument_group("reading"))
    _add_choice(parser.add_argument_group("which calls"))
    _add_working(parser.add_argument_group("working"))
    argument_types.add_give_up_after(parser)
    add_settings(parser)


def _add_reading(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--format", choices=FORMATS, metavar="NAME", help=f"try this format alone: {', '.join(FORMATS)}")
    group.add_argument(
        "--log-format",
        type=replay_types.log_format,
        metavar="TEXT",
        help="how a line of an access log is written, in the notation of nginx's log_format",
    )
    group.add_argument(
        "--base-url",
        type=replay_types.base_url,
        metavar="URL",
        help="where calls went whose record does not know it, as most access logs do not: https://api.example.com",
    )


def _add_choice(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--spans",
        choices=("outermost", "innermost", "all"),
        default="outermost",
        help="which SERVER span makes the event where several are of one call (default: %(default)s)",
    )
    for option, whose in (("--service", "service"), ("--scope", "instrumentation scope")):
        group.add_argument(
            option,
            type=replay_types.name,
            action="append",
            default=[],
            metavar="NAME",
            help=f"this {whose}'s alone; repeatable",
        )
    group.add_argument(
        "--since",
        type=replay_types.moment,
        metavar="TIME",
        help="none that began before: 2026-11-01, 2026-11-01T12:00:00Z",
    )
    group.add_argument(
        "--until", type=replay_types.moment, metavar="TIME", help="none that began after: a date is its first moment"
    )
    group.add_argument(
        "--any-age",
        action="store_true",
        help="also calls older than 30 days, which Moesif does not take, and those of the future",
    )


def _add_working(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--workers",
        type=argument_types.at_least_one,
        metavar="N",
        help="read with as many processes (default: one a core, where there is enough to read)",
    )
    group.add_argument(
        "--rate", type=replay_types.rate, metavar="N", help="send at most as many events a second, over all workers"
    )
    group.add_argument(
        "--state", metavar="FILE", help="remember there what is finished, so that a second run goes on behind it"
    )
    group.add_argument(
        "--cluster", metavar="ADDRESS", help="read on a Ray cluster: ray://HOST:10001, or auto (extra `cluster`)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Replays the files; 0 where every call was sent and every record could be read."""
    against = replay_types.contradiction(arguments)
    if against is not None:
        note(f"moesif-otel replay: error: {against}")
        return WRONG_USAGE
    # Not the service's own spool: what it holds is not this command's to send.
    config = replace(config_of(arguments), spool_directory=None)
    if config.application_id is None and not arguments.dry_run:
        note(f"Nothing was sent: {NO_APPLICATION_ID}")
        return NOT_DONE
    try:
        replay = _replay(arguments, config)
    except OSError as error:
        note(f"--state {arguments.state}: {error.strerror}")
        return NOT_DONE
    began = time.monotonic()
    replay.run(arguments.files)
    seconds = time.monotonic() - began
    if arguments.json:
        say_json(_summary(replay, seconds))
    else:
        _say(replay, seconds)
    if replay.ending == INTERRUPTED:
        return INTERRUPTED_CODE
    report = replay.report
    return NOT_DONE if replay.ending or report.bad or report.lost or report.unread else DONE


def _replay(arguments: argparse.Namespace, config: Config) -> replaying.Replay:
    options = Options(
        format=arguments.format,
        log_format=arguments.log_format,
        base_url=arguments.base_url,
        spans=arguments.spans,
        services=frozenset(arguments.service),
        scopes=frozenset(arguments.scope),
        since=arguments.since,
        until=arguments.until,
        any_age=arguments.any_age,
        rate=arguments.rate,
        patience=arguments.give_up_after,
        now=time.time_ns(),
    )
    task = Task(config, options, is_dry=arguments.dry_run, is_quiet=arguments.json, prepare=log_to_standard_error)
    state = None if arguments.state is None or arguments.dry_run else State(arguments.state, config, options)
    return replaying.Replay(
        task,
        workers=arguments.workers,
        cores=_cores(),
        cluster=arguments.cluster,
        state=state,
    )


def _cores() -> int:
    """The cores that this process may use, which may be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _summary(replay: replaying.Replay, seconds: float) -> dict[str, Any]:
    report, is_dry = replay.report, replay.task.is_dry
    return {
        "dry_run": is_dry,
        "files": replay.files,
        **report.as_json(),
        "unsent": 0 if is_dry else report.events - report.sent - report.lost.total(),
        "finished_before": replay.finished_before,
        "ended_early": replay.ending,
        "seconds": round(seconds, 3),
    }


def _say(replay: replaying.Replay, seconds: float) -> None:
    # The events of a dry run have standard output for themselves.
    is_dry, report = replay.task.is_dry, replay.report
    tell = note if is_dry else say
    if is_dry:
        tell(f"{counted(report.events, 'event')} would be sent.")
    else:
        tell(f"Sent {counted(report.sent, 'event')} in {seconds:.1f} s.")
    asides = (
        (report.joined, "span", "joined: of a call that another span tells (--spans)"),
        (report.passed_over, "span", "passed over: no HTTP call of a server's, or excluded"),
        (report.other_signals, "record", "passed over: metrics, or logs of no calls"),
        *((number, "call", f"left out: {reason}") for reason, number in report.left_out.items()),
        (report.bad, "record", "bad: see above"),
        (len(report.unread), "file", "not read: see above"),
        (replay.finished_before, "part", "sent by a run before (--state)"),
    )
    for number, noun, what in asides:
        if number:
            tell(f"  {counted(number, noun)} {what}")
    for reason, lost in report.lost.items():
        tell(f"  {counted(lost, 'event')} lost: {reason}")
    if replay.ending:
        note(f"Not everything was sent. {replay.ending[0].upper()}{replay.ending[1:]}")
