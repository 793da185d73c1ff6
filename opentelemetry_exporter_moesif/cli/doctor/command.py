"""`moesif-otel doctor`: the checks one after the other, and at last an event."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.cli import check as event_check
from opentelemetry_exporter_moesif.cli.doctor import setup_checks, span_checks
from opentelemetry_exporter_moesif.cli.doctor.django_check import check_django
from opentelemetry_exporter_moesif.cli.doctor.finding import Finding
from opentelemetry_exporter_moesif.cli.doctor.frameworks import installed
from opentelemetry_exporter_moesif.cli.doctor.servers import check_command, server_of
from opentelemetry_exporter_moesif.cli.doctor.surroundings import Surroundings, look_around
from opentelemetry_exporter_moesif.redaction import scrub
from opentelemetry_exporter_moesif.terminal.exit_codes import DONE, NOT_DONE
from opentelemetry_exporter_moesif.terminal.output import counted, say, say_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHECKS: tuple[Callable[[Surroundings], Iterator[Finding]], ...] = (
    setup_checks.check_distro,
    setup_checks.check_config_file,
    setup_checks.check_traces_exporter,
    setup_checks.check_other_exporters,
    setup_checks.check_switches,
    setup_checks.check_settings,
    check_django,
    check_command,
    span_checks.check_frameworks,
    span_checks.check_releases,
    span_checks.check_click,
    span_checks.check_headers,
    span_checks.check_conventions,
    setup_checks.check_renderer,
)
"""Every check, in the order in which a person would have to fix what they find."""

_SEVERITIES = ("error", "warning", "note")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `doctor`."""
    parser.description = (
        "Says what in this environment would keep calls from arriving in Moesif, or from arriving right, and what to"
        " type. Run it where the service runs, with the same variables. Ends with the event of `moesif-otel check`."
    )
    parser.add_argument("--json", action="store_true", help="print the findings as a JSON list")
    parser.add_argument("--offline", action="store_true", help="send no event")
    parser.add_argument(
        "command",
        nargs=argparse.REMAINDER,
        metavar="COMMAND",
        help="the command that starts the service, as in: opentelemetry-instrument gunicorn app:app",
    )


def run(arguments: argparse.Namespace) -> int:
    """Says what it found; 1 where something would fail."""
    around = look_around(arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command)
    findings = [finding for check in CHECKS for finding in check(around)]
    findings.sort(key=lambda finding: _SEVERITIES.index(finding.severity))
    if not arguments.offline:
        findings += _event(around)
    findings = list(map(_without_secrets, findings))
    if arguments.json:
        say_json([asdict(finding) for finding in findings])
    else:
        _say(around, findings)
    return NOT_DONE if any(finding.severity == "error" for finding in findings) else DONE


def _without_secrets(finding: Finding) -> Finding:
    """A finding that may be shown to others: it quotes variables, and the command of the service."""
    return replace(finding, message=scrub(finding.message), fix=scrub(finding.fix))


def _event(around: Surroundings) -> Iterator[Finding]:
    """What `check` says of an event, sent with the settings of the service."""
    if setup_checks.config_file_of(around):
        return
    config, _ = around.settings
    if config.application_id is None:
        return
    result = event_check.check(config)
    where = "; ".join(map(str, result.attempts))
    if result.ok:
        yield Finding("check", "note", f"One event was sent and taken: {where}.", result.hint or "")
    else:
        yield Finding("check", "error", f"One event was sent and not taken: {where}.", result.hint or "")


def _say(around: Surroundings, findings: list[Finding]) -> None:
    say(f"Found    {', '.join(_names_of(around)) or 'no web framework and no server that is known here'}")
    for finding in findings:
        say(f"{finding.severity:<8} {finding.message}")
        if finding.fix:
            say(f"         -> {finding.fix}")
    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in _SEVERITIES}
    if not counts["error"] and not counts["warning"]:
        say("Nothing is in the way.")
    else:
        say(f"{counted(counts['error'], 'error')}, {counted(counts['warning'], 'warning')}.")


def _names_of(around: Surroundings) -> Iterator[str]:
    for framework in installed(around.packages):
        seen = framework.instrumentation in around.packages
        yield f"{framework.name} {around.packages[framework.distribution]}{'' if seen else ' (not instrumented)'}"
    server = server_of(around)
    if server is not None:
        yield f"{server.name} (docs/running-it.md says what holds for it)"
