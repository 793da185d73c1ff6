"""What Python prints where nobody configured logging, although OpenTelemetry has a handler of its own there."""

from __future__ import annotations

import logging

_PACKAGE = "opentelemetry_exporter_moesif"


class _LastResort(logging.Handler):
    """Hands a record to Python's last resort while no handler but OpenTelemetry's gets it.

    Python speaks for itself only where there is no handler at all, and `opentelemetry-instrumentation-logging`, or
    OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED, gives one to the root logger: then the warnings of a service that
    configures no logging, ours among them, are to be seen nowhere. Whether another handler is there is asked for each
    record, since most services configure logging later than they are instrumented. Any other counts, whatever its
    level, as it does for Python: who has one chose what is shown.
    """

    def createLock(self) -> None:  # noqa: N802 - logging's name
        """Makes none: the last resort has one."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> bool:
        """As logging's, without a lock around it."""
        last_resort = logging.lastResort
        if last_resort is not None and record.levelno >= last_resort.level and not _is_shown(record.name):
            last_resort.handle(record)
        return True


_last_resort = _LastResort()


def speak_where_only_opentelemetry_listens() -> None:
    """Gives this package's logger the handler; once, however often it is called."""
    logging.getLogger(_PACKAGE).addHandler(_last_resort)


def _is_shown(name: str) -> bool:
    """Whether a handler that is neither ours nor OpenTelemetry's gets what is logged under this name."""
    # Without the lock of `logging.getLogger`, which whoever configures logging holds for long.
    registered = logging.Logger.manager.loggerDict.get(name)
    logger = registered if isinstance(registered, logging.Logger) else logging.getLogger(_PACKAGE)
    while True:
        if not all(handler is _last_resort or _is_opentelemetrys(handler) for handler in logger.handlers):
            return True
        if not logger.propagate or logger.parent is None:
            return False
        logger = logger.parent


def _is_opentelemetrys(handler: logging.Handler) -> bool:
    return any(kind.__module__.startswith("opentelemetry.") for kind in type(handler).__mro__)
