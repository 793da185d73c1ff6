"""Each page of docs/stacks does what it says: its files, its commands, its calls, as they stand there.

Run by `nox -s stacks`, which installs what the pages install and the frameworks that they are about.
"""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from support.server_process import SCRIPTS, ServerProcess, clean_environment, serving

from opentelemetry_exporter_moesif.local_collector import LocalCollector

PAGES = Path(__file__).parents[2] / "docs" / "stacks"
SERVING = (
    *("flask", "django", "django-rest", "fastapi", "aiohttp", "tornado", "falcon-pyramid", "litestar", "quart"),
    "graphql",
)
APPLICATION_ID = "your Moesif application id"  # as the pages have it


def blocks(page: str) -> dict[str, str]:
    """The code blocks of a page by their titles."""
    text = (PAGES / f"{page}.md").read_text("utf-8")
    return dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', text, flags=re.MULTILINE | re.DOTALL))


def write_files(page: str, folder: Path) -> dict[str, str]:
    found = blocks(page)
    for title, text in found.items():
        if title.endswith(".py"):
            (folder / title).write_text(text, "utf-8")
    return found


def started(script: str, folder: Path) -> Callable[[int], list[str]]:
    """The command of a block, on a free port: the last line is the server, which takes the shell's place."""
    lines = script.strip().splitlines()
    lines[-1] = f"exec {lines[-1]}"
    text = "\n".join([f"cd {folder}", *lines])
    return lambda port: ["bash", "-euo", "pipefail", "-c", text.replace("8000", str(port))]


def call(url: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    given = {"X-User": "ada", "Content-Type": "application/json", **headers}
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), given)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.status, json.load(answer)


@pytest.fixture
def collector() -> Iterator[LocalCollector]:
    with LocalCollector(APPLICATION_ID) as running:
        yield running


def run_page(script: str, folder: Path, collector: LocalCollector, calls: Callable[[ServerProcess], None]) -> list[Any]:
    environment = clean_environment(OTEL_EXPORTER_MOESIF_ENDPOINT=collector.url, PYTHONPATH=str(folder))
    with serving(started(script, folder), environment) as server:
        calls(server)
        server.terminate()
        assert "Traceback" not in server.output(), server.output()
    assert collector.invalid() == []
    return sorted(collector.events(), key=lambda event: event["request"]["time"])


def call_orders(server: ServerProcess) -> None:
    base = f"http://127.0.0.1:{server.port}"
    assert call(f"{base}/orders/7?q=a%26b%23c&token=secret") == (200, {"order": 7})
    assert call(f"{base}/orders", {"name": "lamp", "password": "secret"})[0] == 201


def call_graphql(server: ServerProcess) -> None:
    url = f"http://127.0.0.1:{server.port}/graphql"
    query = {"query": "query ReadOrder { order(number: 7) }", "operationName": "ReadOrder"}
    assert call(url, query) == (200, {"data": {"order": 7}})


@pytest.mark.parametrize("page", [page for page in SERVING if page != "graphql"])
def test_the_calls_of_a_page_arrive_with_their_caller_and_their_bodies(
    page: str, tmp_path: Path, collector: LocalCollector
) -> None:
    script = write_files(page, tmp_path)["start"]

    read, added = run_page(script, tmp_path, collector, call_orders)

    assert read["request"]["uri"].endswith("/orders/7?q=a%26b%23c&token=REDACTED")
    assert (read["request"]["verb"], read["response"]["status"]) == ("GET", 200)
    assert (read["user_id"], read["company_id"]) == ("ada", "acme")
    assert read["response"]["body"] == {"order": 7}
    assert added["response"]["status"] == 201
    assert added["request"]["body"]["password"] == "[REDACTED]"
    assert read["metadata"]["resource"]["service.name"] == "shop"
    assert read["request"]["headers"]


