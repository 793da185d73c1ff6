"""Values under a secret's name that are none: counts, references, what a validation says, what a model wrote."""

from __future__ import annotations

import itertools
from typing import Any

from opentelemetry_exporter_moesif.redaction.companions import COMPANIONS, MESSAGES
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque
from opentelemetry_exporter_moesif.redaction.references import are_references, is_reference
from opentelemetry_exporter_moesif.redaction.spelling import words_of

ERRORS = frozenset("error errors detail details fieldErrors field_errors validation_errors validationErrors".split())
"""What holds what is wrong with fields, by their names."""

_METHODS = frozenset("get put post delete options head patch trace".split())
# OpenAPI 3.1, "Path Item Object" and "Operation Object", with what Swagger 2.0 had in that.
_OF_PATH = frozenset("summary description servers parameters $ref".split())
_OF_OPERATION = {
    **dict.fromkeys("tags parameters security servers consumes produces schemes".split(), list),
    **dict.fromkeys("externalDocs requestBody responses callbacks".split(), dict),
    **dict.fromkeys("summary description operationId".split(), str),
    "deprecated": bool,
}
_OF_TOKENIZERS = "\u2581\u0120\u010a#"  # what stands for a blank, a line's end, or the rest of a word
_MOST_FIELDS = 64  # are looked at
_PROSE = ("summary", "description")
_LARGEST_COUNT = 99
_LARGEST_OF_SEVERAL = 99_999
_LARGEST_OF_DIGITS = 9
_OF_DIGITS = expression(r"(?i:code|pin|pass|otp|mfa|cvv|cvc)")  # what consists of digits often enough
_FEWEST_WORDS = 3
_ORDERS = frozenset(("asc", "desc"))
_BRIEF = frozenset("blank required invalid missing weak incorrect wrong empty expired unknown taken".split())
_LONGEST_SAYING = 256

# The words of which the usual messages of validations consist (Django, Laravel, Rails, Pydantic, Yup and others):
# what consists of nothing else is no password.
_SAYING = frozenset(
    "a already an and any are as at be been blank both by can can't cannot character characters code combination"
    " common confirm confirmation contain contained contains cookie correct correctly credential credentials"
    " current data did didn't digit digits do does doesn't don't empty ensure enter entered entirely exactly"
    " exceed expected expired expires failed field fields filled format found given greater has have in incorrect"
    " input invalid is it its key least length less letter letters long longer lower lowercase match matched"
    " matches maximum may minimum missing mixed more most must new no not null number numbers numeric of old one"
    " only or other otp passphrase password passwords pin please provide provided repeat required same secret"
    " short shorter should signature similar simple special string strong supplied symbol symbols taken than that"
    " the these this to token too two type unknown upper uppercase username valid value was weak with without"
    " wrong you your".split()
)
# One of them is in each message; without any it is a list of words, as a password may be.
_VERBS = frozenset(
    "be been can't cannot contain contains did didn't do does doesn't don't ensure enter has have is may must"
    " please should was".split()
)
# And one of what is wrong: "this is a secret" tells of nothing.
_FAULTS = frozenset(
    "blank can't cannot common contain didn't doesn't don't empty ensure exceed expired failed incorrect incorrectly"
    " invalid least less long longer match maximum may minimum missing must null only please required same short"
    " shorter should similar taken than unknown valid weak wrong".split()
)
_LONGEST_NUMBER = 4  # digits: such as a year's
_OF_A_PIECE = (("logprob",), ("start_offset", "end_offset"))
_COUNTED = frozenset("character characters digit digits letter letters number numbers or symbol symbols".split())
_WORDS = expression(r"[A-Za-z']+|\d+|[^\sA-Za-z'\d]+")
_MARKS = frozenset(".,:;!()-&")


def is_ordinary(name: str, value: Any, fields: dict[Any, Any]) -> bool:
    """Whether a value is no secret although its name is one's.

    Args:
        name: The name.
        value: The value.
        fields: The object that holds it.
    """
    if value.__class__ is int:
        return _is_count(name, value) or _is_of_model(name, fields)
    if value.__class__ is dict:
        return (name[:1] == "/" and _is_path(value)) or is_reference(name, value) or _is_state(value)
    if value.__class__ is list:
        return is_saying(value) or are_references(name, value, fields) or _are_words(name, value)
    return value.__class__ is str and (
        value in _ORDERS
        or _is_of_model(name, fields)
        or _is_label(name, value, fields)
        or (MESSAGES[name] and not COMPANIONS[name] and is_saying(value))
    )


