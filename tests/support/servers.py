"""The servers that the documentation speaks of: how each is started, and which application it then serves."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from support.combinations import instrumenting_only
from support.server_process import APPS, instrumented
from support.versions import IS_RECENT

_GEVENT_FIRST = {"OTEL_PYTHON_AUTO_INSTRUMENTATION_EXPERIMENTAL_GEVENT_PATCH": "patch_all"}
# uvicorn's workers say so.
_ASGI = "Application startup complete"
_DJANGO = {"DJANGO_SETTINGS_MODULE": "django_settings"}


@dataclass(frozen=True)
class Server:
    """A server with an application, as a user starts it.

    Attributes:
        name: What the documentation calls it.
        line: Its command line, in which `{port}` is filled in.
        instrumented: The frameworks whose instrumentations are installed, so to speak.
        environment: Variables that its users set.
        module: What has to be importable for it, where the tests' own requirements do not bring it.
        workers: How many workers it starts,
        started: and what each of them says once it serves. One that is still starting may miss a SIGTERM, as granian's
            do with the exporter and without.
        starts_anew: Whether it serves in processes that it starts anew; older versions of `opentelemetry-instrument`
            leave those alone.
    """

    name: str
    line: str
    instrumented: Sequence[str] = ("flask",)
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    module: str | None = None
    starts_anew: bool = False
    workers: int = 1
    started: str = ""

    def command(self, port: int) -> list[str]:
        """Returns: the command line, with `opentelemetry-instrument` in front."""
        return instrumented(self.line.format(port=port, apps=APPS).split())

    def has_started(self, output: str) -> bool:
        """Returns: whether all workers serve, by what the server has written."""
        return not self.started or output.count(self.started) >= self.workers

    def settings(self) -> dict[str, str]:
        """Returns: what is set beyond the exporter's own."""
        return {**instrumenting_only(*self.instrumented), **self.environment}

    def is_installed(self) -> bool:
        """Returns: whether it can be started here."""
        return (self.module is None or importlib.util.find_spec(self.module) is not None) and (
            IS_RECENT or not self.starts_anew
        )


def _wsgi(name: str, line: str, **more: object) -> Server:
    return Server(name, f"{line} flask_app:app", ("flask",), **more)  # type: ignore[arg-type]  # fields of `Server`


def _asgi(name: str, line: str, **more: object) -> Server:
    return Server(name, f"{line} fastapi_app:app", ("fastapi",), **more)  # type: ignore[arg-type]  # the same


#: Everybody's servers: their ends are tried in the fast suite. All of them come with the tests' requirements.
COMMON = (
    _wsgi("gunicorn", "gunicorn --bind 127.0.0.1:{port}"),
    _wsgi("gunicorn --preload", "gunicorn --preload --bind 127.0.0.1:{port}"),
    _asgi(
        "gunicorn -k uvicorn.workers.UvicornWorker", "gunicorn -k uvicorn.workers.UvicornWorker --bind 127.0.0.1:{port}"
    ),
    _asgi("uvicorn", "uvicorn --port {port}"),
    _asgi(
        "uvicorn --workers 2",
        # It kills a worker that says nothing for five seconds, be it that the machine is slow to start it.
        "uvicorn --workers 2 --timeout-worker-healthcheck 60 --port {port}",
        starts_anew=True,
        workers=2,
        started=_ASGI,
    ),
    _asgi("hypercorn", "hypercorn --bind 127.0.0.1:{port}", starts_anew=True),
    _wsgi("waitress", "waitress-serve --listen 127.0.0.1:{port}"),
    Server("flask run", "flask --app flask_app run --port {port}"),
    Server("gevent.pywsgi", "python -m gevent_pywsgi {port}", environment=_GEVENT_FIRST if IS_RECENT else {}),
)

_UWSGI = "uwsgi --http-socket 127.0.0.1:{port} --master --enable-threads --die-on-term"

