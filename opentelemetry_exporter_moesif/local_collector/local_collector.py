"""The local collector in a thread of this process, for tests, demonstrations and benchmarks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from .app import build_app
from .faults import Faults
from .ingestion import FAMILIES, Ingestion
from .sampling_rates import SamplingRates
from .server import Server, listen, url_of
from .store import MAX_EVENTS, Store

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path
    from types import TracebackType

    from .post_log import Post

_PATIENCE = 10.0


class LocalCollector:
    """A context manager around a real server, which stops by itself.

    Args:
        application_id: The only id that is taken; None takes any.
        host: The address to listen on.
        port: The port, 0 for a free one.
        database: A file to keep the events in; None keeps them in memory.
        max_events: Beyond this many, the oldest go.
        fail: Faults, each with its probability: `503:0.1,hang:0.01`.
        delay: A wait before every answer to a POST, in seconds: `0.2` or `0.1-2`.
        sampling: The document that `GET …/config` answers with.
        families: The families of paths that are spoken, of `/moesifapi`, `/v1` and `/collector/v1`.
        count_only: Only count the events, without reading or keeping them: for benchmarks.

    Raises:
        OSError: The address is taken, or the file cannot be opened.
        ValueError: A fault, a delay or a sampling rate that cannot be read.
    """

    def __init__(  # noqa: PLR0913 - settings with a default each, all but one by name only
        self,
        application_id: str | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        database: str | Path | None = None,
        max_events: int = MAX_EVENTS,
        fail: str | None = None,
        delay: str | float | None = None,
        sampling: Mapping[str, Any] | None = None,
        families: Collection[str] = FAMILIES,
        count_only: bool = False,
    ) -> None:
        faults, rates = Faults.parse(fail, delay), SamplingRates(sampling)
        self._store = Store(database, max_events)
        self._ingestion = Ingestion(None if count_only else self._store, application_id, families, faults, rates)
        self._host = host
        self._port = port

    def __enter__(self) -> LocalCollector:  # noqa: PYI034 - Self is younger than Python 3.10
        self._listener = listen(self._host, self._port)
        self.url = url_of(self._listener)
        self._server = Server(build_app(self._ingestion, [self._host]), self._ingestion.feed)
        self._thread = threading.Thread(target=self._serve, name="moesif-local-collector", daemon=True)
        self._thread.start()
        if not self._server.ready.wait(_PATIENCE):
            message = "the local collector did not start"
            raise RuntimeError(message)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_PATIENCE)
        self._store.close()

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        finally:
            self._listener.close()

    @property
    def taken(self) -> int:
        """How many events were answered with 201, copies among them."""
        return self._ingestion.log.taken

    def events(self) -> list[dict[str, Any]]:
        """The events taken, in order of arrival, one for each `transaction_id`."""
        return self._store.events()

    def invalid(self) -> list[tuple[Any, list[str]]]:
        """The events that the schema has something to say of, notes included, each with its problems in words."""
        return self._store.invalid()

    def posts(self) -> list[Post]:
        """Every POST so far: path, status (0 for no answer), number of events, headers without the application id."""
        return self._ingestion.log.posts()

    def misbehave(self, fail: str | None = None, delay: str | float | None = None) -> None:
        """Changes the faults from the next answer on; without arguments, it behaves again."""
        self._ingestion.faults = Faults.parse(fail, delay)

    def set_sampling(self, document: Mapping[str, Any]) -> None:
        """Changes what `GET …/config` answers, and its ETag with it."""
        self._ingestion.rates.replace(document)

    def wait_for(self, count: int, timeout: float = 10.0) -> list[dict[str, Any]]:
        """Waits for events to arrive.

        Args:
            count: How many.
            timeout: Seconds.

        Returns:
            The events (none where they are only counted).

        Raises:
            TimeoutError: Fewer came in time; the message names what came.
        """
        if not self._ingestion.log.wait_until(lambda: self._arrived() >= count, timeout):
            raise TimeoutError(self._what_came(count, timeout))
        return self.events()

    def _arrived(self) -> int:
        return self.taken if self._ingestion.store is None else self._store.count()

    def _what_came(self, count: int, timeout: float) -> str:
        came = [f"{event['request']['verb']} {event['request']['uri']}" for event in self.events()[-20:]]
        posts = [f"{post.path} {post.status} ({post.events} events)" for post in self.posts()[-20:]]
        refused = [words for _, words in self.invalid()[-5:]]
        return (
            f"{self._arrived()} of {count} events came within {timeout} s: {came}; posts: {posts}; problems: {refused}"
        )
