"""`moesif-otel mask`: what would be masked in a text, a body or an event, and why."""

from __future__ import annotations

import base64
import copy
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.mapping import mapping_rules
from opentelemetry_exporter_moesif.mapping.body import CapturedBody, event_body
from opentelemetry_exporter_moesif.redaction.reasons import reasons
from opentelemetry_exporter_moesif.replay.formats import moesif
from opentelemetry_exporter_moesif.terminal.exit_codes import DONE, NOT_DONE
from opentelemetry_exporter_moesif.terminal.output import note, say, say_json
from opentelemetry_exporter_moesif.terminal.settings import add_settings, config_of

if TYPE_CHECKING:
    import argparse

    from opentelemetry_exporter_moesif.mapping.rules import MappingRules

_STANDARD_INPUT = "-"
_FORM = "application/x-www-form-urlencoded"
_WITHHELD = "nothing of it is sent: it holds a secret, and nobody can tell where that ends"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `mask`."""
    parser.description = (
        "Shows what would be left of a text, a body or an event when its secrets are masked, by the exporter's own"
        " settings, and names what was masked and why. An event is JSON with a request; other JSON is taken for a"
        " body, a form for a form, and all else for a text. Nothing is sent."
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file, or - for standard input")
    parser.add_argument("--json", action="store_true", help="print one JSON object a file, with what was masked")
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Shows each file; 0 where all of them could be read."""
    rules = mapping_rules(config_of(arguments))
    code = DONE
    for name in arguments.files:
        try:
            content = sys.stdin.buffer.read() if name == _STANDARD_INPUT else Path(name).read_bytes()
        except OSError as error:
            note(f"{name} cannot be read: {error.strerror or type(error).__name__}")
            code = NOT_DONE
            continue
        left, masked = _masked(content, rules)
        if arguments.json:
            say_json({"file": name, "left": left, "masked": [{"place": place, "why": why} for place, why in masked]})
        else:
            say(left if isinstance(left, str) else json.dumps(left, indent=2, ensure_ascii=False))
            for place, why in masked:
                note(f"masked by {why}{f' at {place}' if place else ''}")
    return code


def _masked(content: bytes, rules: MappingRules) -> tuple[Any, list[tuple[str, str]]]:
    """What is left of a file, and what was masked in it."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return _masked_text(content, rules)
    original = copy.deepcopy(document)
    if moesif.recognizes(document):
        try:
            document = moesif.whole_event(document)
        except moesif.NotAnEventError:
            pass  # shown all the same: as a body
        else:
            original = copy.deepcopy(document)
            moesif.redact(document, rules)
            return document, list(reasons(rules.redaction, original, document))
    left = rules.redaction.structure(document)
    return left, list(reasons(rules.redaction, original, left))


def _masked_text(content: bytes, rules: MappingRules) -> tuple[str, list[tuple[str, str]]]:
    text = content.decode("utf-8", "replace")
    is_form = "=" in text and not set(text.strip()) & set(" \n<{\"'")
    if is_form:
        body = event_body(CapturedBody(content.strip(), _FORM), rules.redaction, len(content))
        left = base64.b64decode(body.value).decode() if isinstance(body.value, str) else _WITHHELD
    else:
        left = rules.redaction.text(text)
    return left.rstrip("\n"), list(reasons(rules.redaction, text.rstrip("\n"), left.rstrip("\n")))
