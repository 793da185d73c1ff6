"""Which application is tried under which server, in which mode of the semantic conventions."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from support.versions import IS_RECENT

#: What OTEL_SEMCONV_STABILITY_OPT_IN is set to; "" leaves it unset, which is the legacy names.
MODES = {"old": "", "http": "http", "http-dup": "http/dup"}

#: Command line of each server; {module}, {app} and {port} are filled in.
SERVERS: dict[str, tuple[str, ...]] = {
    "werkzeug": ("flask", "--app", "{module}:{app}", "run", "--host", "127.0.0.1", "--port", "{port}"),
    "gunicorn": ("gunicorn", "--bind", "127.0.0.1:{port}", "{module}:{app}"),
    "waitress": ("waitress-serve", "--listen", "127.0.0.1:{port}", "{module}:{app}"),
    "uvicorn": ("uvicorn", "--host", "127.0.0.1", "--port", "{port}", "{module}:{app}"),
    "hypercorn": ("hypercorn", "--bind", "127.0.0.1:{port}", "{module}:{app}"),
    "itself": ("python", "-m", "{module}", "{port}"),
    "gevent": ("python", "-m", "gevent_pywsgi", "{port}", "{module}:{app}"),
    "uwsgi": (
        *("uwsgi", "--http-socket", "127.0.0.1:{port}", "--module", "{module}:{app}", "--master", "--need-app"),
        *("--enable-threads", "--lazy-apps", "--die-on-term"),
    ),
    "granian_wsgi": ("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", "{port}", "{module}:{app}"),
    "granian": ("granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", "{port}", "{module}:{app}"),
    "daphne": ("daphne", "-b", "127.0.0.1", "-p", "{port}", "{module}:{app}"),
    "runserver": ("python", "-m", "django", "runserver", "--noreload", "127.0.0.1:{port}"),
}


# Framework by framework, by the names of their entry points.
_INSTRUMENTORS = {
    **{
        name: name
        for name in (
            "django",
            "falcon",
            "fastapi",
            "flask",
            "httpx",
            "pyramid",
            "requests",
            "starlette",
            "tornado",
            "urllib3",
        )
    },
    "aiohttp": "aiohttp-server",
    "click": "click",
    "aiohttp's client": "aiohttp-client",
}


def instrumenting_only(*frameworks: str) -> dict[str, str]:
    """Returns: the setting that makes the others' instrumentors as good as not installed, as they mostly are not.

    Loading all of them takes longer than all the rest of a service's start. Frameworks that make spans of their own,
    and applications that add a middleware themselves, have none.
    """
    others = ",".join(instrumentor for name, instrumentor in _INSTRUMENTORS.items() if name not in frameworks)
    return {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": others}


@dataclass(frozen=True)
class Service:
    """An application under a server.

    Attributes:
        framework: The name by which the tests and the corpus know it.
        server: A key of `SERVERS`; "itself" where the module starts its own server.
        module: A module of `tests/apps`.
        app: The attribute that the server serves.
        environment: Variables that a user of this framework sets.
        headers: What its users set to have headers captured.
    """

    framework: str
    server: str
    module: str
    app: str = "app"
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    headers: str = ".*"

    @property
    def name(self) -> str:
        """Framework and server, for a test's name."""
        return self.framework if self.server == "itself" else f"{self.framework}-{self.server}"

    def command(self, port: int) -> list[str]:
        """Returns: the server's command line."""
        return [part.format(module=self.module, app=self.app, port=port) for part in SERVERS[self.server]]


_DJANGO = {"DJANGO_SETTINGS_MODULE": "django_settings"}
_FALCON = {"FALCON_CUSTOM_HTTP_METHODS": "PURGE"}
# Tornado's instrumentation takes names only, and no pattern.
TORNADO_HEADERS = (
    "host,user-agent,x-forwarded-for,x-forwarded-proto,accept-language,referer,cookie,authorization,traceparent,"
    "content-type,content-length,x-dup,x-custom,set-cookie"
)

