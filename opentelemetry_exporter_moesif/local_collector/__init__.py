"""A stand-in for Moesif on this machine: it takes events as Moesif does, and shows them on a web page.

Needs the extra `collector`. `moesif-otel collector` runs it; tests and demonstrations use `LocalCollector`.
"""

from .local_collector import LocalCollector
from .schema import problems

__all__ = ["LocalCollector", "problems"]
