"""What looks like a secret beside the name of one in an object: `{"title": "Your OTP", "body": "482917"}`.

One of an object's texts names a secret: it is a name, a path that ends with one, or a short title. Whatever else is in
the object may be that secret, or quote it. So each word that looks like one is masked, unless its key says what else it
is: an id, a user, a host, a date.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction import asking
from opentelemetry_exporter_moesif.redaction.companions import COMPANIONS, NAMING
from opentelemetry_exporter_moesif.redaction.looks import LABELLED, Look
from opentelemetry_exporter_moesif.redaction.masks import MASKED, masked_value
from opentelemetry_exporter_moesif.redaction.mentions import LONGEST, Mention, mention
from opentelemetry_exporter_moesif.redaction.names import SecretNames
from opentelemetry_exporter_moesif.redaction.spelling import words_of
from opentelemetry_exporter_moesif.remembered import Answers

if TYPE_CHECKING:
    from typing_extensions import Self

_NAMED = frozenset((str, list, dict))
_MOST_FIELDS = 24  # of an object in which a text tells of what stands beside it
_FEW_FIELDS = 4  # of one that does nothing but describe: `{"field": {"id": "x", "ref": "password"}, …}`
_DEEPEST = 4  # levels below the name
_BRIEF = 3  # letters of a key that says nothing
_PAIR = 2
_SELECTOR = {"name", "key"}  # what Kubernetes takes a value from: both are names

# A text under one of these tells how something is done, what is allowed, or what is counted (Prometheus).
_HOW = SecretNames(
    "=method =methods grant_type auth_method =scope =scopes =strategy =flow token_type_hint =use =metric".split()
)

# What a query is about, and what is asked of an authorization server.
_SEARCHED = SecretNames(
    "=q =query =search =s =keyword =keywords =term =sort =sort_by =order_by =fields =include =expand response_type"
    " =prompt utm_campaign utm_source utm_medium utm_content utm_term".split()
)

# A title in several languages (OneSignal), and what each of a mail's recipients is written (SendGrid).
_WRAPPED = SecretNames("=subject =title =headline =headings =heading =titles".split())

_OF_CALLS = frozenset("method verb status".split())  # beside a path, they tell that it is an address
_MOST_ITEMS = 5  # of a message that is a list: `["1", "2", "room", "verify_otp", {…}]`
_KEYS = SecretNames("=name =key =field =param =attribute =property =header =variable =setting".split())
_NAMES = frozenset("ref value kind text S stringValue".split())  # those of an object that describes, beside `NAMING`
# What holds anything, and so calls what is in there nothing: Elasticsearch's, Terraform's, Postmark's.
_HOLDING = SecretNames(
    "=_source =instance =instances =model =template_model =request =event =metadata =user =account =customer =client"
    " =member =session =resource".split()
)
_HALVES = frozenset("code codes key keys".split())  # of names that are written on two levels
# What says of which kind an object is (JSON:API, Stripe, GraphQL, Django, Terraform), and what then is its secret.
_KINDS = frozenset("type object __typename model resource_type resourceType".split())
_FLAGS = SecretNames(("=secret", "=password"))  # where they are true
_VALUES = SecretNames("=value =values =plain_text =plaintext =raw_value =secret_value =clear_text =plain =raw".split())


class Siblings:
    """Masks what looks like a secret beside the name of one.

    Args:
        names: Which names are secrets'.

    Attributes:
        silent: Texts that name nothing for certain.
    """

    def __init__(self, names: SecretNames) -> None:
        self._names = names
        self._mentions: Answers[str, Mention | None] = Answers(lambda text: mention(text, names), most=4096)
        self.silent: Collection[str] = ()

    def among(self, silent: Collection[str]) -> Self:
        """The same rule for texts of which some name nothing for certain."""
        siblings = copy.copy(self)
        siblings.silent = silent
        return siblings

    def mask(self, fields: dict[Any, Any]) -> None:
        """Masks it in an object, in place."""
        told = self._told(fields) if len(fields) > 1 else []
        if True in fields.values() and any(each is True and self._is_flag(str(key)) for key, each in fields.items()):
            _mask_flagged(fields)
        if not told:
            return
        if len(fields) == _PAIR and fields.keys() != _SELECTOR:
            _mask_other(fields, told)
        if any(key in _KINDS and found.is_kind for key, found in told):
            _mask_values(fields)
        self._mask(fields, Look.of(found for _, found in told), _DEEPEST)

    def mask_parameters(self, fields: dict[str, Any]) -> None:
        """The same in those of a query or a form, where a word that is searched for tells of nothing else."""
        if told := [found for key, found in self._told(fields) if not _SEARCHED[key]]:
            self._mask(fields, Look.of(told), _DEEPEST)

    def mask_below(self, name: str, holder: Any) -> None:
        """Masks it in a list or an object whose name is that of several, tells what is done with one, or is half of it.

        As in `{"password_reset": {"code": "…"}}` and `{"mfa": {"code": "…"}}`.
        """
        if found := self._mention(name):
            self._mask(holder, Look.of([found]), _DEEPEST)
        elif holder.__class__ is dict:
            for key in _HALVES.intersection(holder):
                if found := self._mention(f"{name}_{key}"):
                    self._mask_half(holder, [key], found)

    def mask_items(self, items: list[Any]) -> None:
        """Masks it in a list: in what follows the name of an event, and in the next of several messages.

        As in `["verify_otp", {"code": "…"}]` and `[{"text": "What is your password?"}, {"text": "…"}]`.
        """
        if len(items) == _PAIR and items[0].__class__ is items[1].__class__ is str:
            items[1:] = [Look.of([found]).without(items[1])] if (found := self._mention(items[0])) else items[1:]
            return
        event = asked = None
        patience = 0
        for former, item in itertools.pairwise(items):
            if former.__class__ is str and len(items) <= _MOST_ITEMS:
                event = self._mention(former) or event
            if item.__class__ is not dict:
                continue
            if event:
                self._mask(item, Look.of([event]), _DEEPEST)
            elif former.__class__ is dict and asking.is_message(item):
                if told := self._told(former):
                    self._mask_half(item, asking.said_in(item), told[0][1])
                if found := asking.asked_in(former, self._names, self.silent):
                    asked, patience = found, asking.PATIENCE
                if asked and patience > 0:
                    self._mask_half(item, asking.briefly_said_in(item), asked)
                patience -= 1

    def _mask_half(self, fields: dict[Any, Any], keys: Iterable[str], found: Mention) -> None:
        half = {key: fields[key] for key in keys if key in fields}
        self._mask(half, Look.of([found]), _DEEPEST)
        fields.update(half)

    def _is_flag(self, key: str) -> bool:
        """Whether a field that is true says that a secret is beside it: `secret`, `isPassword`."""
        return _FLAGS[key] or (
            key[:2] == "is" and self._names[key] and words_of(key)[0] == "is" and words_of(key)[-1] != "token"
        )

    def _told(self, fields: dict[Any, Any]) -> list[tuple[Any, Mention]]:
        """The fields of an object that name a secret, each with what it names."""
        if len(fields) > _MOST_FIELDS:
            return []
        silent = self.silent
        told = [
            (key, found)
            for key, value in fields.items()
            if value.__class__ in _NAMED and (value.__class__ is not str or value not in silent)
            if (found := self._named(str(key), value))
        ]
        if told and not _OF_CALLS.isdisjoint(fields):
            told = [each for each in told if not each[1].is_path]
        return told

    def _named(self, key: str, value: Any) -> Mention | None:
        """What a field names: a text, the last part of a path, or an object that only describes."""
        if value.__class__ is str:
            found = self._mention(value)
            return found if found and self._is_telling(key, found) else None
        if value.__class__ is list:
            if value and value[0].__class__ is dict and value[0].get("subject").__class__ is str:
                return self._named("subject", value[0]["subject"])
            is_path = value and value[-1].__class__ is str and NAMING[key]
            return self._named(key, value[-1]) if is_path else None
        if value.__class__ is not dict or len(value) > _FEW_FIELDS:
            return None
        is_title = _WRAPPED[key]
        inner = (
            self._named(str(each), text)
            for each, text in value.items()
            if text.__class__ is not dict and (is_title or each in _NAMES or NAMING[str(each)])
        )
        return next(filter(None, inner), None)

    def _mention(self, text: str) -> Mention | None:
        return None if len(text) > LONGEST or text in self.silent else self._mentions[text]

    def _is_telling(self, key: str, found: Mention) -> bool:
        """Whether a text under such a key says what the object is about: a cookie may have a secret's name."""
        if (found.is_path and not NAMING[key]) or (_HOW[key] and not found.of_digits) or key == "__name__":
            return False
        return not self._names[key] or (key == "cookie" and found.is_listed)

    def _mask(self, holder: Any, look: Look, depth: int) -> None:
        is_object = holder.__class__ is dict
        if is_object and depth < _DEEPEST and _is_of_another(holder, look):
            return
        for key, value in holder.items() if is_object else enumerate(holder):
            if is_object and (self._names[str(key)] or _is_labelled(str(key), value)):
                continue
            if value.__class__ is str:
                is_name = is_object and NAMING[str(key)] and self._mention(value)  # "password2" is
                if not is_name and not (key == "code" and look.is_code(value)):
                    holder[key] = look.without(value)
            elif value.__class__ is int:
                if look.in_number(value, is_value=COMPANIONS[str(key)] or _VALUES[str(key)]):
                    holder[key] = MASKED
            elif depth and value.__class__ in {dict, list}:
                self._mask(value, look, depth - 1)


