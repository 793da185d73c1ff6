"""Are spans made of the calls, and do they hold what an event needs?"""

from __future__ import annotations

from importlib.metadata import distributions
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.cli.doctor.finding import Finding
from opentelemetry_exporter_moesif.cli.doctor.frameworks import installed
from opentelemetry_exporter_moesif.cli.doctor.surroundings import normalized

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry_exporter_moesif.cli.doctor.surroundings import Surroundings

_CONTRIB = "opentelemetry-instrumentation-"
_GENERAL = {f"{_CONTRIB}wsgi", f"{_CONTRIB}asgi"}
_CAPTURE = "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_"
_CONVENTIONS = "OTEL_SEMCONV_STABILITY_OPT_IN"
_CLICK = f"{_CONTRIB}click"


def check_frameworks(around: Surroundings) -> Iterator[Finding]:
    """Every framework that is there needs what makes spans of its calls."""
    disabled = around.names("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS")
    frameworks = installed(around.packages)
    for framework in frameworks:
        wanted = framework.instrumentation
        if wanted is None:
            yield Finding(
                "no-instrumentation",
                "note" if _GENERAL & around.packages.keys() else "warning",  # perhaps it is wrapped in that already
                f"{framework.name} is installed, and OpenTelemetry has no instrumentation that sees it by itself.",
                framework.by_hand or "no way is known",
            )
        elif wanted not in around.packages:
            yield Finding(
                "instrumentation-missing",
                "warning" if len(frameworks) > 1 else "error",
                f"{framework.name} is installed without its instrumentation: no call that it answers makes an event.",
                f"pip install {wanted}",
            )
        elif wanted.removeprefix(_CONTRIB) in disabled:
            yield Finding(
                "instrumentation-disabled",
                "error",
                f"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS switches {framework.name}'s off.",
                "take it out of OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
            )
    if not frameworks and not _GENERAL & around.packages.keys():
        yield Finding("no-framework", "warning", "No web framework that is known here is installed.")


def check_click(around: Surroundings) -> Iterator[Finding]:
    """Contrib's click instrumentation keeps a span around a server that a command of click starts."""
    if _CLICK in around.packages and "click" not in around.names("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"):
        yield Finding(
            "click-instrumentation",
            "warning",
            "opentelemetry-instrumentation-click puts a span around every server that a click command starts: all its"
            " calls are inner spans then, and each waits before it counts as a call.",
            "export OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=click",
        )


def check_headers(around: Surroundings) -> Iterator[Finding]:
    """Nothing is captured by default."""
    missing = [kind for kind in ("REQUEST", "RESPONSE") if not around.variable(_CAPTURE + kind)]
    if missing:
        yield Finding(
            "headers",
            "warning",
            f"No {' and no '.join(kind.lower() for kind in missing)} header is captured: events have none, and behind a"
            " proxy they have the proxy's address.",
            " ".join(["export", *(f"{_CAPTURE}{kind}='.*'" for kind in missing)]),
        )
    if "tornado" in around.packages and ".*" in around.variable(f"{_CAPTURE}REQUEST"):
        yield Finding(
            "tornado-headers",
            "note",
            "Tornado's instrumentation takes names of headers, not patterns.",
            "list the names, separated by commas, in both variables",
        )


def check_conventions(around: Surroundings) -> Iterator[Finding]:
    """Only both conventions together know everything."""
    modes = around.names(_CONVENTIONS)
    if "http/dup" not in modes:
        lost = "ASGI's raw query (%23 and %26 in it)" if "http" not in modes else "WSGI's raw path (%2F in it)"
        yield Finding(
            "conventions",
            "warning",
            f"{_CONVENTIONS} is not http/dup: {lost} is lost.",
            f"export {_CONVENTIONS}={','.join([*sorted(modes - {'http'}), 'http/dup'])}",
        )


def check_releases(around: Surroundings) -> Iterator[Finding]:
    """Contrib's packages pin each other; a later install may have left two releases side by side."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - OpenTelemetry's own dependency

    for distribution in distributions():
        name = normalized(distribution.metadata["Name"] or "")
        if not name.startswith("opentelemetry-"):
            continue
        for text in distribution.requires or ():
            try:
                needed = Requirement(text)
            except InvalidRequirement:
                continue
            there = around.packages.get(normalized(needed.name))
            if not needed.name.startswith("opentelemetry") or there is None or needed.marker is not None:
                continue
            if not needed.specifier.contains(there, prereleases=True):
                yield Finding(
                    "releases",
                    "error",
                    f"{name} {distribution.version} needs {needed.name}{needed.specifier}, and {there} is installed.",
                    "install all OpenTelemetry packages in one command: pip install -U "
                    + " ".join(sorted(each for each in around.packages if each.startswith("opentelemetry-"))),
                )
