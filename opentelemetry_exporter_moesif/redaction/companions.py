"""Names of what stands beside each other where a secret's name is a value: `{"name": "password", "value": "…"}`."""

from __future__ import annotations

from opentelemetry_exporter_moesif.redaction.names import SecretNames

NAMING = SecretNames(
    "=name =key =field =param =parameter =path =loc =location =property =property_path =attribute =pointer =header"
    " =type =input_type =setting =option =prop =title =question =id =label =variable =column"
    " =instance_path =field_name =k =n".split()
)
"""What holds the name, as in `{"loc": ["body", "password"], "input": …}`."""

COMPANIONS = SecretNames(
    "=value =values =val =input =input_value =rejected_value =content =default =default_value =old =new =old_value"
    " =new_value =from =to =answer =initial =v =node_value =_ =text =before =after =actual"
    " =received =given =current".split()
)
"""What stands beside a name that was told elsewhere, and holds its value."""

MESSAGES = SecretNames("=message =msg =error =detail =details =reason =description =title =text".split())
"""What says in words what is wrong with a value, and may quote it."""
