"""Is anything set up at all, and does it lead to Moesif?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif import rendering
from opentelemetry_exporter_moesif.cli.doctor.finding import Finding
from opentelemetry_exporter_moesif.terminal.installation import requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry_exporter_moesif.cli.doctor.surroundings import Surroundings

_CONFIG_FILES = ("OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE")
_SIGNALS = {"metrics": "OTEL_METRICS_EXPORTER", "logs": "OTEL_LOGS_EXPORTER"}
_OTLP = ("opentelemetry-exporter-otlp", "opentelemetry-exporter-otlp-proto-grpc")
_SAMPLES_NOTHING = {"always_off", "parentbased_always_off"}


def config_file_of(around: Surroundings) -> str:
    """The file that configures the SDK instead of the variables; empty where there is none."""
    return next((value for name in _CONFIG_FILES if (value := around.variable(name))), "")


def check_distro(around: Surroundings) -> Iterator[Finding]:
    """Without a distribution nothing configures the SDK, and `opentelemetry-instrument` says nothing of it."""
    if "opentelemetry-distro" not in around.packages:
        yield Finding(
            "distro-missing",
            "error",
            "opentelemetry-distro is not installed, so opentelemetry-instrument configures nothing.",
            f"pip install {requirement('zero-code')}",
        )


def check_traces_exporter(around: Surroundings) -> Iterator[Finding]:
    """Spans must be sent to Moesif."""
    if config_file_of(around):
        return
    exporters = around.names("OTEL_TRACES_EXPORTER")
    if "moesif" not in exporters:
        state = f"is {', '.join(sorted(exporters))}" if exporters else "is not set"
        yield Finding(
            "traces-exporter",
            "error",
            f"OTEL_TRACES_EXPORTER {state}, so no span is sent to Moesif.",
            f"export OTEL_TRACES_EXPORTER={','.join(['moesif', *sorted(exporters - {'none'})])}",
        )


def check_other_exporters(around: Surroundings) -> Iterator[Finding]:
    """The distro sends metrics and logs by OTLP unless told otherwise; without OTLP, nothing is set up at all."""
    if config_file_of(around) or any(name in around.packages for name in _OTLP):
        return
    for signal, variable in _SIGNALS.items():
        exporters = around.names(variable) or {"otlp"}
        if any(name.startswith("otlp") for name in exporters):
            yield Finding(
                f"{signal}-exporter",
                "error",
                f"{variable} {'is otlp' if around.variable(variable) else 'defaults to otlp'}, and no OTLP exporter is"
                " installed: OpenTelemetry's set-up fails, traces included.",
                f"export {variable}=none",
            )


def check_config_file(around: Surroundings) -> Iterator[Finding]:
    """A configuration file replaces the variables of the SDK."""
    name = config_file_of(around)
    if not name:
        return
    if "opentelemetry-configuration" not in around.packages:
        yield Finding(
            "config-file-extra",
            "error",
            "OTEL_CONFIG_FILE is set, and opentelemetry-configuration is not installed.",
            f"pip install {requirement('config-file')}",
        )
    try:
        text = Path(around.directory, name).read_text("utf-8", "replace")
    except OSError as error:
        yield Finding("config-file", "error", f"{name}: {error.strerror}.", "correct OTEL_CONFIG_FILE")
        return
    if "moesif" not in text:
        yield Finding(
            "config-file", "error", f"{name} names no exporter moesif.", "add it below tracer_provider: processors:"
        )
    if "propagator" not in text:
        yield Finding(
            "config-file-propagator",
            "error",
            f"{name} has no propagator: OpenTelemetry's WSGI instrumentations fail every request without one.",
            "propagator: {composite: [{tracecontext: {}}, {baggage: {}}]}",
        )


def check_switches(around: Surroundings) -> Iterator[Finding]:
    """What switches everything off."""
    if around.variable("OTEL_SDK_DISABLED").lower() == "true":
        yield Finding("sdk-disabled", "error", "OTEL_SDK_DISABLED is true: no span is made.", "unset OTEL_SDK_DISABLED")
    sampler = around.variable("OTEL_TRACES_SAMPLER")
    if sampler in _SAMPLES_NOTHING:
        yield Finding(
            "sampler", "error", f"OTEL_TRACES_SAMPLER={sampler} drops every call.", "unset OTEL_TRACES_SAMPLER"
        )


def check_settings(around: Surroundings) -> Iterator[Finding]:
    """The exporter's own settings: unknown, unreadable, or the application id missing."""
    config, warnings = around.settings
    for warning in warnings:
        yield Finding("setting", "warning", warning, "see docs/configuration.md, Every setting")
    if config.application_id is None and not config_file_of(around):
        yield Finding(
            "application-id",
            "error",
            "There is no application id, so nothing is sent.",
            "export OTEL_EXPORTER_MOESIF_APPLICATION_ID='the Collector Application Id, from API Keys in Moesif'",
        )


def check_renderer(around: Surroundings) -> Iterator[Finding]:
    """Which of the two ways makes events: it is never in the way, and tells what a benchmark would meet."""
    if around.settings[0].renderer == "python":
        yield Finding("renderer", "note", "OTEL_EXPORTER_MOESIF_RENDERER=python: events are made in Python alone.")
    elif rendering.compiled() is None:
        yield Finding(
            "renderer",
            "note",
            "The compiled renderer is not there, or does not know this OpenTelemetry SDK: events are made in Python,"
            " slower.",
            "install the exporter's wheel for this platform, or a C compiler before it is installed again",
        )
    else:
        yield Finding("renderer", "note", "The compiled renderer makes the events of usual calls.")