@pytest.mark.parametrize("page", [page for page in SERVING if "instrumented.py" in blocks(page)])
def test_a_set_up_in_code_sends_the_same(page: str, tmp_path: Path, collector: LocalCollector) -> None:
    script = write_files(page, tmp_path)["start in code"]

    read, added = run_page(script, tmp_path, collector, call_orders)

    assert (read["user_id"], read["response"]["body"]) == ("ada", {"order": 7})
    assert added["response"]["status"] == 201


def test_a_graphql_operation_is_told_apart(tmp_path: Path, collector: LocalCollector) -> None:
    script = write_files("graphql", tmp_path)["start"]

    (event,) = run_page(script, tmp_path, collector, call_graphql)

    assert (event["user_id"], event["metadata"]["operation"]) == ("ada", "ReadOrder")
    assert event["response"]["body"] == {"data": {"order": 7}}


def test_the_calls_of_celerys_tasks_arrive(tmp_path: Path, collector: LocalCollector) -> None:
    """With a broker in the file system, which Celery has as well; the real ones need a server."""
    script = write_files("celery", tmp_path)["start"]
    (tmp_path / "celeryconfig.py").write_text(
        f"broker_transport_options = {{'data_folder_in': '{tmp_path}/q', 'data_folder_out': '{tmp_path}/q'}}\n"
    )
    (tmp_path / "q").mkdir()
    environment = clean_environment(
        OTEL_EXPORTER_MOESIF_ENDPOINT=collector.url,
        PYTHONPATH=str(tmp_path),
        BROKER="filesystem://",
        CELERY_CONFIG_MODULE="celeryconfig",
    )
    send = f"import tasks; tasks.app.config_from_object('celeryconfig'); tasks.notify.delay({collector.url!r})"
    subprocess.run([SCRIPTS / "python", "-c", send], env=environment, cwd=tmp_path, check=True)
    configured = script.replace("celery -A tasks", "-- celery -A tasks --config celeryconfig")
    worker = subprocess.Popen(started(configured, tmp_path)(0), env=environment, cwd=tmp_path)
    try:
        (event,) = collector.wait_for(1, timeout=60)
    finally:
        worker.terminate()
        worker.wait(60)
    assert (event["direction"], event["request"]["uri"]) == ("Outgoing", f"{collector.url}/")


def test_the_function_of_the_lambda_page_has_sent_its_call_when_it_ends(
    tmp_path: Path, collector: LocalCollector
) -> None:
    write_files("aws-lambda", tmp_path)
    event = json.loads((PAGES.parents[1] / "examples" / "aws-lambda" / "event.json").read_text())
    event["headers"]["x-user"] = "ada"
    (tmp_path / "invoke.py").write_text(
        "import app, json, types\n"
        "context = types.SimpleNamespace(invoked_function_arn='arn:aws:lambda:eu-west-1:1:function:f', aws_request_id='1', function_name='shop')\n"
        f"print(app.handler(json.loads({json.dumps(json.dumps(event))}), context))\n"
    )
    environment = clean_environment(
        OTEL_EXPORTER_MOESIF_ENDPOINT=collector.url,
        OTEL_EXPORTER_MOESIF_APPLICATION_ID=APPLICATION_ID,
        AWS_LAMBDA_FUNCTION_NAME="shop",
        PYTHONPATH=str(tmp_path),
    )
    subprocess.run([SCRIPTS / "python", "invoke.py"], env=environment, cwd=tmp_path, check=True)
    (sent,) = collector.events()
    assert (sent["user_id"], sent["response"]["status"]) == ("ada", 200)


@pytest.mark.parametrize("page", [path.stem for path in sorted(PAGES.glob("*.md")) if path.stem != "index"])
def test_what_a_page_installs_is_what_this_environment_has(page: str) -> None:
    """So the calls above were made with what its readers get."""
    words = blocks(page)["install"].split()
    assert words[:2] == ["pip", "install"]
    for word in words[2:]:
        assert version(Requirement(word.strip("'")).name)


def test_every_page_is_listed() -> None:
    index = (PAGES / "index.md").read_text("utf-8")
    assert all(f"({path.name})" in index for path in PAGES.glob("*.md") if path.stem != "index")
