"""What was posted, and what was answered."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT = 10_000


class Post(NamedTuple):
    """One POST of a client.

    Attributes:
        path: Where to.
        status: The answer; 0 where there was none.
        events: How many events it held, as far as it could be read.
        headers: Its headers in lower case, without the application id.
    """

    path: str
    status: int
    events: int
    headers: dict[str, str]


class PostLog:
    """The last ten thousand posts, and the number of events taken in all of them. Usable from any thread."""

    def __init__(self) -> None:
        # Its lock may be taken twice: inside runs what `wait_until` is given, which may ask this log.
        self._changed = threading.Condition()
        self._posts: deque[Post] = deque(maxlen=_KEPT)
        self.taken = 0

    def add(self, post: Post) -> None:
        """Notes a post, and wakes whoever waits."""
        with self._changed:
            self._posts.append(post)
            self.taken += post.events if 200 <= post.status < 300 else 0  # noqa: PLR2004 - 2xx
            self._changed.notify_all()

    def posts(self) -> list[Post]:
        """The posts, oldest first."""
        with self._changed:
            return list(self._posts)

    def wait_until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Waits until a condition holds after some post.

        Args:
            holds: Asked after each post.
            timeout: Seconds.

        Returns:
            Whether it holds.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while not holds():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
        return True
