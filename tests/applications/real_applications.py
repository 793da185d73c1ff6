"""Applications that nobody here wrote, with a short script of use for each."""

from __future__ import annotations

import json

from scripts_of_use import BASIC, BEARER, JSON, SECRET, TOKEN, Application, Request, got, posted, submitted, uploaded

# Tornado's instrumentation takes names of headers, not patterns.
_NAMED_HEADERS = {
    f"OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_{kind}": names
    for kind, names in {
        "REQUEST": "Host,Content-Type,Authorization,Cookie,X-Forwarded-For",
        "RESPONSE": "Content-Type,Content-Length,Location,Set-Cookie,WWW-Authenticate",
    }.items()
}
_REST = (
    got("/orders/", {"Authorization": f"Token {SECRET}"}),
    got(f"/orders/?format=json&access_token={SECRET}"),
    posted("/orders/", {"name": "one", "password": SECRET}),
    posted("/orders/", {"name": "x" * 30, "password": SECRET}),
    Request("POST", "/orders/", JSON, b"{"),
    submitted("/orders/", f"name=one&password={SECRET}", {"Cookie": f"sessionid={SECRET}"}),
    got("/orders/7/"),
    got("/orders/7/", BASIC),
    Request("DELETE", "/orders/7/", {"Authorization": f"Token {SECRET}"}),
    Request("PATCH", "/orders/7/"),
    Request("OPTIONS", "/orders/"),
    Request("HEAD", "/orders/"),
    got("/orders/seven/", same=False),
    posted("/ninja/items", {"name": "one", "count": 1}, BEARER),
    posted("/ninja/items", {"name": "one", "count": 1}),
    posted("/ninja/items", {"name": "one", "count": "many", "password": SECRET}, BEARER),
    uploaded("/ninja/files", password=SECRET),
    got("/ninja/stream"),
    got("/ninja/fails", same=False),
    got("/ninja/openapi.json"),
    got("/no/such/page", same=False),
)

_FILL_DATABASE = """
import sqlite3

with sqlite3.connect("shop.db") as database:
    database.execute("create table orders (id integer primary key, name text)")
    database.execute("insert into orders (name) values ('one'), ('two'), ('three')")
"""

