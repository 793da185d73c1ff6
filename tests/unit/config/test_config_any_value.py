"""Whatever YAML or a shell gives, an exporter is made of it: a raising constructor takes every other exporter along."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opentelemetry_exporter_moesif.config import SETTINGS, Config, resolve_config
from opentelemetry_exporter_moesif.delivery.sender import Sender
from opentelemetry_exporter_moesif.encoding.encoder import Encoder
from opentelemetry_exporter_moesif.telemetry import Telemetry

HOOKS = {"skip", "mask_event", "identify_user", "identify_company", "get_session_token", "get_metadata"}

# What shells give: anything but a NUL; an odd byte is a lone surrogate.
texts = st.text(st.characters(exclude_characters="\0"), max_size=30) | st.sampled_from(
    [
        "https://[",
        "http://a:b@c",
        "a=b,c",
        "+",
        ",",
        "1e999",
        "-0",
        "٣",
        "1_0",
        "true",
        "(?P<a>",
        "a:b",
        "https://é.test",
        "x\udc80",
    ]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
yaml_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalars, inner, max_size=3), max_leaves=5
)


def exporter_of(config: Config) -> None:
    sender = Sender(config, Telemetry(config))
    Encoder(config).close()
    sender.shutdown(0)


@given(name=st.sampled_from(sorted(SETTINGS.keys() - {"spool_directory"})), text=texts)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_of_a_variable_makes_an_exporter(name: str, text: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)

    exporter_of(resolve_config({}, {SETTINGS[name].variable: text}))


@given(name=st.sampled_from(sorted(SETTINGS.keys() - HOOKS - {"spool_directory"})), value=yaml_values)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_value_of_yaml_makes_an_exporter(name: str, value: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)

    exporter_of(resolve_config({name: value}, {}))


@given(name=st.sampled_from(sorted(HOOKS)), value=yaml_values)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_hook_is_text_or_a_type_error_that_names_it(
    name: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)

    if value is None or isinstance(value, str):
        exporter_of(resolve_config({name: value}, {}))
    else:
        with pytest.raises(TypeError, match=name):
            resolve_config({name: value}, {})
