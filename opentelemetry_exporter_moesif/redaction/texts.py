"""Free text: messages, header values, attributes, bodies that are no structure of their own.

What a name of the lists says of the value behind it is masked, in whatever notation the two are written; so is what a
URL tells, and what is a credential by its shape. Every pass is linear in the text.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.redaction import embedded, json_texts, multipart
from opentelemetry_exporter_moesif.redaction.encodings import from_base64
from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.nameless import ENCODED_JSON, may_tell_without_names, views_of
from opentelemetry_exporter_moesif.redaction.notations import Notations, Scrubbed
from opentelemetry_exporter_moesif.redaction.plain import Look, is_plain
from opentelemetry_exporter_moesif.redaction.steps import LETTERS_OF_A_STEP, STEPS_OF_A_TEXT, Steps, TooManyStepsError
from opentelemetry_exporter_moesif.redaction.texts_of_one import TextsOfOne
from opentelemetry_exporter_moesif.redaction.together import Together
from opentelemetry_exporter_moesif.redaction.views import is_stable, without_encoded
from opentelemetry_exporter_moesif.remembered import Remembered

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.structures import Structures
    from opentelemetry_exporter_moesif.redaction.urls import Urls

_USUAL_LENGTH = 256
_STEPS_OF_ENCODED = 8

_logger = logging.getLogger("opentelemetry_exporter_moesif")

Credentials = Callable[[str], str]


class _RememberedTexts(Remembered[str, str]):
    most = 2048

    def is_worth(self, text: str) -> bool:
        return len(text) <= _USUAL_LENGTH


class Texts(_RememberedTexts):
    """Texts without their secrets: those that come again, such as most header values, are remembered.

    Args:
        names: Which names are secrets' in a text.
        urls: Masks what URLs tell.
        credentials: Masks what is a credential by its shape.
        is_plain: Says of a text that it holds no secret for certain.

    Attributes:
        structures: Walks through texts that are JSON.
        harmless: Those of the remembered texts that hold no secret, and the mask: most texts of most calls.
    """

    structures: Structures | None = None

    def __init__(self, names: SecretNames, urls: Urls, credentials: Credentials, is_plain: Look = is_plain) -> None:
        super().__init__()
        self.harmless: set[str] = {MASKED}
        self.is_plain = is_plain
        self._names = names
        self._credentials = credentials
        self._urls = urls
        self._notations = Notations(names, urls)
        self._together = Together(names, self._without_credentials, self._within_words, self._notations)

    def find(self, text: str) -> str:
        """The text without its secrets."""
        if self.is_plain(text):
            return text
        return self.scrubbed(text).text

    def remember(self, text: str, clean: str) -> None:
        """Keeps what was found, where the text is short."""
        super().remember(text, clean)
        if clean == text and text in self:
            self.harmless.add(text)

    def clear(self) -> None:
        """Forgets all of them."""
        super().clear()
        self.harmless.intersection_update((MASKED,))

    def scrubbed(self, text: str, steps: Steps | None = None, *, only_certain: bool = False) -> Scrubbed:
        """The text without its secrets, and whether each one's end could be told.

        What costs more than anything ordinary does is masked whole, as is what cannot be looked at.

        Args:
            text: The text.
            steps: What it may cost, perhaps along with others; by its length if None.
            only_certain: Nobody wants what is left of a text where that is not certain.
        """
        letters = self._names.letters_in(text)
        if not self._may_tell(text, letters):
            return Scrubbed(self._credentials(text), certain=True)
        steps = Steps(len(text)) if steps is None else steps
        try:
            steps.take(STEPS_OF_A_TEXT + len(text) // LETTERS_OF_A_STEP)
            return self._of_json(text, steps) or self._scrubbed(text, steps, only_certain=only_certain)
        except TooManyStepsError:
            return Scrubbed(MASKED, certain=False)
        except Exception as error:  # noqa: BLE001 - a fault of these rules: the text is withheld, and its call is not lost
            _logger.warning(
                "Moesif exporter: a text was withheld, it could not be looked at (%s)", type(error).__name__
            )
            return Scrubbed(MASKED, certain=False)
        finally:
            self._names.needles.forget()

    def _scrubbed(self, text: str, steps: Steps, *, only_certain: bool) -> Scrubbed:
        clean, certain = self._once(text, steps)
        if (certain or not only_certain) and not is_stable(clean, self._look, steps):
            return Scrubbed(MASKED, certain=False) if only_certain else without_encoded(clean, self._look, steps)
        return Scrubbed(clean, certain)

    def _of_json(self, text: str, steps: Steps) -> Scrubbed | None:
        if self.structures is None:
            return None
        structures = self.structures.within(TextsOfOne(self, steps))
        clean = json_texts.masked(text, structures)
        if clean is None:
            clean = multipart.masked(text, structures)
        return None if clean is None else Scrubbed(clean, certain=True)

    def may_hold(self, text: str) -> bool:
        """Whether a text may hold a secret at all: one cheap look."""
        if not self.is_plain(""):  # a pattern of one's own may match a text of a document, and not the document
            return True
        return self._may_tell(text, self._names.letters_in(text)) or self._credentials(text) != text

    def _may_tell(self, text: str, letters: bytes) -> bool:
        """Whether a text may hold more than a credential by its shape; `letters`: what names can be spelled with."""
        return (
            self._names.may_be_in(text, letters)
            or may_tell_without_names(text)
            or any(may_tell_without_names(view) or self._credentials(view) != view for view in views_of(text))
        )

    def read(self, texts: list[str], steps: Steps, silent: set[str]) -> Iterator[tuple[str, str]]:
        """Those of several texts of which a look at all of them tells what is left, each with it.

        Args:
            texts: The texts.
            steps: What they may cost.
            silent: Takes those that tell nothing.

        Raises:
            TooManyStepsError: The look alone takes longer than of anything ordinary.
        """
        telling: dict[str, str] = {}
        for text, clean, tells in steps.watched(self._looked_over(texts)):
            if not tells:
                silent.add(text)
                yield text, clean
            elif not self.is_plain(text):
                telling[text] = clean
        yield from self._together.settled(telling, steps)
        self._names.needles.forget()

    def passed_over(self, texts: list[str]) -> Iterator[tuple[str, str]]:
        """Those of several texts that tell nothing, each without credentials: they are found by one look at all."""
        return ((text, clean) for text, clean, tells in self._looked_over(texts) if not tells)

    def _looked_over(self, texts: list[str]) -> Iterable[tuple[str, str, bool]]:
        """Several texts, each without credentials, and whether it may tell more."""
        texts = [text for text in texts if "\0" not in text]
        if not texts:
            return ()
        tell = map(self._may_tell, texts, self._names.needles.letters_in_each(texts))
        return zip(texts, self._without_credentials(texts), tell, strict=True)

    def _without_credentials(self, texts: list[str]) -> list[str]:
        if self.is_plain(""):  # else nothing is known of what values are secrets
            each = self._credentials("\n\0".join(texts)).split("\n\0")
            if len(each) == len(texts):  # no credential went on from one to the next
                return each
        return [self._credentials(text) for text in texts]

    def _within_words(self, text: str, steps: Steps) -> str:
        return self._urls.masked(self._without_encoded_json(text, steps))

    def _once(self, text: str, steps: Steps) -> Scrubbed:
        text = self._credentials(text)
        if "\r" in text and "\n" not in text:  # the lines of an old file
            of_lines = self._once(text.replace("\r", "\n"), steps)
            return Scrubbed(of_lines.text.replace("\n", "\r"), of_lines.certain)
        text = self._without_encoded_json(text, steps)
        if self.structures is not None and embedded.may_be_in(text):
            structures = self.structures.within(TextsOfOne(self, steps))
            text = embedded.masked(text, lambda inner: json_texts.masked(inner, structures))
        return self._notations.masked(text, steps)

    def _look(self, text: str, steps: Steps) -> str:
        letters = self._names.letters_in(text)
        if not self._may_tell(text, letters):
            return self._credentials(text)
        steps.take(STEPS_OF_A_TEXT + len(text) // LETTERS_OF_A_STEP)
        return self._once(text, steps).text

    def _without_encoded_json(self, text: str, steps: Steps) -> str:
        decoded = {encoded: from_base64(encoded) for encoded in set(ENCODED_JSON.findall(text))}
        if not decoded:
            return text
        steps.take(_STEPS_OF_ENCODED * len(decoded))
        clean = dict(self.passed_over(list(decoded.values())))
        hiding = {
            encoded for encoded, inner in decoded.items() if (clean.get(inner) or self._look(inner, steps)) != inner
        }
        return ENCODED_JSON.sub(lambda match: MASKED if match[0] in hiding else match[0], text)


class CutTexts(_RememberedTexts):
    """The same texts, each of a most of letters, so that a long one never costs what stands beside it.

    Args:
        texts: The texts without their secrets.
        most: The most letters of one.
    """

    def __init__(self, texts: Texts, most: int) -> None:
        super().__init__()
        self._texts = texts
        self._most = most

    def find(self, text: str) -> str:
        """The text without its secrets, cut."""
        # Twice as many are looked at, without a word that is cut off: it may be the start of a credential.
        looked_at = text if len(text) <= 2 * self._most else text[: 2 * self._most].rpartition(" ")[0]
        clean = self._texts[looked_at]
        if len(clean) > self._most:
            clean = clean[: self._most - 1] + "…"
        return clean
