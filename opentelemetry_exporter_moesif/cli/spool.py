"""`moesif-otel spool`: what waits in a spool directory, and how to get it away."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.delivery.sender import Sender
from opentelemetry_exporter_moesif.delivery.spool.applications import Waiting, adopt, application_hash, waiting
from opentelemetry_exporter_moesif.terminal import argument_types
from opentelemetry_exporter_moesif.terminal.delivery_count import DeliveryCount, await_delivery
from opentelemetry_exporter_moesif.terminal.exit_codes import DONE, NOT_DONE, WRONG_USAGE
from opentelemetry_exporter_moesif.terminal.output import age, counted, note, say, say_json, size
from opentelemetry_exporter_moesif.terminal.settings import NO_APPLICATION_ID, add_settings, config_of

if TYPE_CHECKING:
    import argparse

    from opentelemetry_exporter_moesif.config import Config

_VARIABLE = "OTEL_EXPORTER_MOESIF_SPOOL_DIRECTORY"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `spool`."""
    parser.description = (
        "Shows what waits in a spool directory: for which application (a hash of application id and endpoint), how"
        " much, and for how long. Services that use the directory send it themselves; --flush does it now."
    )
    parser.add_argument("directory", nargs="?", metavar="DIRECTORY", help=f"the spool directory ({_VARIABLE})")
    parser.add_argument("--flush", action="store_true", help="send what waits for this application id and endpoint")
    parser.add_argument(
        "--adopt", action="store_true", help="make what another application id left this application's; then --flush"
    )
    argument_types.add_give_up_after(parser, condition="with --flush: ")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Shows, adopts and sends; 0 where all that was asked for was done."""
    config = config_of(arguments)
    directory = arguments.directory or config.spool_directory
    if directory is None:
        note(f"Which directory? Name it, or set {_VARIABLE}")
        return WRONG_USAGE
    if (arguments.flush or arguments.adopt) and config.application_id is None:
        note(f"Nothing was sent: {NO_APPLICATION_ID}")
        return NOT_DONE
    directory = os.path.expanduser(directory)  # noqa: PTH111 - it stays text, as the setting is
    config = replace(config, spool_directory=directory)
    if not os.path.isdir(directory):  # noqa: PTH112 - as above
        note(f"There is no such directory: {directory}")
        return NOT_DONE
    try:
        return _work(arguments, config, directory)
    except OSError as error:
        note(f"{directory} cannot be used: {error.strerror or type(error).__name__}")
        return NOT_DONE


def _work(arguments: argparse.Namespace, config: Config, directory: str) -> int:
    own = application_hash(config.application_id, config.endpoint) if config.application_id else None
    result: dict[str, Any] = {"directory": directory}
    if arguments.adopt and own is not None:
        result["adopted"] = adopt(directory, own)
    if arguments.flush:
        result |= _flush(config, arguments.give_up_after)
    applications = waiting(directory)
    result["waiting"] = [{**asdict(row), "this_application": row.application_hash == own} for row in applications]
    if arguments.json:
        say_json(result)
    else:
        _say(result, applications, own)
    left = any(row["this_application"] for row in result["waiting"])
    return NOT_DONE if arguments.flush and (left or result["lost"]) else DONE


def _flush(config: Config, patience: float) -> dict[str, Any]:
    count = DeliveryCount(config)
    sender = Sender(config, count)
    try:
        done = await_delivery(sender, count, patience)
    finally:
        sender.shutdown()
    gave_up = None if done else count.refusal or f"nothing was delivered for {patience:g} s"
    return {"sent": count.sent, "lost": dict(count.losses), "gave_up": gave_up}


def _say(result: dict[str, Any], applications: list[Waiting], own: str | None) -> None:
    if "adopted" in result:
        say(f"Adopted {counted(result['adopted'], 'event')} of other applications.")
    if "sent" in result:
        say(f"Sent {counted(result['sent'], 'event')}.")
        for reason, lost in result["lost"].items():
            say(f"Lost {counted(lost, 'event')} ({reason}).")
        if result["gave_up"]:
            say(f"Gave up: {result['gave_up']}")
    if not applications:
        say(f"Nothing waits in {result['directory']}.")
        return
    say(f"In {result['directory']} wait:")
    say(f"  {'application':<32}  {'events':>9}  {'files':>6}  {'size':>10}  {'oldest':>8}")
    for row in applications:
        mine = "  this application" if row.application_hash == own else ""
        say(
            f"  {row.application_hash}  {row.events:>9,}  {row.files:>6,}  {size(row.bytes):>10}"
            f"  {age(row.oldest_seconds):>8}{mine}"
        )
