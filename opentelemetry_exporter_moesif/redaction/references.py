"""What says where a secret is, and not which one: Kubernetes' `{"secretKeyRef": {"name": "db", "key": "password"}}`."""

from __future__ import annotations

from typing import Any

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque

# Kubernetes: what refers to a Secret, and the keys of that.
_KEYS = {
    "secretKeyRef": frozenset(("name", "key", "optional")),
    "secretRef": frozenset(("name", "namespace", "optional")),
    "secret": frozenset(("secretName", "defaultMode", "optional")),
    "serviceAccountToken": frozenset(("path", "expirationSeconds", "audience")),
}
_OF_LIST = frozenset(("name",))
REFERENCES = frozenset(("secretKeyRef", "secretRef", "imagePullSecrets"))
"""The names of references that are no secrets': what they hold is to be one."""

_NAME = expression(r"[a-z0-9.-]{1,253}")  # RFC 1123, as Kubernetes wants it for objects
_KEY = expression(r"[\w./:-]{1,253}")
_FORMS = {"name": _NAME, "secretName": _NAME, "namespace": _NAME, "key": _KEY, "path": _KEY, "audience": _KEY}


def is_reference(name: str, value: dict[Any, Any]) -> bool:
    """Whether an object of that name refers to a secret."""
    return name in _KEYS and bool(value) and _KEYS[name].issuperset(value) and _are_names(value)


def are_references(name: str, values: list[Any], fields: dict[Any, Any]) -> bool:
    """Whether a list does: that of a pod, or of a service account.

    Args:
        name: What it is called.
        values: The list.
        fields: The object that holds it.
    """
    is_one = name == "imagePullSecrets" or (name == "secrets" and fields.get("kind") == "ServiceAccount")
    return (
        is_one
        and bool(values)
        and all(isinstance(each, dict) and each.keys() == _OF_LIST and _are_names(each) for each in values)
    )


def is_referring(name: str, value: Any) -> bool:
    """Whether nothing but names stands where one of the `REFERENCES` has them; a text is one if it is made of words."""
    if isinstance(value, list):
        return all(is_referring(name, each) for each in value)
    if isinstance(value, dict):
        return not _KEYS.get(name, _OF_LIST).issuperset(value) or _are_names(value)
    return not isinstance(value, (str, int)) or (_is_name(value) and not is_opaque(str(value)))


def _is_name(value: Any) -> bool:
    return _NAME.fullmatch(str(value)) is not None


def _are_names(fields: dict[Any, Any]) -> bool:
    """Whether objects and their keys are named as Kubernetes allows."""
    return all(
        isinstance(value, (str, int)) and (key not in _FORMS or _FORMS[key].fullmatch(str(value)) is not None)
        for key, value in fields.items()
    )
