"""What the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that was found; its fields are those of `--json`.

    Attributes:
        code: A short name that stays the same, for scripts.
        severity: `error`: no call arrives, or the service does not start. `warning`: calls arrive, but not all or not
            right. `note`: good to know.
        message: What is so, in a sentence.
        fix: What to type or to do; empty where there is nothing to do.
    """

    code: str
    severity: Severity
    message: str
    fix: str = ""