SERVICES = (
    Service("flask", "werkzeug", "flask_app"),
    Service("flask", "gunicorn", "flask_app"),
    Service("flask", "waitress", "flask_app"),
    Service("django", "gunicorn", "django_app", "wsgi", _DJANGO),
    Service("django", "uvicorn", "django_app", "asgi", _DJANGO),
    Service("fastapi", "uvicorn", "fastapi_app"),
    Service("fastapi", "hypercorn", "fastapi_app"),
    Service("fastapi_own", "uvicorn", "fastapi_app"),
    Service("starlette", "uvicorn", "starlette_app"),
    Service("starlette_own", "uvicorn", "starlette_own_app"),
    Service("aiohttp", "itself", "aiohttp_app"),
    Service("tornado", "itself", "tornado_app", headers=TORNADO_HEADERS),
    Service("falcon", "gunicorn", "falcon_app", environment=_FALCON),
    Service("pyramid", "waitress", "pyramid_app"),
    Service("wsgiref", "itself", "wsgi_app"),
    Service("asgi", "uvicorn", "asgi_app"),
)

_NINJA, _DRF = ({"DJANGO_SETTINGS_MODULE": f"{name}_settings"} for name in ("ninja", "drf"))
#: Of these there are recordings alone: no test installs or starts them (`nox -s record` does).
RECORDED_SERVICES = (
    *(Service("flask", server, "flask_app") for server in ("gevent", "uwsgi", "granian_wsgi", "hypercorn")),
    *(Service("django", server, "django_app", "wsgi", _DJANGO) for server in ("runserver", "gevent", "uwsgi")),
    Service("django", "granian_wsgi", "django_app", "wsgi", _DJANGO),
    *(Service("django", server, "django_app", "asgi", _DJANGO) for server in ("daphne", "granian", "hypercorn")),
    *(Service("fastapi", server, "fastapi_app") for server in ("granian", "daphne")),
    Service("starlette", "granian", "starlette_app"),
    Service("falcon", "granian_wsgi", "falcon_app", environment=_FALCON),
    Service("bottle", "waitress", "bottle_app"),
    Service("litestar", "uvicorn", "litestar_app"),
    Service("quart", "hypercorn", "quart_app"),
    Service("sanic", "uvicorn", "sanic_app"),
    Service("connexion", "uvicorn", "connexion_app"),
    Service("ninja", "uvicorn", "ninja_app", "asgi", _NINJA),
    Service("drf", "gunicorn", "drf_app", "wsgi", _DRF),
)


@dataclass(frozen=True)
class Combination:
    """A service in one mode, with or without captured headers."""

    service: Service
    mode: str
    captured: bool

    @property
    def name(self) -> str:
        """The name of the combination's test, and of its file in the corpus."""
        return f"{self.service.name}.{self.mode}.{'headers' if self.captured else 'bare'}"

    def environment(self) -> dict[str, str]:
        """Returns: what is set for the service beyond the exporter's own settings."""
        framework = "django" if self.service.framework in {"ninja", "drf"} else self.service.framework
        environment = {**self.service.environment, **instrumenting_only(framework)}
        if MODES[self.mode]:
            environment["OTEL_SEMCONV_STABILITY_OPT_IN"] = MODES[self.mode]
        if self.captured:
            environment["OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST"] = self.service.headers
            environment["OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE"] = self.service.headers
        return environment


def _runs(service: Service) -> bool:
    """Whether the installed versions have it.

    Older frameworks have no instrumentation of their own, and older versions of `opentelemetry-instrument` leave
    alone the processes that a server starts anew, as Hypercorn does.
    """
    return IS_RECENT or not (service.framework.endswith("_own") or service.server == "hypercorn")


COMBINATIONS = tuple(
    Combination(service, mode, captured)
    for service, mode, captured in itertools.product(SERVICES, MODES, (True, False))
)
RECORDED_COMBINATIONS = tuple(
    Combination(service, mode, captured)
    for service, mode, captured in itertools.product(RECORDED_SERVICES, MODES, (True, False))
)
#: Those that can be tried here.
RUNNING_COMBINATIONS = tuple(combination for combination in COMBINATIONS if _runs(combination.service))
