"""Lists of a command's arguments: `["mysql", "-p…"]`, `["curl", "-u", "bob:…"]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction import commands
from opentelemetry_exporter_moesif.redaction.flags import Flags
from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.steps import Steps, TooManyStepsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry_exporter_moesif.redaction.names import SecretNames

_without_blanks = re.compile(r"[\s|]").sub


def secret_places(arguments: Sequence[str], names: SecretNames) -> list[int]:
    """Where the arguments stand that are secrets by what stands before them, or hold one behind a flag.

    They are looked at as the command that a shell would have read.

    Args:
        arguments: The program and its arguments, or a part of them.
        names: Which names are secrets'.
    """
    command = " ".join(_without_blanks("_", each) for each in arguments)
    lower = command.lower()
    is_of_program = any(map(lower.__contains__, commands.WORDS))
    try:
        steps = Steps(len(command))
        clean = Flags(names).masked(commands.masked(command, steps) if is_of_program else command, steps)
    except TooManyStepsError:
        return list(range(len(arguments)))
    if clean == command:
        return []
    before, after = command.split(" "), clean.split(" ")
    if len(before) == len(after):
        return [place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    # A mask stands for several of them: those are all between the first one that changed and the last one.
    first = next(place for place, new in enumerate(after) if MASKED in new)
    last = next(place for place, new in enumerate(reversed(after)) if MASKED in new)
    return list(range(first, len(before) - last))
