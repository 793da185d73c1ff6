"""Applications that nobody here wrote: what they need, how they are started, and a short script of use for each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

#: Part of every secret that a script uses: where it shows up in an event, something leaked.
SECRET = "hush-4f1c9a"

_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_BEARER = {"Authorization": f"Bearer sk-{SECRET}"}
_TOKEN = {"Authorization": f"token {SECRET}"}


@dataclass(frozen=True)
class Request:
    """One request of a script.

    Attributes:
        method: As it is sent.
        target: As it is sent.
        headers: As they are sent.
        body: As it is sent.
        is_same_each_time: Whether two answers to it have the same bytes, apart from ids and times.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    is_same_each_time: bool = True


@dataclass(frozen=True)
class Application:
    """An application of the registry.

    Attributes:
        requirements: What is installed.
        files: What is written into its directory, by name.
        preparation: Commands that are run there once, not instrumented.
        command: What serves on `{port}`.
        script: What is asked, in this order, on one connection.
        settings: Further variables.
        kept: Files that the application keeps its state in: each run begins without them.
    """

    requirements: tuple[str, ...]
    command: tuple[str, ...]
    script: tuple[Request, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    preparation: tuple[tuple[str, ...], ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()


def _posted(target: str, body: object, headers: Mapping[str, str] = _JSON, *, same: bool = True) -> Request:
    return Request("POST", target, {**_JSON, **headers}, json.dumps(body).encode(), is_same_each_time=same)


APPLICATIONS = {
    "Wagtail": Application(
        requirements=("wagtail", "gunicorn"),
        preparation=(
            ("wagtail", "start", "shop", "."),
            ("python", "manage.py", "migrate", "--verbosity", "0"),
            ("python", "manage.py", "createsuperuser", "--noinput", "--username", "ada", "--email", "ada@shop.example"),
        ),
        settings={"DJANGO_SETTINGS_MODULE": "shop.settings.dev", "DJANGO_SUPERUSER_PASSWORD": SECRET},
        command=("gunicorn", "--bind", "127.0.0.1:{port}", "shop.wsgi"),
        script=(
            Request("GET", "/", {"Cookie": f"sessionid={SECRET}"}),
            Request("GET", f"/search/?query=welcome&access_token={SECRET}"),
            Request("GET", "/admin/"),
            Request("GET", "/admin/login/", is_same_each_time=False),
            Request("POST", "/admin/login/", _FORM, f"username=ada&password={SECRET}".encode()),
            Request("GET", "/documents/9/missing.pdf", is_same_each_time=False),
            Request("GET", "/no/such/page/", is_same_each_time=False),
        ),
    ),
    "Streamlit": Application(
        requirements=("streamlit",),
        files={"page.py": "import streamlit\nstreamlit.write('hello')\n"},
        command=(
            *("streamlit", "run", "page.py", "--server.port", "{port}", "--server.address", "127.0.0.1"),
            *("--server.headless", "true", "--browser.gatherUsageStats", "false"),
        ),
        script=(
            Request("GET", "/_stcore/health"),
            Request("GET", "/", {"Cookie": f"_streamlit_xsrf={SECRET}"}),
            Request("GET", f"/_stcore/host-config?token={SECRET}"),
            Request("GET", "/static/no-such-file.js"),
            Request("GET", "/_stcore/health"),
        ),
    ),
    "LiteLLM's proxy": Application(
        requirements=("litellm[proxy]",),
        files={
            "proxy.yaml": json.dumps(
                {
                    "model_list": [
                        {"model_name": "mocked", "litellm_params": {"model": "openai/mocked", "mock_response": "hello"}}
                    ],
                    "general_settings": {"master_key": f"sk-{SECRET}"},
                }
            )
        },
        settings={"LITELLM_LOCAL_MODEL_COST_MAP": "true"},
        command=("litellm", "--config", "proxy.yaml", "--port", "{port}", "--host", "127.0.0.1"),
        script=(
            Request("GET", "/health/liveliness"),
            Request("GET", "/v1/models", _BEARER),
            _posted(
                "/v1/chat/completions", {"model": "mocked", "messages": [{"role": "user", "content": "hi"}]}, _BEARER
            ),
            _posted(
                "/v1/chat/completions",
                {"model": "mocked", "messages": [{"role": "user", "content": "hi"}], "stream": True},
                _BEARER,
            ),
            _posted("/v1/chat/completions", {"model": "none"}, {"Authorization": f"Bearer {SECRET}"}, same=False),
            _posted("/v1/chat/completions", {"model": "mocked", "api_key": SECRET}, _BEARER, same=False),
            Request("GET", "/no/such/path"),
        ),
    ),
    "Jupyter server": Application(
        requirements=("jupyter-server",),
        files={"notes.txt": "hello"},
        command=(
            *("jupyter", "server", "--no-browser", "--allow-root", "--port={port}", "--ip=127.0.0.1"),
            *(f"--IdentityProvider.token={SECRET}", "--ServerApp.root_dir=."),
        ),
        script=(
            Request("GET", "/api"),
            Request("GET", "/api/status", _TOKEN),
            Request("GET", f"/api/contents/notes.txt?token={SECRET}", is_same_each_time=False),
            Request("GET", "/files/notes.txt", _TOKEN),
            Request("GET", "/files/missing.txt", _TOKEN, is_same_each_time=False),
            Request("GET", "/api/contents/missing.txt", _TOKEN),
            Request("GET", "/api/status"),
            Request("GET", "/no/such/page", _TOKEN, is_same_each_time=False),
            _posted("/api/sessions", {"path": "notes.txt", "token": SECRET}, _TOKEN, same=False),
        ),
    ),
    "mlflow": Application(
        requirements=("mlflow",),
        kept=("store.db",),
        command=(
            *("mlflow", "server", "--port", "{port}", "--host", "127.0.0.1", "--workers", "1"),
            *("--backend-store-uri", "sqlite:///store.db"),
        ),
        script=(
            Request("GET", "/health"),
            Request("GET", "/version"),
            _posted("/api/2.0/mlflow/experiments/create", {"name": "one", "password": SECRET}, same=False),
            _posted("/api/2.0/mlflow/experiments/search", {"max_results": 5}, _BEARER, same=False),
            Request("GET", f"/api/2.0/mlflow/experiments/get?experiment_id=99&api_key={SECRET}"),
            Request("GET", "/no/such/path"),
            Request("GET", "/"),
        ),
    ),
}
