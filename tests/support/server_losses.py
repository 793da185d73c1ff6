"""What is lost before an exporter sees it on the servers of which there are recordings alone, row by row.

The conditions are those of `support.losses`; everything that has no row here must be exact.
"""

from __future__ import annotations

from support.combinations import RECORDED_SERVICES
from support.losses import Fallback

NAMES = tuple(service.name for service in RECORDED_SERVICES)
ASGI = (
    *("django-daphne", "django-granian", "django-hypercorn", "fastapi-granian", "fastapi-daphne", "starlette-granian"),
    *("litestar-uvicorn", "quart-hypercorn", "sanic-uvicorn", "connexion-uvicorn", "ninja-uvicorn"),
)
WSGI = tuple(name for name in NAMES if name not in ASGI)
UVICORN = tuple(name for name in NAMES if name.endswith("-uvicorn"))
#: Servers that tell an application no raw target.
FLASK_WITHOUT_TARGET = ("flask-gevent", "flask-granian_wsgi", "flask-hypercorn")
DJANGO_WITHOUT_TARGET = ("django-runserver", "django-gevent", "django-granian_wsgi")
FALCON_WITHOUT_TARGET = ("falcon-granian_wsgi",)
WITHOUT_TARGET = (*FLASK_WITHOUT_TARGET, *DJANGO_WITHOUT_TARGET, *FALCON_WITHOUT_TARGET)
ROUTED = ("query", "post", "purge", "head", "escapes", "header")
NOT_FOUND = ("missing", "accent", "slash", "percent", "doubled", "marks")
ANY_MODE = ("old", "http", "http-dup")

DECODED = {"missing": "/missing/x/%C3%A9", "slash": "/files/a/b%3Fc%23d"}

FALLBACKS = (
    *(
        Fallback(part="path", instead=path, calls=(call,), services=services, modes=modes, reason=reason)
        for call, path in DECODED.items()
        for services, modes, reason in (
            (ASGI, ANY_MODE, "ASGI's path is decoded, and with it %2F"),
            (WSGI, ("http",), "url.path is decoded, and with it %2F; only the legacy http.target is raw"),
            (WITHOUT_TARGET, ANY_MODE, "there is no raw target: all that is left is a decoded path"),
        )
    ),
    Fallback(
        part="path",
        instead="/items//x",
        calls=("doubled",),
        services=("django-runserver", "bottle-waitress"),
        reason="the server makes one slash of two at the beginning of a path",
    ),
    Fallback(
        part="path",
        instead="//items//x",
        calls=("doubled",),
        services=("bottle-waitress",),
        modes=("old", "http-dup"),
        reason="Waitress keeps the raw target beside it",
    ),
    *(
        Fallback(
            part="path",
            instead=route,
            calls=calls,
            services=services,
            modes=("http",),
            reason=f"without a raw target there is no path, and the name is the route: {route}",
        )
        for services, calls, route in (
            ((*FLASK_WITHOUT_TARGET, *DJANGO_WITHOUT_TARGET), ROUTED, "/items/<int:item_id>"),
            (FALCON_WITHOUT_TARGET, ("query", "purge", "head", "escapes", "header"), "/items/{{item_id:int}}"),
        )
    ),
    Fallback(
        part="path",
        instead="/",
        calls=NOT_FOUND,
        services=(*DJANGO_WITHOUT_TARGET, *FALCON_WITHOUT_TARGET),
        modes=("http",),
        reason="without a raw target there is no path, and they name a call that matched no route by its method alone",
    ),
    Fallback(
        part="query",
        instead="",
        services=WITHOUT_TARGET,
        modes=("http",),
        reason="without a raw target there is no query under the stable names",
    ),
    Fallback(
        part="query",
        instead="q=a+b%26c&z=%C3%A9&sig=REDACTED",
        calls=("query",),
        services=WITHOUT_TARGET,
        modes=("old", "http-dup"),
        reason="only http.url has the query, and masking a signature encodes it anew",
    ),
    Fallback(
        part="query",
        instead="q=a+b&z=%C3%A9&sig=REDACTED",
        calls=("query",),
        services=ASGI,
        modes=("old",),
        reason="only http.url has the query, decoded before it is parsed: what followed %26 is gone",
    ),
    Fallback(
        part="query",
        instead="q=a&b&u=%23frag&v=1&p=100%25&pp=%2541&plus=c+d&e=%E2%9C%93&flag&empty=",
        calls=("escapes",),
        services=ASGI,
        modes=("old",),
        reason="only http.url has the query, decoded as a whole: %26 became a separator",
    ),
    Fallback(
        part="verb",
        instead="_OTHER",
        calls=("purge",),
        services=tuple(name for name in NAMES if not name.startswith(("litestar", "starlette", "falcon"))),
        modes=("old",),
        reason="the legacy names have no place for an unusual method",
    ),
    Fallback(
        part="scheme",
        instead="http",
        services=tuple(name for name in NAMES if name not in {*UVICORN, "drf-gunicorn", "flask-uwsgi", "django-uwsgi"}),
        headers=False,
        reason="X-Forwarded-Proto was not captured, and the server does not follow it",
    ),
    Fallback(
        part="scheme",
        instead="http",
        services=("bottle-waitress",),
        reason="Waitress removes X-Forwarded-* unless it is told of a trusted proxy",
    ),
    Fallback(
        part="authority",
        instead="127.0.0.1:{port}",
        services=ASGI,
        modes=("http",),
        headers=False,
        reason="ASGI's server.address is the bound socket, and Host was not captured",
    ),
    Fallback(
        part="ip_address",
        instead="127.0.0.1",
        services=tuple(name for name in NAMES if name not in UVICORN),
        calls=("query", "header"),
        headers=False,
        reason="X-Forwarded-For was not captured: what is left is who connected",
    ),
    Fallback(
        part="ip_address",
        instead="127.0.0.1",
        services=("bottle-waitress",),
        calls=("query", "header"),
        reason="Waitress removes X-Forwarded-* unless it is told of a trusted proxy",
    ),
    Fallback(
        part="ip_address",
        instead="10.0.0.1",
        services=UVICORN,
        calls=("query",),
        headers=False,
        reason="uvicorn takes the right-most address of X-Forwarded-For that is not a trusted proxy",
    ),
)

#: The status that a span tells, by service and call, where another one was answered.
OTHER_STATUS: dict[tuple[str, str], int | None] = {
    ("flask-hypercorn", "head"): 200,  # Hypercorn fails on an answer to HEAD that has no body
    ("falcon-granian_wsgi", "post"): None,  # Falcon's instrumentation fails on a status that is a number
}
#: Headers whose value is another one where the instrumentation looks, by the service's server.
CHANGED_HEADERS = {
    "granian_wsgi": {"x-name": ""},  # Granian gives an application no value that is not ASCII
    "waitress": {"x-dup": "1, 2"},
    "uwsgi": {"x-dup": "1, 2"},
}
#: Services whose answered headers never reach the caller: Sanic hands them over as a generator, which is empty after
#: OpenTelemetry's middleware captured them.
SWALLOWS_ANSWERED_HEADERS = ("sanic-uvicorn",)
