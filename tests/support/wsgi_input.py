"""The least that a server may give an application to read its request from."""

from __future__ import annotations

import io
from collections.abc import Iterator


class OnlyWhatPep3333Asks:
    """`wsgi.input` as uWSGI has it: no `readinto`, no `seek`, nothing else."""

    def __init__(self, content: bytes) -> None:
        self._beneath = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._beneath.read(size)

    def readline(self, size: int = -1) -> bytes:
        return self._beneath.readline(size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        return self._beneath.readlines(hint)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._beneath)
