"""Tells open pages and hanging answers what goes on; all of it on the server's own event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request


class LiveFeed:
    """Wakes whoever watches at every change, and lets all of them go when the server stops."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Event] = set()
        self._stopping = asyncio.Event()

    @property
    def stopping(self) -> bool:
        """Whether the server is on its way out."""
        return self._stopping.is_set()

    def publish(self) -> None:
        """Something changed."""
        for watcher in self._watchers:
            watcher.set()

    def stop(self) -> None:
        """The server stops: every wait ends."""
        self._stopping.set()
        self.publish()

    async def changed(self, timeout: float) -> bool:
        """Waits for the next change.

        Args:
            timeout: Seconds.

        Returns:
            Whether there was one in time.
        """
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        try:
            await asyncio.wait_for(watcher.wait(), timeout)
        except (TimeoutError, asyncio.TimeoutError):
            return False
        finally:
            self._watchers.discard(watcher)
        return True

    async def hang(self, request: Request) -> None:
        """Gives no answer until the client goes or the server stops."""
        gone = asyncio.ensure_future(_disconnected(request))
        stopped = asyncio.ensure_future(self._stopping.wait())
        _, pending = await asyncio.wait({gone, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
