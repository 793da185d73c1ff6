"""`moesif-otel mask`: what would be left of a text, a body or an event, and why: by the road of a live call's."""

from __future__ import annotations

import base64
import copy
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from opentelemetry_exporter_moesif.encoding.hooks import Hooks, MaskFailedError
from opentelemetry_exporter_moesif.mapping import mapping_rules
from opentelemetry_exporter_moesif.mapping.body import CapturedBody, event_body
from opentelemetry_exporter_moesif.redaction.reasons import reasons
from opentelemetry_exporter_moesif.replay.formats import moesif
from opentelemetry_exporter_moesif.terminal.exit_codes import DONE, NOT_DONE
from opentelemetry_exporter_moesif.terminal.output import note, say, say_json
from opentelemetry_exporter_moesif.terminal.settings import add_settings, config_of
from opentelemetry_exporter_moesif.throttled_log import ThrottledLog

if TYPE_CHECKING:
    import argparse

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.mapping.event import Event

_STANDARD_INPUT = "-"
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_NOT_SENT = {
    "withheld": "it holds a secret, and nobody can tell where that ends",
    "unparseable": "it is not what its content type says",
    "too deep": "it is nested deeper than an event can be",
    "dropped": "mask_event drops it",
    "failed": "mask_event failed",
}


class _Shown(NamedTuple):
    """What is left of a file; `not_sent`: why that is nothing; `remark`: what differs elsewhere."""

    left: Any = None
    masked: tuple[tuple[str, str], ...] = ()
    not_sent: str | None = None
    remark: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `mask`."""
    parser.description = (
        "Shows what would be left of a text, a body or an event when its secrets are masked, by the exporter's own"
        " settings, and names what was masked and why. An event is JSON with a request; other JSON is taken for a"
        " body, a form for a form, and all else for a text. Nothing is sent."
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file, or - for standard input")
    parser.add_argument("--content-type", metavar="TYPE", help="take each file for a body of this content type")
    parser.add_argument("--json", action="store_true", help="print one JSON object a file, with what was masked")
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Shows each file; 0 where all of them could be read."""
    viewer = _Viewer(config_of(arguments), arguments.content_type)
    code = DONE
    for file in arguments.files:
        name = viewer.text(file)
        try:
            content = sys.stdin.buffer.read() if file == _STANDARD_INPUT else Path(file).read_bytes()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            note(f"{name} cannot be read: {reason or type(error).__name__}")
            code = NOT_DONE
            continue
        shown = viewer.shown(content)
        if arguments.json:
            masked = [{"place": place, "why": why} for place, why in shown.masked]
            say_json({"file": name, "left": shown.left, "not_sent": shown.not_sent, "masked": masked})
        else:
            _print(shown)
    return code


def _print(shown: _Shown) -> None:
    if shown.not_sent:
        note(f"nothing of it is sent: {_NOT_SENT.get(shown.not_sent, shown.not_sent)}")
    else:
        say(shown.left if isinstance(shown.left, str) else json.dumps(shown.left, indent=2, ensure_ascii=False))
    for place, why in shown.masked:
        note(f"masked by {why}{f' at {place}' if place else ''}")
    if shown.remark:
        note(shown.remark)


class _Viewer:
    """Shows what would leave of files.

    Args:
        config: The exporter's settings.
        content_type: That of the bodies that the files hold; None where they may hold anything.
    """

    def __init__(self, config: Config, content_type: str | None) -> None:
        self._rules = mapping_rules(config)
        self._hooks = Hooks(config, ThrottledLog())
        self._content_type = content_type
        self.text = self._rules.redaction.text

    def shown(self, content: bytes) -> _Shown:
        """What is left of a file."""
        if self._content_type is not None:
            return self._body(content, self._content_type)
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            return self._text_or_form(content)
        if moesif.recognizes(document):
            try:
                event = moesif.whole_event(document)
            except moesif.NotAnEventError:
                pass  # shown all the same: as a body
            else:
                return self._event(event)
        return self._body(content, _JSON)

    def _event(self, event: dict[str, Any]) -> _Shown:
        original = copy.deepcopy(event)
        try:
            moesif.redact(event, self._rules)
        except ValueError:
            return _Shown(not_sent="too deep")
        masked = self._reasons(original, event)
        before = copy.deepcopy(event)
        try:
            left = self._hooks.mask(cast("Event", event))
        except MaskFailedError:
            return _Shown(masked=masked, not_sent="failed")
        if left is None:
            return _Shown(masked=masked, not_sent="dropped")
        return _Shown(left, masked if left == before else (*masked, ("", "mask_event")))

    def _body(self, content: bytes, content_type: str) -> _Shown:
        body = event_body(CapturedBody(content, content_type), self._rules.redaction, len(content))
        if body.value is None:
            return _Shown(not_sent=body.note or "it is empty")
        if body.transfer_encoding == "json":
            original = json.loads(content, parse_constant=str)
            return _Shown(body.value, self._reasons(original, body.value))
        left = base64.b64decode(str(body.value))
        return _Shown(*self._compared(_readable(content), _readable(left)))

    def _text_or_form(self, content: bytes) -> _Shown:
        text = _readable(content)
        if "=" in text and not set(text.strip()) & set(" \n<{\"'"):
            return self._body(content.strip(), _FORM)
        body = self._body(content, "")
        left, masked = self._compared(text, self.text(text))
        return _Shown(left, masked, remark=_remark(left, body))

    def _compared(self, original: str, left: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        original, left = original.rstrip("\n"), left.rstrip("\n")
        return left, self._reasons(original, left)

    def _reasons(self, original: Any, left: Any) -> tuple[tuple[str, str], ...]:
        return tuple(reasons(self._rules.redaction, original, left))


def _readable(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _remark(left: str, body: _Shown) -> str:
    """What becomes of a text where it is a body, if that is another thing."""
    if body.not_sent in _NOT_SENT:
        return f"as a body, nothing of it is sent: {_NOT_SENT[body.not_sent]}"
    return "" if body.left is None or body.left == left else "as a body, more of it is masked: --content-type shows it"
