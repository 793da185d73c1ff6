"""What is parted over several attributes: a statement and its parameters, a GraphQL query and its variables, an event.

OpenTelemetry's semantic conventions have one attribute for each of them: `db.query.text` and `db.query.parameter.1`,
`graphql.document` and `graphql.variables`, `event.name` and what else the event tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.siblings import Siblings
from opentelemetry_exporter_moesif.redaction.statements import VARIABLES, secret_fields

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

_EVENT, _DATABASE, _GRAPHQL = "event.", "db.", "graphql."
_PREFIXES = (_EVENT, _DATABASE, _GRAPHQL)
_PARAMETER = "param"  # in the name of what holds one, or all of them


def is_part(name: str) -> bool:
    """Whether an attribute may tell something together with others of its kind."""
    return name.startswith(_PREFIXES)


class Spread:
    """Masks what one attribute says of another one.

    Args:
        names: Which attributes are secrets.
    """

    def __init__(self, names: SecretNames) -> None:
        self._names = names
        self._siblings = Siblings(names)

    def mask(self, metadata: dict[str, Any]) -> None:
        """Does so in place."""
        ways = ((_EVENT, self._siblings.mask), (_DATABASE, self._mask_database), (_GRAPHQL, self._mask_graphql))
        for prefix, mask in ways:
            fields = {name.removeprefix(prefix): value for name, value in metadata.items() if name.startswith(prefix)}
            if len(fields) > 1:
                mask(fields)
                metadata.update({f"{prefix}{name}": value for name, value in fields.items()})

    def _mask_database(self, fields: dict[str, Any]) -> None:
        parameters = {name.rpartition(".")[2]: name for name in fields if _PARAMETER in name}
        given = {last: fields[name] for last, name in parameters.items()}
        document = {name: value for name, value in fields.items() if _PARAMETER not in name} | {"params": given}
        self._mask_given(document, fields, parameters)

    def _mask_graphql(self, fields: dict[str, Any]) -> None:
        parameters = {name.rpartition(".")[2]: name for name in fields if name.startswith(VARIABLES)}
        given = fields.get(VARIABLES, {last: fields[name] for last, name in parameters.items()})
        self._mask_given({"query": fields.get("document", fields.get("source")), VARIABLES: given}, fields, parameters)

    def _mask_given(self, document: dict[str, Any], fields: dict[str, Any], parameters: dict[str, str]) -> None:
        """Masks the parameters that a document's statement has for secrets."""
        secret = [
            last
            for holder, key in secret_fields(document, self._names)
            for last in (parameters if holder is document else [key])
        ]
        fields.update({parameters[last]: MASKED for last in secret})
