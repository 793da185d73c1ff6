"""How this package came here, so that a hint says what to install again: a release's name, or the path of a clone."""

from __future__ import annotations

import json
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from urllib.parse import urlsplit
from urllib.request import url2pathname

_NAME = "opentelemetry-exporter-moesif"


def requirement(extra: str) -> str:
    """What `pip install` takes to add an extra, quoted for a shell."""
    return shlex.quote(f"{_clone() or _NAME}[{extra}]")


def _clone() -> str | None:
    """The directory that this was installed from, as pip noted it (PEP 610); None for a release."""
    try:
        noted = json.loads(distribution(_NAME).read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return None
    address = urlsplit(noted.get("url", ""))
    return url2pathname(address.path) if address.scheme == "file" and "dir_info" in noted else None
