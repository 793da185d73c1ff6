"""What the collector keeps: a bounded SQLite database, in memory or in a file."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads

from .call import CallRow
from .schema import Level

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_EVENTS = 100_000
MAX_BYTES = 512 << 20
_VERSION = 2
_COLUMNS = ", ".join(CallRow._fields)
_MARKS = ", ".join("?" * len(CallRow._fields))
# The events lie in a table of their own, so that a walk over a hundred thousand calls reads narrow rows only.
_TABLES = """
CREATE TABLE calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT UNIQUE,
    received INTEGER NOT NULL,
    time INTEGER NOT NULL,
    duration REAL,
    verb TEXT NOT NULL,
    status INTEGER,
    uri TEXT NOT NULL,
    path TEXT NOT NULL,
    route TEXT NOT NULL,
    user_id TEXT,
    company_id TEXT,
    service TEXT,
    trace_id TEXT,
    direction TEXT,
    problems TEXT,
    level INTEGER NOT NULL,
    size INTEGER NOT NULL
);
CREATE TABLE events (id INTEGER PRIMARY KEY, json TEXT NOT NULL);
CREATE INDEX calls_by_route ON calls (route, verb, duration, status, level);
CREATE INDEX calls_by_time ON calls (time, status, duration, level);
CREATE INDEX calls_with_problems ON calls (id) WHERE level > 0;
"""


class Store:
    """Events, each once, the newest of them up to a bound. Usable from any thread.

    Args:
        database: The file to keep them in, made readable by its owner only; None keeps them in memory.
        max_events: Beyond this many, the oldest go.
        max_bytes: Beyond this much JSON text, the oldest go.

    Raises:
        OSError: The file cannot be made or opened.
        sqlite3.Error: The file is no database of this collector.
    """

    def __init__(
        self, database: str | Path | None = None, max_events: int = MAX_EVENTS, max_bytes: int = MAX_BYTES
    ) -> None:
        # SQLite runs inside, and what the interpreter puts between two statements; none of that calls this store.
        self._lock = threading.Lock()
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._connection = _open(database)
        try:
            _prepare(self._connection)
            self._count, self._bytes = self._connection.execute("SELECT count(*), total(size) FROM calls").fetchone()
        except sqlite3.Error:
            self._connection.close()
            raise
        self._version = 0

    @property
    def version(self) -> int:
        """Grows with every change, so that a reader knows whether what it worked out still holds."""
        return self._version

    def add(self, calls: Sequence[tuple[CallRow, bytes]]) -> int:
        """Keeps calls and their events as JSON text; those that are kept already are passed over.

        Returns:
            How many were new.
        """
        with self._lock, self._connection:
            fresh = self._unknown(calls)
            self._insert(fresh)
            self._drop_oldest()
            self._version += 1
        return len(fresh)

    def _unknown(self, calls: Sequence[tuple[CallRow, bytes]]) -> list[tuple[CallRow, bytes]]:
        """Those that are not kept yet, the first of each key. A call without a key is always a new one."""
        seen = self._known({call.key for call, _ in calls if call.key is not None})
        fresh = []
        for call, encoded in calls:
            if call.key is None or call.key not in seen:
                seen.add(call.key or "")
                fresh.append((call, encoded))
        return fresh

    def _known(self, keys: set[str]) -> set[str]:
        asked = json.dumps(list(keys))
        rows = self._connection.execute("SELECT key FROM calls WHERE key IN (SELECT value FROM json_each(?))", [asked])
        return {key for (key,) in rows}

    def _insert(self, fresh: list[tuple[CallRow, bytes]]) -> None:
        first = 1 + (self._connection.execute("SELECT max(seq) FROM sqlite_sequence").fetchone()[0] or 0)
        self._connection.executemany(
            f"INSERT INTO calls (id, {_COLUMNS}) VALUES (?, {_MARKS})",  # noqa: S608 - names of this module only
            ((identifier, *call) for identifier, (call, _) in enumerate(fresh, first)),
        )
        self._connection.executemany(
            "INSERT INTO events VALUES (?, ?)",
            ((identifier, encoded.decode()) for identifier, (_, encoded) in enumerate(fresh, first)),
        )
        self._count += len(fresh)
        self._bytes += sum(call.size for call, _ in fresh)

    def _drop_oldest(self) -> None:
        if self._count <= self._max_events and self._bytes <= self._max_bytes:
            return
        last = None
        for identifier, size in self._connection.execute("SELECT id, size FROM calls ORDER BY id"):
            if self._count <= self._max_events and self._bytes <= self._max_bytes:
                break
            last = identifier
            self._count -= 1
            self._bytes -= size
        self._connection.execute("DELETE FROM events WHERE id <= ?", (last,))
        self._connection.execute("DELETE FROM calls WHERE id <= ?", (last,))

    def read(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a query finds."""
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()

    def count(self) -> int:
        """How many events are kept that were taken."""
        return int(self.read("SELECT count(*) FROM calls WHERE level < ?", [Level.REFUSED])[0][0])

    def events(self) -> list[dict[str, Any]]:
        """The events that were taken, in order of arrival."""
        rows = self.read("SELECT json FROM calls JOIN events USING (id) WHERE level < ? ORDER BY id", [Level.REFUSED])
        return [loads(text) for (text,) in rows]

    def invalid(self) -> list[tuple[Any, list[str]]]:
        """The events with a problem, taken or refused, each with its problems in words."""
        rows = self.read("SELECT json, problems FROM calls JOIN events USING (id) WHERE level > 0 ORDER BY id")
        return [(loads(text), [words for _, words in json.loads(problems)]) for text, problems in rows]

    def clear(self) -> None:
        """Forgets every event, so that nothing of it is left in the file either."""
        with self._lock:
            with self._connection:
                self._connection.execute("DELETE FROM calls")
                self._connection.execute("DELETE FROM events")
                self._count = self._bytes = 0
                self._version += 1
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint (TRUNCATE)").fetchall()

    def close(self) -> None:
        """Closes the database. A second time does nothing."""
        with self._lock:
            self._connection.close()


def _open(database: str | Path | None) -> sqlite3.Connection:
    if database is None:
        return sqlite3.connect(":memory:", check_same_thread=False)
    # calls of real users: for the owner's eyes, also where the file was there before
    opened = os.open(database, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if hasattr(os, "fchmod"):  # not on Windows
            os.fchmod(opened, 0o600)
    finally:
        os.close(opened)
    return sqlite3.connect(database, check_same_thread=False)


def _prepare(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == _VERSION:
        return
    if version != 0 or connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        message = "not a database of this version's local collector; name another file"
        raise sqlite3.DatabaseError(message)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(_TABLES)
    connection.execute(f"PRAGMA user_version = {_VERSION}")
