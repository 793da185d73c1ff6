"""The web frameworks that the doctor knows, and what makes spans of their calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTRIB = "opentelemetry-instrumentation-"


@dataclass(frozen=True)
class Framework:
    """One framework.

    Attributes:
        name: As people write it.
        distribution: Its package.
        instrumentation: What `opentelemetry-instrument` finds its spans by; None where there is none.
        by_hand: What makes spans all the same, where there is none.
    """

    name: str
    distribution: str
    instrumentation: str | None
    by_hand: str = ""


def _contrib(name: str, distribution: str, suffix: str | None = None) -> Framework:
    return Framework(name, distribution, _CONTRIB + (suffix or distribution))


_ASGI = "wrap the application in opentelemetry.instrumentation.asgi.OpenTelemetryMiddleware"
_WSGI = "wrap the application in opentelemetry.instrumentation.wsgi.OpenTelemetryMiddleware"

FRAMEWORKS = (
    _contrib("Flask", "flask"),
    _contrib("Django", "django"),
    _contrib("FastAPI", "fastapi"),
    _contrib("Starlette", "starlette"),
    _contrib("aiohttp", "aiohttp", "aiohttp-server"),
    _contrib("Tornado", "tornado"),
    _contrib("Falcon", "falcon"),
    _contrib("Pyramid", "pyramid"),
    Framework("Litestar", "litestar", None, "add litestar.plugins.opentelemetry.OpenTelemetryPlugin"),
    Framework("Quart", "quart", None, _ASGI),
    Framework("Sanic", "sanic", None, "serve it by an ASGI server, and " + _ASGI),
    Framework("BlackSheep", "blacksheep", None, _ASGI),
    Framework("Robyn", "robyn", None),
    Framework("Bottle", "bottle", None, _WSGI),
    Framework("CherryPy", "cherrypy", None, _WSGI),
    Framework("web2py", "py4web", None, _WSGI),
    Framework("datasette", "datasette", None, _ASGI),
)

# Applications of these run on one of the others, whose instrumentation sees them. Connexion's AsyncApp is a Starlette
# application that is not made by the class which Starlette's instrumentation replaces.
CONNEXION = Framework("Connexion", "connexion", None, "FlaskApp is seen by Flask's; for AsyncApp " + _ASGI)

# What brings these along without serving anything by them.
BROUGHT_ALONG = {"starlette": ("fastapi", "litestar", "connexion"), "flask": ("connexion",)}


def installed(packages: Mapping[str, str]) -> list[Framework]:
    """The frameworks that are there, but for those that only another one brought."""
    frameworks = [each for each in (*FRAMEWORKS, CONNEXION) if each.distribution in packages]
    return [
        each for each in frameworks if not any(other in packages for other in BROUGHT_ALONG.get(each.distribution, ()))
    ]