def is_saying(value: Any) -> bool:
    """Whether it is what validations say of a field: "This field is required.", or a list of that.

    A text alone may be a passphrase as well: only what is around it tells.
    """
    if value.__class__ is list:
        return bool(value) and all(each.__class__ is str and _is_saying(each) for each in value)
    return value.__class__ is str and _is_saying(value)


def is_error(value: Any) -> bool:
    """Whether it is what validations say where errors are told by field: also "required", or "Too short"."""
    if is_saying(value):
        return True
    words = value.lower().rstrip(".!").split() if value.__class__ is str else []
    is_brief = len(words) == 1 or words[:1] in (["too"], ["is"], ["not"], ["must"])
    return is_brief and words[-1] in _BRIEF | _FAULTS and _SAYING.issuperset(words)


def _is_path(value: dict[Any, Any]) -> bool:
    """Whether it is what OpenAPI says of a path: an object for each method."""
    return not _METHODS.isdisjoint(value) and all(
        isinstance(each, dict) and _is_operation(each)
        if key in _METHODS
        else (key in _OF_PATH and not (isinstance(each, str) and is_opaque(each))) or str(key).startswith("x-")
        for key, each in value.items()
    )


def _is_operation(value: dict[Any, Any]) -> bool:
    return all(
        key.startswith("x-") if key not in _OF_OPERATION else _is_told(key, each)
        for key, each in ((str(key), each) for key, each in value.items())
    )


def _is_told(key: str, value: Any) -> bool:
    """Whether an operation has there what belongs there, and not a secret in the place of it."""
    if key == "responses" and isinstance(value, dict):
        return all(isinstance(each, dict) for each in value.values())
    return isinstance(value, _OF_OPERATION[key]) and not (key in _PROSE and is_opaque(str(value)))


def _is_state(value: dict[Any, Any]) -> bool:
    """Whether it says that something is switched on: GitHub's `{"secret_scanning": {"status": "enabled"}}`."""
    return value.keys() == {"status"} and value["status"] in ("enabled", "disabled")


def _is_count(name: str, value: int) -> bool:
    """Whether it is a number of secrets, as in `{"api_keys": 5}`, or of a label's: `{"Token 1": 5}`."""
    is_of_several = name[-1:] in {"s", "S"} and name[-2:].lower() != "ss"
    largest = _LARGEST_OF_SEVERAL if is_of_several else _LARGEST_COUNT
    if _OF_DIGITS.search(name):
        largest = _LARGEST_OF_DIGITS
    return (is_of_several or " " in name) and abs(value) <= largest


def _are_words(name: str, values: list[Any]) -> bool:
    """Whether it is a text in pieces, as tokenizers make them: `{"tokens": ["the", "##ing", "[SEP]"]}`."""
    return (
        name.lower() == "tokens"
        and len(values) > 1
        and all(each.__class__ is str and not is_opaque(each.strip(_OF_TOKENIZERS)) for each in values)
        and not any(each.isdigit() and len(each) > _LONGEST_NUMBER for each in values)
    )


def _is_label(name: str, value: str, fields: dict[Any, Any]) -> bool:
    """Whether it is what a field is called, among others: `{"user_name": "User name", "password": "Password"}`."""
    if not _is_title(name, value):
        return False
    return sum(itertools.starmap(_is_title, itertools.islice(fields.items(), _MOST_FIELDS))) > 1


def _is_title(name: Any, value: Any) -> bool:
    return (
        name.__class__ is value.__class__ is str
        and value[:1].isupper()
        and not name[:1].isupper()
        and words_of(name) == words_of(value)
    )


def _is_of_model(name: str, fields: dict[Any, Any]) -> bool:
    """Whether it is a piece of what a language model wrote, or of a text that was cut into words.

    As in `{"token": "Hello", "logprob": -0.1}` and Elasticsearch's `{"token": "hello", "start_offset": 0, …}`.
    """
    if name == "token" and any(
        all(isinstance(fields.get(each), (int, float)) for each in told) for told in _OF_A_PIECE
    ):
        return True
    is_of_mask = fields.get("token").__class__ is int and isinstance(fields.get("score"), float)  # of Hugging Face's
    return is_of_mask and "token_str" in fields and name in {"token", "token_str"}


def _is_saying(text: str) -> bool:
    """Whether it is what a validation says of a field: "This field is required."."""
    if " " not in text or len(text) > _LONGEST_SAYING:
        return False
    words = [word.lower() for word in _WORDS.findall(text)]
    return (
        len(words) >= _FEWEST_WORDS
        and not _VERBS.isdisjoint(words)
        and not _FAULTS.isdisjoint(words)
        and all(
            following in _COUNTED if word.isdigit() else word in _SAYING or _MARKS.issuperset(word)
            for word, following in itertools.pairwise([*words, ""])
        )
    )
