"""`moesif-otel collector`: the local collector until somebody stops it."""

from __future__ import annotations

import contextlib
import errno
import socket
import sqlite3
import threading
import webbrowser
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.delivery.exchange.endpoint import is_loopback
from opentelemetry_exporter_moesif.terminal import argument_types
from opentelemetry_exporter_moesif.terminal.exit_codes import DONE, NOT_DONE, WRONG_USAGE
from opentelemetry_exporter_moesif.terminal.output import note

from .app import build_app
from .faults import Faults
from .ingestion import Ingestion
from .sampling_rates import SamplingRates
from .server import Server, listen, url_of
from .store import MAX_EVENTS, Store

if TYPE_CHECKING:
    import argparse

_PORT = 9500
_UNTIL_READY = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Gives a parser this command's arguments."""
    parser.description = f"{parser.description or ''} Nothing leaves the machine. Ctrl-C ends it, with exit code 0."
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen on (%(default)s: this machine only)")
    add("--port", type=argument_types.port, default=_PORT, help="the port, 0 for a free one (%(default)s)")
    add("--allow-host", action="append", default=[], metavar="NAME", help="also answer to this host name; repeatable")
    add("--application-id", help="insist on this application id (default: any)")
    add("--database", metavar="FILE", help="keep the calls in this SQLite file (default: in memory)")
    add(
        "--max-events",
        type=argument_types.at_least_one,
        default=MAX_EVENTS,
        metavar="N",
        help="keep this many, the newest (%(default)s)",
    )
    add("--open", action="store_true", help="open the page in a browser")
    add("--fail", metavar="FAULTS", help="answers that go wrong, each with its probability: 503:0.1,hang:0.01,429:0.05")
    add("--delay", metavar="SECONDS", help="wait before each answer: 0.2 or 0.1-2")
    add("--sampling", metavar="FILE", help="answer GET /v1/config with the sampling rates of this JSON file")


def run(args: argparse.Namespace) -> int:
    """Serves until SIGINT or SIGTERM.

    Args:
        args: What `add_arguments` read.

    Returns:
        0 after a stop, 1 where the address or a file was of no use, 2 where an argument or the sampling rates make no
        sense; standard error says which.
    """
    try:
        faults = Faults.parse(args.fail, args.delay)
        rates = SamplingRates.read(args.sampling) if args.sampling else SamplingRates()
    except ValueError as error:
        return _failed(error, args, WRONG_USAGE)
    except OSError as error:
        return _failed(error, args, NOT_DONE)
    try:
        _serve(args, faults, rates)
    except KeyboardInterrupt:
        return DONE
    except (OSError, ValueError, sqlite3.Error) as error:
        return _failed(error, args, NOT_DONE)
    return DONE


def _failed(error: Exception, args: argparse.Namespace, code: int) -> int:
    note(f"moesif-otel collector: {_reason(error, args)}")
    return code


def _serve(args: argparse.Namespace, faults: Faults, rates: SamplingRates) -> None:
    with contextlib.closing(Store(args.database, args.max_events)) as store:
        ingestion = Ingestion(store, args.application_id, faults=faults, rates=rates)
        server = Server(build_app(ingestion, [args.host, *args.allow_host]), ingestion.feed)
        with listen(args.host, args.port) as listener:
            _greet(url_of(listener), args)
            server.run(sockets=[listener])


def _greet(url: str, args: argparse.Namespace) -> None:
    lines = [
        f"Local collector   {url}",
        f"Send calls here   export OTEL_EXPORTER_MOESIF_ENDPOINT={url}",
    ]
    if not is_loopback(args.host):
        lines.append("Take care         anybody who reaches this address can read the calls")
    lines.append("Stop              Ctrl-C")
    print("\n".join(lines), flush=True)  # noqa: T201 - a command's answer
    if args.open:
        threading.Timer(_UNTIL_READY, webbrowser.open, [url]).start()


def _reason(error: Exception, args: argparse.Namespace) -> str:
    reasons = {
        errno.EADDRINUSE: f"port {args.port} is taken: name another with --port, or 0 for a free one",
        errno.EADDRNOTAVAIL: f"{args.host} is no address of this machine",
    }
    if isinstance(error, OSError) and error.errno in reasons:
        return reasons[error.errno]
    if isinstance(error, socket.gaierror):
        return f"{args.host} is no address and no name that leads to one"
    if isinstance(error, sqlite3.Error):
        return f"{args.database}: {error}"
    return str(error)
