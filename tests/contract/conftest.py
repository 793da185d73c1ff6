"""Real sockets, in one process."""

import os

import pytest
from support.command_line import APPLICATION_ID, environment
from support.delivery import OwnMetrics

_PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*_PROXY_VARIABLES, *_AUTHORITIES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """For commands that are called in this process: its own settings of an exporter are not theirs."""
    for name in os.environ.keys() - environment().keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("OTEL_EXPORTER_MOESIF_APPLICATION_ID", APPLICATION_ID)


@pytest.fixture
def own_metrics(monkeypatch: pytest.MonkeyPatch) -> OwnMetrics:
    monkeypatch.setenv("OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED", "true")
    return OwnMetrics()


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that runs fast: what takes minutes takes moments."""
    pause = "opentelemetry_exporter_moesif.delivery.gate"
    monkeypatch.setattr(f"{pause}.FIRST_SECONDS", 0.001)
    monkeypatch.setattr(f"{pause}.LONGEST_SECONDS", 0.01)
    monkeypatch.setattr(f"{pause}.PROBE_SECONDS", 0.02)
