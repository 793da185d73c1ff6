"""OpenTelemetry exporter for Moesif: HTTP server spans become API calls in Moesif."""

import importlib
import typing

from opentelemetry_exporter_moesif._version import __version__
from opentelemetry_exporter_moesif.environment_variables import *  # noqa: F403 - its names are the variables'

if typing.TYPE_CHECKING:
    from opentelemetry_exporter_moesif.encoding.identity_memory import identify
    from opentelemetry_exporter_moesif.exporter import MoesifSpanExporter
    from opentelemetry_exporter_moesif.mapping.event import Event

__all__ = ["Event", "MoesifSpanExporter", "__version__", "identify"]
__all__ += [name for name in globals() if name.startswith(("OTEL_", "MOESIF_"))]  # pyright: ignore[reportUnsupportedDunderAll]

_MODULES = {"Event": "mapping.event", "MoesifSpanExporter": "exporter", "identify": "encoding.identity_memory"}


def __getattr__(name: str) -> typing.Any:
    """Imports a name's module when it is first asked for (PEP 562); `opentelemetry-instrument` needs only the flags."""
    if name not in _MODULES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