#: The others; what is not installed is said by `nox -s servers`, and skipped elsewhere.
FURTHER = (
    _wsgi("gunicorn -k gthread", "gunicorn -k gthread --threads 4 --bind 127.0.0.1:{port}"),
    _wsgi("gunicorn -k gevent", "gunicorn -k gevent --bind 127.0.0.1:{port}", environment=_GEVENT_FIRST),
    _asgi("gunicorn -k asgi", "gunicorn -k asgi --bind 127.0.0.1:{port}", module="gunicorn.workers.gasgi"),
    _asgi(
        "gunicorn -k uvicorn_worker.UvicornWorker",
        "gunicorn -k uvicorn_worker.UvicornWorker --workers 2 --bind 127.0.0.1:{port}",
        module="uvicorn_worker",
        workers=2,
        started=_ASGI,
    ),
    _asgi("python -m uvicorn", "python -m uvicorn --port {port}"),
    _wsgi("uvicorn --interface wsgi", "uvicorn --interface wsgi --port {port}"),
    _asgi(
        "hypercorn --workers 2",
        "hypercorn --workers 2 --bind 127.0.0.1:{port}",
        starts_anew=True,
        workers=2,
        started="Running on",
    ),
    Server("hypercorn, WSGI", "hypercorn --bind 127.0.0.1:{port} wsgi:flask_app:app", starts_anew=True),
    Server("a2wsgi", "uvicorn --port {port} a2wsgi_app:app", ("flask", "starlette"), module="a2wsgi"),
    _asgi("daphne", "daphne -b 127.0.0.1 -p {port}", module="daphne"),
    _wsgi("cheroot", "cheroot --bind 127.0.0.1:{port}", module="cheroot"),
    *(
        make(
            f"granian --interface {interface} --workers {workers}",
            f"granian --interface {interface} --workers {workers} --host 127.0.0.1 --port {{port}}",
            module="granian",
            workers=workers,
            started="Started worker-",
        )
        for interface, make in (("wsgi", _wsgi), ("asgi", _asgi), ("asginl", _asgi))
        for workers in (1, 2)
    ),
    Server("uWSGI", f"{_UWSGI} --module flask_app:app", module="pyuwsgi"),
    Server(
        "uWSGI --lazy-apps",
        f"{_UWSGI} --lazy-apps --processes 2 --module flask_app:app",
        module="pyuwsgi",
        workers=2,
        started="WSGI app 0",
    ),
    Server("uWSGI --gevent", f"{_UWSGI} --gevent 20 --module flask_app:app", module="pyuwsgi"),
    Server(
        "uWSGI --gevent-early-monkey-patch",
        f"{_UWSGI} --gevent 20 --gevent-early-monkey-patch --module flask_app:app",
        module="pyuwsgi",
        environment=_GEVENT_FIRST,
    ),
    Server("uWSGI --py-call-osafterfork", f"{_UWSGI} --py-call-osafterfork --module flask_app:app", module="pyuwsgi"),
    Server(
        "uWSGI without a master",
        "uwsgi --http-socket 127.0.0.1:{port} --die-on-term --module flask_app:app",
        module="pyuwsgi",
    ),
    Server(
        "manage.py runserver --noreload",
        "python -m django runserver --noreload 127.0.0.1:{port}",
        ("django",),
        {**_DJANGO, "PYTHONUTF8": "1"},
    ),
    Server("Django under gunicorn", "gunicorn --bind 127.0.0.1:{port} django_app:wsgi", ("django",), _DJANGO),
    Server("Django under uvicorn", "uvicorn --port {port} django_app:asgi", ("django",), _DJANGO),
    Server("aiohttp", "python -m aiohttp_app {port}", ("aiohttp",)),
    Server("Tornado", "python -m tornado_app {port}", ("tornado",)),
    Server("wsgiref", "python -m wsgi_app {port}", ()),
    Server(
        "fastapi run",
        "fastapi run --host 127.0.0.1 --port {port} {apps}/fastapi_app.py",
        ("fastapi",),
        module="fastapi_cli",
    ),
    Server("litestar run", "litestar --app litestar_app:app run --port {port}", (), module="litestar"),
)
