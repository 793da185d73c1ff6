"""A hook by its name, ``package.module:function``.

Importing an application's module before its first call would import its framework before that is instrumented, and no
span would ever come.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def hook_named(name: str) -> Callable[..., Any]:
    """Imports what a name stands for.

    Raises:
        TypeError: It is not callable.
        BaseException: Importing it runs the user's code, which may raise anything.
    """
    module, _, path = name.partition(":")
    named: Any = _module(module)
    for attribute in path.split("."):
        named = getattr(named, attribute)
    if not callable(named):
        message = "it is not callable"
        raise TypeError(message)
    return named  # type: ignore[no-any-return]


def _module(name: str) -> ModuleType:
    """The module; where it is the program itself (`python app.py`), no second copy of it, which would run it again."""
    main = sys.modules.get("__main__")
    started_as = getattr(main, "__file__", None)
    if main is not None and started_as and name not in sys.modules:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin == started_as:
            return main
    return importlib.import_module(name)
