"""The user's own functions, asked of each call so that none of them takes a batch down.

They are found by name at the first call (`hook_names`). Whatever one raises is its own failure, SystemExit and
CancelledError included: those would end the thread of the batch processor, and no span would ever be exported again.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from opentelemetry_exporter_moesif.encoding.hook_names import hook_named
from opentelemetry_exporter_moesif.interrupts import is_interrupt
from opentelemetry_exporter_moesif.json_codec import encode, loads, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.mapping.event import Event
    from opentelemetry_exporter_moesif.throttled_log import ThrottledLog

    _Callable = Callable[..., Any]

_Answer = TypeVar("_Answer")

NAMES = ("skip", "mask_event", "identify_user", "identify_company", "get_session_token", "get_metadata")

# The field of an event, and the hook that tells it.
_ID_HOOKS = {"user_id": "identify_user", "company_id": "identify_company", "session_token": "get_session_token"}

_IS_ASYNC = "it is async, and nothing here can await its answer"
_NOT_LOADED = "an error when it was loaded"


class MaskFailedError(Exception):
    """`mask_event` raised, or answered what is no event: the event must not leave."""


class Hooks:
    """The hooks of one exporter.

    Args:
        config: Names them, or holds them.
        log: Told of those that fail. It outlives them: several threads may load them at once.

    Attributes:
        may_skip: Whether there is a `skip`.
        may_mask: Whether there is a `mask_event`.
        may_tell: Whether one of them tells ids or metadata.
    """

    def __init__(self, config: Config, log: ThrottledLog) -> None:
        self._log = log
        self._hooks = {name: self._loaded(name, hook) for name in NAMES if (hook := getattr(config, name)) is not None}
        if config.mask_event is not None and self._hooks["mask_event"] is None:
            self._hooks["mask_event"] = _refuse
        self.may_skip = self._hooks.get("skip") is not None
        self.may_mask = self._hooks.get("mask_event") is not None
        self.may_tell = any(self._hooks.get(name) for name in (*_ID_HOOKS.values(), "get_metadata"))

    def skips(self, span: ReadableSpan) -> bool:
        """Whether `skip` leaves this call out. Where it fails, it does not."""
        return bool(self._ask("skip", span, bool))

    def tell(self, event: Event, span: ReadableSpan) -> None:
        """Puts ids and metadata that hooks know into an event. One that fails tells nothing."""
        for field, name in _ID_HOOKS.items():
            answer = self._ask(name, span, id_answer)
            if answer:
                event[field] = answer  # type: ignore[literal-required]  # a name of the table above
        event["metadata"].update(self._ask("get_metadata", span, metadata_answer) or {})

    def mask(self, event: Event) -> Event | None:
        """The event after `mask_event`; None where it is not to be sent.

        Raises:
            MaskFailedError: It failed, so the event must not leave.
        """
        mask = self._hooks.get("mask_event")
        if mask is None:
            return event
        metadata = event.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("resource"), dict):
            metadata["resource"] = dict(metadata["resource"])  # the mask may change it, and other events share it
        try:
            masked = mask(event)
        except MaskFailedError:
            raise
        except BaseException as error:
            if is_interrupt(error):
                raise
            raise MaskFailedError(type(error).__name__) from error
        if masked is not None and not (isinstance(masked, dict) and isinstance(masked.get("request"), dict)):
            message = f"an answer that is no event, but of the type {type(masked).__name__}"
            raise MaskFailedError(message)
        return cast("Event | None", masked)

    def _ask(self, name: str, span: ReadableSpan, read: Callable[[Any], _Answer]) -> _Answer | None:
        """A hook's answer; None where there is none, or it fails: the call is told without what it knows."""
        hook = self._hooks.get(name)
        if hook is None:
            return None
        try:
            answer = hook(span)
            if isinstance(answer, Awaitable):
                raise TypeError(_IS_ASYNC)  # noqa: TRY301 - told as all else that is wrong with a hook
            return read(answer)
        except BaseException as error:
            if is_interrupt(error):
                raise
            text = f"the hook {name} failed ({{count}} times): {type(error).__name__}: {text_of_error(error)}"
            self._log.log(name, logging.WARNING, 1, text)
            return None

    def _loaded(self, name: str, hook: _Callable | str) -> _Callable | None:
        if callable(hook):
            return hook
        try:
            return hook_named(hook)
        except BaseException as error:  # importing runs the user's code
            if is_interrupt(error):
                raise
            consequence = "Nothing will be sent" if name == "mask_event" else "It is left out"
            what = f"{type(error).__name__}: {text_of_error(error)}"
            text = f"the hook {hook} ({name}) cannot be loaded. {consequence}. {what}"
            self._log.log(f"load {name}", logging.ERROR, 1, text)
            return None


def _refuse(_event: Event) -> Event | None:
    """Stands for a `mask_event` that cannot be loaded: nothing may leave without it."""
    raise MaskFailedError(_NOT_LOADED)


def text_of_error(error: BaseException) -> str:
    """What an exception says; nothing where it cannot say it."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - an exception of the user's own, whose text fails
        return ""


def id_answer(answer: Any) -> str | None:
    """An id as text. Raises `TypeError` for what holds several values, or says yes."""
    if answer is None or answer is False:
        return None
    if answer is True or (isinstance(answer, Collection) and not isinstance(answer, str)):
        message = f"its answer is no id, but of the type {type(answer).__name__}"
        raise TypeError(message)
    return text_of(answer).strip() or None


def metadata_answer(answer: Any) -> dict[str, Any]:
    """A copy of a mapping, as JSON holds it. Raises `TypeError` or `ValueError` where it is none, or JSON cannot."""
    if answer is None:
        return {}
    if not isinstance(answer, Mapping):
        message = f"its answer is no mapping, but of the type {type(answer).__name__}"
        raise TypeError(message)
    return {name: value for name, value in loads(encode(dict(answer))).items() if value is not None}
