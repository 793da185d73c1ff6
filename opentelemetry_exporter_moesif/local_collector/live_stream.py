"""The server-sent events that tell an open page to look again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .live_feed import LiveFeed
    from .store import Store

_HEARTBEAT = 15.0
_AT_MOST_EVERY = 0.5


def live_stream(store: Store, feed: LiveFeed) -> StreamingResponse:
    """A stream with one `changed` event after each change, but at most two a second."""
    return StreamingResponse(
        _changes(store, feed), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _changes(store: Store, feed: LiveFeed) -> AsyncIterator[str]:
    version = None
    while not feed.stopping:
        if store.version != version:
            version = store.version
            yield f"event: changed\ndata: {version}\n\n"
            await asyncio.sleep(_AT_MOST_EVERY)
        elif not await feed.changed(_HEARTBEAT):
            yield ": still here\n\n"
