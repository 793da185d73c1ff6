"""The table of verbs, and how one is run: what it needs, its parser, its exit code."""

from __future__ import annotations

import argparse
import importlib
import sys
import textwrap
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif._version import __version__
from opentelemetry_exporter_moesif.terminal.exit_codes import EXIT_CODES, INTERRUPTED, WRONG_USAGE
from opentelemetry_exporter_moesif.terminal.installation import requirement
from opentelemetry_exporter_moesif.terminal.output import note, silence_standard_output
from opentelemetry_exporter_moesif.terminal.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND = "moesif-otel"
_ROOM = "opentelemetry_exporter_moesif"
_HELP_WIDTH = 78


@dataclass(frozen=True)
class Verb:
    """One verb: where it lives, what it says about itself, and what it needs beyond the package's own dependencies.

    The module has `add_arguments(parser)` and `run(arguments) -> int`. Where the last argument is a command
    (`takes_command`), what follows its name is the command's; elsewhere options may stand between files.
    """

    module: str
    summary: str
    examples: tuple[str, ...]
    extra: str | None = None
    needs: tuple[str, ...] = ()
    takes_command: bool = False


_COLLECTOR_NEEDS = ("jinja2", "jsonschema_rs", "starlette", "uvicorn")
_DEMO_NEEDS = (
    *_COLLECTOR_NEEDS,
    "rich",
    "fastapi",
    "flask",
    "gunicorn",
    "opentelemetry.distro",
    "opentelemetry.instrumentation.fastapi",
    "opentelemetry.instrumentation.flask",
)

VERBS = {
    "demo": Verb(
        f"{_ROOM}.cli.demo.command",
        "show real calls of two small web applications arrive, on this machine alone",
        ("demo", "demo --serve"),
        "demo",
        _DEMO_NEEDS,
    ),
    "check": Verb(
        f"{_ROOM}.cli.check",
        "send one event to Moesif and say what answered, or what to fix",
        ("check", "check --endpoint http://127.0.0.1:9500 --application-id any --json"),
    ),
    "doctor": Verb(
        f"{_ROOM}.cli.doctor.command",
        "say what in this environment would keep calls from arriving right, and what to type",
        ("doctor", "doctor opentelemetry-instrument gunicorn app:app", "doctor --json --offline"),
        takes_command=True,
    ),
    "collector": Verb(
        f"{_ROOM}.local_collector.command",
        "run a local stand-in for Moesif, with a page that shows the calls",
        ("collector --open", "collector --port 9500 --fail 503:0.1 --database calls.sqlite"),
        "collector",
        _COLLECTOR_NEEDS,
    ),
    "replay": Verb(
        f"{_ROOM}.cli.replay",
        "send calls that were collected elsewhere: traces, access logs, HAR files, events",
        (
            "replay traces.jsonl",
            "replay --dry-run old/*.json.gz",
            "replay access.log --base-url https://api.example.com",
            "zcat spans.gz | moesif-otel replay --json -",
        ),
    ),
    "spool": Verb(
        f"{_ROOM}.cli.spool",
        "show what waits in a spool directory, or send it",
        ("spool", "spool /var/spool/moesif --json", "spool /var/spool/moesif --flush"),
    ),
    "mask": Verb(
        f"{_ROOM}.cli.mask",
        "show what would be masked in a text, a body or an event, and why",
        ("mask event.json", "mask --json body.json form.txt"),
    ),
}


def usage() -> argparse.ArgumentParser:
    """The parser of the command without a verb: help, version, or what is wrong."""
    parser = Parser(
        prog=COMMAND,
        usage=f"{COMMAND} VERB [arguments]",
        description="Tools around the Moesif exporter for OpenTelemetry.",
        epilog=_overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{COMMAND} {__version__}")
    parser.add_argument("verb", metavar="VERB", choices=list(VERBS), help="what to do, see below")
    return parser


def run_verb(name: str, arguments: Sequence[str]) -> int:
    """Runs one verb and returns its exit code."""
    verb = VERBS[name]
    missing = [module for module in verb.needs if not _is_there(module)]
    if missing:
        note(
            f"{COMMAND} {name} needs more than is installed ({', '.join(missing)}). Install it with\n"
            f"  pip install {requirement(str(verb.extra))}"
        )
        return WRONG_USAGE
    module = importlib.import_module(verb.module)
    parser = Parser(
        prog=f"{COMMAND} {name}",
        description=f"{verb.summary[0].upper()}{verb.summary[1:]}.",
        epilog=_epilog(verb),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    parser.description = textwrap.fill(parser.description or "", _HELP_WIDTH)
    # `parse_intermixed_args` drops a `--`: what is behind one would be options.
    is_ordered = verb.takes_command or "--" in arguments
    options = parser.parse_args(arguments) if is_ordered else parser.parse_intermixed_args(arguments)
    try:
        code: int = module.run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has seen enough (`… | head`).
        silence_standard_output()
        return 0
    return code


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of a parent package
        return False


def _overview() -> str:
    width = max(map(len, VERBS))
    verbs = "\n".join(f"  {name:<{width}}  {verb.summary}" for name, verb in VERBS.items())
    return f"verbs:\n{verbs}\n\n{EXIT_CODES}\n\n`{COMMAND} VERB --help` tells the rest, with examples."


def _epilog(verb: Verb) -> str:
    lines = [example if example.startswith("zcat") else f"{COMMAND} {example}" for example in verb.examples]
    examples = "\n".join(f"  {line}" for line in lines)
    return f"{'example' if len(lines) == 1 else 'examples'}:\n{examples}\n\n{EXIT_CODES}"
