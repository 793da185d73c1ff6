"""The user's own functions: found by name at the first export, and run so that none of them takes a batch down.

Importing an application's module any earlier would import its framework before that is instrumented, and no span
would ever come.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import encode, loads, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from opentelemetry_exporter_moesif.config import Config, Hook
    from opentelemetry_exporter_moesif.telemetry import ThrottledLog

NAMES = ("skip", "mask_event", "identify_user", "identify_company", "get_session_token", "get_metadata")


@dataclass(frozen=True)
class Hooks:
    """The hooks of one exporter, each None where it was not asked for or cannot be loaded.

    Args:
        send_nothing: `mask_event` was asked for and cannot be loaded: nothing may leave without it.
        tell_more: One of them tells ids or metadata.
    """

    skip: Callable[..., Any] | None = None
    mask_event: Callable[..., Any] | None = None
    identify_user: Callable[..., Any] | None = None
    identify_company: Callable[..., Any] | None = None
    get_session_token: Callable[..., Any] | None = None
    get_metadata: Callable[..., Any] | None = None
    send_nothing: bool = False
    tell_more: bool = field(init=False)

    def __post_init__(self) -> None:
        """Says once what is asked for every span."""
        tellers = (self.identify_user, self.identify_company, self.get_session_token, self.get_metadata)
        object.__setattr__(self, "tell_more", any(tellers))


def load_hooks(config: Config, log: ThrottledLog) -> Hooks:
    """Imports the hooks that were given by name. One that cannot be loaded is one ERROR, in how many threads ever."""
    loaded = {name: _load(name, getattr(config, name), log) for name in NAMES}
    return Hooks(**loaded, send_nothing=config.mask_event is not None and loaded["mask_event"] is None)


def _load(name: str, hook: Hook | None, log: ThrottledLog) -> Callable[..., Any] | None:
    if hook is None or callable(hook):
        return hook
    try:
        found = _find(hook)
        if not callable(found):
            message = "it is not callable"
            raise TypeError(message)  # noqa: TRY301 - told as all else that is wrong with a hook
    except (Exception, SystemExit) as error:  # noqa: BLE001 - importing runs the user's code, which may raise anything
        consequence = "Nothing will be sent" if name == "mask_event" else "It is left out"
        text = f"the hook {name}={hook} cannot be loaded. {consequence}. {type(error).__name__}: {error}"
        log.log(f"load {name}", logging.ERROR, 1, text)
        return None
    return found  # type: ignore[no-any-return]


def _find(hook: str) -> Any:
    module, _, path = hook.partition(":")
    found: Any = _module(module)
    for attribute in path.split("."):
        found = getattr(found, attribute)
    return found


def _module(name: str) -> ModuleType:
    """The module; where it is the program itself (`python app.py`), no second copy of it, which would run it again."""
    main = sys.modules.get("__main__")
    started_as = getattr(main, "__file__", None)
    if main is not None and started_as and name not in sys.modules:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin == started_as:
            return main
    return importlib.import_module(name)


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