_NOTE = json.dumps({"type": "file", "format": "text", "content": "hello"}).encode()

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
            got("/", {"Cookie": f"sessionid={SECRET}"}),
            got(f"/search/?query=welcome&access_token={SECRET}"),
            got("/admin/"),
            got("/admin/login/", same=False),
            submitted("/admin/login/", f"username=ada&password={SECRET}"),
            got("/documents/9/missing.pdf", same=False),
            uploaded("/admin/documents/multiple/add/", password=SECRET, same=False),
            posted("/admin/login/", {"password": SECRET}, BEARER, same=False),
            Request("HEAD", "/"),
            Request("PUT", "/search/", JSON, b"{}", is_same_each_time=False),
            got("/admin/password_reset/", same=False),
            got("/django-admin/login/", same=False),
            got("/no/such/page/", same=False),
        ),
    ),
    "Streamlit": Application(
        requirements=("streamlit",),
        socket="/_stcore/stream",
        files={"page.py": "import streamlit\nstreamlit.write('hello')\n"},
        command=(
            *("streamlit", "run", "page.py", "--server.port", "{port}", "--server.address", "127.0.0.1"),
            *("--server.headless", "true", "--browser.gatherUsageStats", "false"),
        ),
        script=(
            got("/_stcore/health"),
            got("/", {"Cookie": f"_streamlit_xsrf={SECRET}"}),
            got(f"/_stcore/host-config?token={SECRET}"),
            got("/static/no-such-file.js"),
            got("/media/none.png"),
            got("/_stcore/allowed-message-origins"),
            uploaded(f"/_stcore/upload_file/none/none?session_token={SECRET}", same=False),
            Request("PUT", "/_stcore/upload_file/none/none", BEARER, b"hello", is_same_each_time=False),
            Request("HEAD", "/_stcore/health"),
            Request("DELETE", "/_stcore/health", is_same_each_time=False),
            got("/component/none/index.html"),
            got("/_stcore/health"),
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
            got("/health/liveliness"),
            got("/v1/models", BEARER),
            posted(
                "/v1/chat/completions", {"model": "mocked", "messages": [{"role": "user", "content": "hi"}]}, BEARER
            ),
            posted(
                "/v1/chat/completions",
                {"model": "mocked", "messages": [{"role": "user", "content": "hi"}], "stream": True},
                BEARER,
            ),
            posted("/v1/chat/completions", {"model": "none"}, {"Authorization": f"Bearer {SECRET}"}, same=False),
            posted("/v1/chat/completions", {"model": "mocked", "api_key": SECRET}, BEARER, same=False),
            posted("/v1/completions", {"model": "mocked", "prompt": "hi"}, BEARER, same=False),
            posted("/key/generate", {"key": f"sk-{SECRET}", "models": []}, BEARER, same=False),
            uploaded("/v1/files", purpose="batch", api_key=SECRET, same=False),
            got("/model/info", BEARER, same=False),
            got(f"/v1/models?api_key={SECRET}", same=False),
            Request("DELETE", "/v1/models", BEARER),
            got("/health/readiness", same=False),
            got("/openapi.json", same=False),
            got("/no/such/path"),
        ),
    ),
    "Jupyter server": Application(
        requirements=("jupyter-server",),
        settings=_NAMED_HEADERS,
        socket=f"/api/events/subscribe?token={SECRET}",
        files={"notes.txt": "hello"},
        command=(
            *("jupyter", "server", "--no-browser", "--allow-root", "--port={port}", "--ip=127.0.0.1"),
            *(f"--IdentityProvider.token={SECRET}", "--ServerApp.root_dir=."),
        ),
        script=(
            got("/api"),
            got("/api/status", TOKEN),
            got(f"/api/contents/notes.txt?token={SECRET}", same=False),
            got("/files/notes.txt", TOKEN),
            got("/files/missing.txt", TOKEN, same=False),
            got("/api/contents/missing.txt", TOKEN),
            got("/api/status"),
            got("/no/such/page", TOKEN, same=False),
            posted("/api/sessions", {"path": "notes.txt", "token": SECRET}, TOKEN, same=False),
            Request("PUT", "/api/contents/new.txt", {**JSON, **TOKEN}, _NOTE, is_same_each_time=False),
            Request(
                "PATCH", "/api/contents/new.txt", {**JSON, **TOKEN}, b'{"path": "old.txt"}', is_same_each_time=False
            ),
            Request("DELETE", "/api/contents/old.txt", TOKEN),
            Request("DELETE", "/api/contents/old.txt", TOKEN, is_same_each_time=False),
            submitted("/login", f"password={SECRET}", same=False),
            got("/api/kernelspecs", TOKEN, same=False),
            Request("HEAD", "/files/notes.txt", TOKEN),
            Request("OPTIONS", "/api/contents", TOKEN),
        ),
    ),
    "mlflow": Application(
        requirements=("mlflow",),
        kept=("store.db", "mlartifacts"),
        settings={"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},  # a dozen processes more
        command=(
            *("mlflow", "server", "--port", "{port}", "--host", "127.0.0.1", "--workers", "1"),
            *("--backend-store-uri", "sqlite:///store.db"),
        ),
        script=(
            got("/health"),
            got("/version"),
            posted("/api/2.0/mlflow/experiments/create", {"name": "one", "password": SECRET}, same=False),
            posted("/api/2.0/mlflow/experiments/search", {"max_results": 5}, BEARER, same=False),
            got(f"/api/2.0/mlflow/experiments/get?experiment_id=99&api_key={SECRET}"),
            posted("/api/2.0/mlflow/registered-models/create", {"name": "two", "api_key": SECRET}, BASIC, same=False),
            posted("/api/2.0/mlflow/registered-models/create", {"name": "two"}, same=False),
            Request("PUT", "/api/2.0/mlflow-artifacts/artifacts/notes.txt", BEARER, b"hello"),
            got("/api/2.0/mlflow-artifacts/artifacts/notes.txt", same=False),
            got("/api/2.0/mlflow-artifacts/artifacts?path=.", same=False),
            Request("DELETE", "/api/2.0/mlflow/experiments/create"),
            got("/no/such/path"),
            got("/"),
        ),
    ),
    "datasette": Application(
        requirements=("datasette",),
        sources="datasette",
        preparation=(("python", "-c", _FILL_DATABASE),),
        command=("datasette", "serve", "shop.db", "--port", "{port}", "--plugins-dir", "plugins"),
        script=(
            got("/", {"Cookie": f"ds_actor={SECRET}"}, same=False),
            got("/-/versions.json"),
            got("/shop", same=False),
            got(f"/shop/orders.json?_shape=array&token={SECRET}"),
            got("/shop/orders/1.json", BEARER, same=False),
            got("/shop/orders.csv?_stream=on", same=False),
            got("/shop.json?sql=select+:password&password=" + SECRET, same=False),
            got("/shop.json?sql=select+nothing+from+nowhere", same=False),
            got("/shop/missing", same=False),
            got("/shop/orders/99.json", same=False),
            got("/-/static/app.css"),
            submitted("/-/messages", f"message={SECRET}&message_type=INFO", same=False),
            got(f"/-/auth-token?token={SECRET}", same=False),
        ),
    ),
    "Django REST framework and Ninja": Application(
        requirements=("django", "djangorestframework", "django-ninja", "gunicorn"),
        sources="rest",
        settings={"DJANGO_SETTINGS_MODULE": "settings"},
        command=("gunicorn", "--bind", "127.0.0.1:{port}", "shop:application"),
        script=_REST,
    ),
    "Django REST framework and Ninja, under uvicorn": Application(
        requirements=("django", "djangorestframework", "django-ninja", "uvicorn"),
        sources="rest",
        settings={"DJANGO_SETTINGS_MODULE": "settings"},
        command=("uvicorn", "--port", "{port}", "shop:asgi"),
        script=_REST,
    ),
    "gradio": Application(
        requirements=("gradio",),
        sources="gradio",
        settings={"GRADIO_ANALYTICS_ENABLED": "False"},
        command=("python", "app.py", "{port}"),
        script=(
            got("/", {"Cookie": f"access-token={SECRET}"}, same=False),
            got("/config", BEARER, same=False),
            got("/gradio_api/info"),
            posted(
                "/gradio_api/call/greet", {"data": ["ada", "?"], "session_hash": SECRET}, same=False, tells="event_id"
            ),
            got("/gradio_api/call/greet/{event_id}"),
            posted("/gradio_api/call/count", {"data": [5]}, BASIC, same=False, tells="event_id"),
            got("/gradio_api/call/count/{event_id}"),
            posted("/gradio_api/call/fail", {"data": []}, same=False, tells="event_id"),
            got("/gradio_api/call/fail/{event_id}"),
            uploaded("/gradio_api/upload", file="files", same=False),
            submitted("/login", f"username=ada&password={SECRET}"),
            got("/gradio_api/file=/etc/passwd"),
            posted("/gradio_api/call/none", {"data": [], "password": SECRET}),
            got("/no/such/page", same=False),
        ),
        asks_itself=(("GET", "/gradio_api/startup-events"), ("HEAD", "/")),
    ),
    "Strawberry": Application(
        requirements=("strawberry-graphql", "fastapi", "uvicorn", "websockets"),
        sources="strawberry",
        command=("uvicorn", "--port", "{port}", "app:app"),
        socket="/graphql",
        script=(
            got("/graphql", {"Accept": "text/html"}),
            posted("/graphql", {"query": "{ order(number: 7) { number } }"}, BEARER),
            got(f"/graphql?query=%7Border(number:7)%7Bnumber%7D%7D&token={SECRET}"),
            posted(
                "/graphql",
                {
                    "query": "mutation In($name: String!, $password: String!) { logIn(name: $name, password: $password) }",
                    "variables": {"name": "ada", "password": SECRET},
                    "operationName": "In",
                },
                BASIC,
            ),
            posted("/graphql", {"query": "{ order(number: -1) { number } }"}),
            posted("/graphql", {"query": "{ nothing }"}),
            posted("/graphql", {"query": "{"}),
            Request("POST", "/graphql", {"Content-Type": "application/json"}, b"{"),
            Request("DELETE", "/graphql"),
            uploaded(
                "/graphql",
                operations='{"query": "mutation($file: Upload!) { read(file: $file) }", "variables": {"file": null}}',
                map='{"file": ["variables.file"]}',
            ),
            posted(
                "/graphql",
                {"query": "subscription { numbers(to: 3) }"},
                {"Accept": "multipart/mixed;boundary=graphql;subscriptionSpec=1.0"},
            ),
            got("/no/such/page"),
        ),
    ),
    "Flower": Application(
        requirements=("flower", "celery"),
        sources="flower",
        settings={"FLOWER_BASIC_AUTH": f"ada:{SECRET}", "FLOWER_INSPECT_TIMEOUT": "100", **_NAMED_HEADERS},
        command=("celery", "-A", "tasks", "flower", "--port={port}", "--address=127.0.0.1"),
        script=(
            got("/healthcheck"),
            got("/", BASIC, same=False),
            got("/", {"Authorization": f"Basic {SECRET}"}),
            got("/tasks", BASIC),
            submitted(
                "/tasks/datatable", "draw=1&start=0&length=10&search[value]=&order[0][column]=0&order[0][dir]=asc"
            ),
            got("/api/workers", BASIC),
            got(f"/api/tasks?token={SECRET}", BASIC),
            got("/api/task/types", BASIC),
            got("/api/task/info/none", BASIC),
            got("/api/task/result/none", BASIC, same=False),
            posted("/api/task/async-apply/tasks.add", {"args": [1, 2], "password": SECRET}, BASIC, same=False),
            posted("/api/task/async-apply/tasks.none", {"args": [1, 2]}, BASIC, same=False),
            got("/metrics", same=False),
            got("/broker", BASIC),
            got("/static/css/flower.css", same=False),
            got("/no/such/page", BASIC, same=False),
        ),
    ),
    "Prefect": Application(
        requirements=("prefect",),
        settings={
            "PREFECT_HOME": "home",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        },
        kept=("home",),
        command=("prefect", "server", "start", "--port", "{port}", "--host", "127.0.0.1"),
        socket="/api/events/out",
        script=(
            got("/api/health"),
            got("/api/version", BEARER),
            got("/api/ready"),
            posted("/api/flows/", {"name": "one", "tags": []}, same=False, tells="id"),
            got("/api/flows/{id}", BASIC, same=False),
            posted("/api/flows/filter", {"limit": 5}, BEARER, same=False),
            posted("/api/flow_runs/filter", {"limit": 5}),
            posted(
                "/api/variables/",
                {"name": "token_of_shop", "value": "public", "tags": [], "secret": SECRET},
                same=False,
            ),
            posted("/api/flows/", {"password": SECRET}, same=False),
            got("/api/flows/name/missing"),
            Request("DELETE", "/api/flows/{id}"),
            Request("DELETE", "/api/flows/{id}"),
            got(f"/api/admin/settings?api_key={SECRET}", same=False),
            got("/", {"Cookie": f"session={SECRET}"}, same=False),
            got("/no/such/page", same=False),
        ),
    ),
}
