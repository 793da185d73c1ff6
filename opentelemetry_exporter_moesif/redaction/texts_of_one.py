"""The texts of one document, which may cost so much together."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.steps import STEPS_OF_ITS_OWN
from opentelemetry_exporter_moesif.remembered import Remembered

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.steps import Steps
    from opentelemetry_exporter_moesif.redaction.texts import Texts


class TextsOfOne(Remembered[str, str]):
    """The same texts, those of one document: what a short one may take is its own, the rest they have together.

    Args:
        texts: The texts without their secrets.
        steps: What they may cost together.

    Attributes:
        steps: The same.
        silent: Those of them that tell nothing for certain, as far as they were looked at together.
    """

    most = sys.maxsize

    def __init__(self, texts: Texts, steps: Steps) -> None:
        super().__init__()
        self._texts = texts
        self.steps = steps
        self.silent: set[str] = set()

    def pass_over(self, texts: Iterable[str]) -> None:
        """Finds out of many texts at once which ones are to be looked at: a tenth of the time of one after another."""
        self.update(self._texts.read([text for text in texts if text not in self._texts], self.steps, self.silent))

    def find(self, text: str) -> str:
        """The text without its secrets; without all of it where it may tell one, and there are no steps left."""
        texts = self._texts
        clean = texts.get(text)
        if clean is None:
            if self.steps.is_late:
                return MASKED
            if texts.is_plain(text):
                clean = text
            else:
                clean, is_known = self._scrubbed(text)
                if not is_known:
                    return clean
            texts.remember(text, clean)
        return clean

    def _scrubbed(self, text: str) -> tuple[str, bool]:
        """The text without its secrets, and whether the steps sufficed."""
        steps = self.steps
        shared = max(steps.left, 0)
        steps.left = shared + STEPS_OF_ITS_OWN
        clean = self._texts.scrubbed(text, steps).text
        steps.left = min(steps.left, shared)
        return clean, steps.left >= 0
