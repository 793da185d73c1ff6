"""What was promised to be said, and is said before the process ends."""

from __future__ import annotations

import atexit
from typing import Protocol

from opentelemetry_exporter_moesif.fork_safety import is_unnoticed


class Owing(Protocol):
    """Holds something back that it has promised to say."""

    def say_what_is_owed(self) -> None:
        """Says it now."""


# Each of these is one step, whichever thread takes it: adding, discarding, copying.
owing: set[Owing] = set()


def say_last_words() -> None:
    """Has all who owe something say it; not in a child whose fork nobody noticed: it is its parent's."""
    for speaker in () if is_unnoticed() else owing.copy():
        speaker.say_what_is_owed()


# What is registered first runs last: after the SDK's shutdown, where this was imported before a provider was made.
atexit.register(say_last_words)
