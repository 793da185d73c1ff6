"""Names of what stands beside each other where a secret's name is a value: `{"name": "password", "value": "…"}`."""

from __future__ import annotations

from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.names import SecretNames

NAMING = SecretNames(
    "=name =key =field =param =parameter =path =loc =location =property =property_path =attribute =pointer =header"
    " =type =input_type =setting =option =prop =title =question =id =label =variable =column"
    " =instance_path =field_name =k =n =h =f =attr =arg =var =headers"
    " param_name header_name attr_name attribute_name property_name prop_name key_name item_name field_key"
    " parameter_key data_path field_path meta_key claim_type variable_name setting_name option_name config_key env_name"
    " tag_key property_key attribute_key output_key argument_name arg_name attribute_code custom_field custom_attribute"
    " =display_name =left metakeyinput metakeyselect".split()
)
"""What holds the name, as in `{"loc": ["body", "password"], "input": …}`."""

_COMPANIONS = tuple(
    "=value =values =val =input =input_value =rejected_value =content =default =default_value =old =new =old_value"
    " =new_value =from =to =answer =initial =v =node_value =_ =text =before =after =actual"
    " =received =given =current =data =payload =is =string_value =literal =raw"
    " =invalid_value =attempted_value =received_value =actual_value output_value"
    " field_value param_value header_value attr_value attribute_value property_value prop_value key_value"
    " item_value parameter_value meta_value claim_value variable_value setting_value option_value config_value"
    " env_value tag_value argument_value arg_value =lhs =rhs".split()
)

COMPANIONS = SecretNames(
    (*_COMPANIONS, *"=instance =example =examples =enum =const =provided =submitted =right".split())
)
"""What stands beside a name that was told elsewhere, and holds its value: fields of an object, or of a form."""

COMPANIONS_IN_TEXTS = SecretNames(_COMPANIONS)
"""Those of them that are no words with which a line of prose or of a log begins, as `Example: …`."""

IN_QUERIES = SecretNames("=name =key =field =param =parameter =header =headers =h =k =n".split())
"""Those of `NAMING` that a query has for that, and for little else."""

ACCOUNTS = SecretNames("=auth =basic =http_auth =digest_auth =proxy_auth".split())
"""What holds a user and a password where it is a list, or a text with a colon: `{"auth": ["bob", "…"]}`."""

MESSAGES = SecretNames("=message =msg =error =detail =details =reason =description =title =text".split())
"""What says in words what is wrong with a value, and may quote it."""

_COLUMN = expression(r"columns(?:\[|%5[Bb])\d{1,4}(?:\]|%5[Dd])(?:\[|%5[Bb])(?:data|name)(?:\]|%5[Dd])")


def names_a_column(parameter: str) -> bool:
    """Whether a parameter tells what one of DataTables' columns is called: `columns[0][data]=token`."""
    return parameter.startswith("columns") and _COLUMN.fullmatch(parameter) is not None