def _is_labelled(key: str, value: Any) -> bool:
    """Whether a key calls its value something else; a holder's says nothing of what has names of its own."""
    if not LABELLED[key]:
        return False
    if value.__class__ is list and value and value[0].__class__ is dict:
        value = value[0]
    return (
        value.__class__ is not dict or not _HOLDING[key] or (key[:1] != "_" and all(each in _NAMES for each in value))
    )


def _is_of_another(fields: dict[Any, Any], look: Look) -> bool:
    """Whether the name of an object below calls its value something else: `{"key": "user.id", "value": "…"}`."""
    names = (value for key, value in fields.items() if value.__class__ is str and _KEYS[str(key)])
    return any(LABELLED[name] and not look.is_secret(name) for name in names)


def _mask_other(fields: dict[Any, Any], told: list[tuple[Any, Mention]]) -> None:
    """Masks what stands beside a name, whatever that is called if briefly: `{"a": "password", "b": "…"}`."""
    for key, found in told:
        other = next(each for each in fields if each != key)
        if found.is_listed and len(str(key)) <= _BRIEF and isinstance(fields[other], (str, int, float)):
            fields[other] = masked_value(fields[other])
            return


def _mask_flagged(fields: dict[Any, Any]) -> None:
    """Masks the value that a flag calls a secret, whatever it is: `{"key": "X", "value": "…", "secret": true}`."""
    for key, value in fields.items():
        if _VALUES[str(key)]:
            fields[key] = masked_value(value)


def _mask_values(fields: dict[Any, Any]) -> None:
    """Masks the value of what is of a secret's kind: `{"type": "api-keys", "attributes": {"value": "…"}}`."""
    for holder in (fields, *fields.values()):
        if holder.__class__ is dict:
            secret = [key for key, value in holder.items() if value.__class__ is str and _VALUES[str(key)]]
            holder.update(dict.fromkeys(secret, MASKED))
