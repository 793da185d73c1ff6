"""What middlewares of WSGI and of ASGI have in common: they lie around an application, and show in nothing else."""

from __future__ import annotations

from typing import Any


class Middleware:
    """Stands for the application that it lies around, its attribute `app`."""

    def __getattr__(self, name: str) -> Any:
        """The attributes of the application itself, for code that looks for them here."""
        if name == "app":  # not there yet, as in a copy that is being made
            raise AttributeError(name)
        return getattr(self.app, name)
