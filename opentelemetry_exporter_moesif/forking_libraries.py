"""Children that `multiprocessing` or billiard forks: they end by `os._exit`, and run no `atexit`.

What they do at their end are the finalizers of their library.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.fork_safety import start_anew_after_fork
from opentelemetry_exporter_moesif.process_end import finish_quietly, shut_down_tracing

if TYPE_CHECKING:
    from types import ModuleType

# billiard is Celery's.
_FORKING_LIBRARIES = ("multiprocessing.util", "billiard.util")
# After all that the application has its own children do at their end: that may be calls, too.
_LAST_OF_ALL = -1_000_000


class _ForkingLibraries:
    """The forking libraries that are imported, each of whose children shuts tracing down at its end."""

    def __init__(self) -> None:
        self._prepared: set[str] = set()

    def prepare(self) -> None:
        """Prepares those that were imported since."""
        for name in _FORKING_LIBRARIES:
            library = sys.modules.get(name)
            if library is not None and name not in self._prepared:
                self._prepared.add(name)
                add_finalizer = functools.partial(_add_finalizer, library)
                # In each child: it forgets those of its parent.
                library.register_after_fork(self, lambda _, add=add_finalizer: add())
                if _is_child_of_multiprocessing():
                    add_finalizer()

    def after_fork(self) -> None:
        """In the child, before its library sets it up: the library may have been imported for this very fork."""
        self.prepare()


_forking_libraries = _ForkingLibraries()


def flush_children_of_multiprocessing() -> None:
    """Has the children that `multiprocessing` (or billiard) forks shut tracing down as the last thing they do.

    They run no `atexit`, but the finalizers of their library.
    """
    start_anew_after_fork(_forking_libraries)
    _forking_libraries.prepare()


def _is_child_of_multiprocessing() -> bool:
    process = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None


def _add_finalizer(library: ModuleType) -> None:
    library.Finalize(None, finish_quietly, args=(shut_down_tracing,), exitpriority=_LAST_OF_ALL)
