"""Writes the tables of docs/ that say what the code says, between `<!-- NAME: begin -->` and `<!-- NAME: end -->`.

Usage: python .ci/docs_tables.py [--check]

With `--check` nothing is written, and the exit code is 1 where a page differs from the code.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import sys
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif import config, environment_variables
from opentelemetry_exporter_moesif.mapping import dialects, escapes
from opentelemetry_exporter_moesif.mapping.dialect import CONVENTIONS, Dialect, Port
from opentelemetry_exporter_moesif.redaction import names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).parents[1]
PREFIX = "OTEL_EXPORTER_MOESIF_"
FACTORS = {"GiB": 1024**3, "MiB": 1024**2}


def constant_docstrings() -> dict[str, str]:
    """The docstring below each constant of `environment_variables.py`, by the constant's name."""
    body = ast.parse(inspect.getsource(environment_variables)).body
    return {
        assignment.targets[0].id: inspect.cleandoc(text.value.value)
        for assignment, text in itertools.pairwise(body)
        if isinstance(assignment, ast.Assign)
        and isinstance(assignment.targets[0], ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def defaults() -> dict[str, Any]:
    """The default of each setting by its argument's name."""
    return {
        each.name: each.default if each.default_factory is MISSING else each.default_factory()
        for each in fields(config.Config)
    }


def as_text(name: str, value: Any) -> str:
    """A default as the table shows it."""
    if isinstance(value, bool):
        return f"`{value}`".lower()
    if name.startswith("redact_"):
        return "[a list](privacy.md#the-lists)"
    if isinstance(value, (int, float)) and ("timeout" in name):
        return f"{value:g} s"
    if isinstance(value, int):
        unit, factor = next(((unit, factor) for unit, factor in FACTORS.items() if value % factor == 0), ("bytes", 1))
        return f"{value} ({value // factor} {unit})" if factor > 1 else f"{value} bytes"
    return f"`{value}`" if value else ""


def one_line(text: str) -> str:
    """Docstring text as a table cell."""
    return " ".join(text.replace("``", "`").split())


def settings_table() -> str:
    """Every setting that a plain value can give."""
    texts, default = constant_docstrings(), defaults()
    rows = [
        f"| `{name}` | `{setting.variable.removeprefix(PREFIX)}` | {as_text(name, default[name])} "
        f"| {one_line(texts[setting.variable])} |"
        for name, setting in config.SETTINGS.items()
    ]
    return "\n".join(["| argument | variable `OTEL_EXPORTER_MOESIF_…` | default | |", "|---|---|---|---|", *rows])


def quoted(names: Iterable[str]) -> str:
    """Names in a row."""
    return ", ".join(f"`{name}`" for name in sorted(names, key=lambda name: name.lstrip("=")))


_WAYS = {
    escapes.decoded: "decoded",
    escapes.latin_1: "UTF-8 read as Latin-1",
    escapes.decoded_latin_1: "decoded, UTF-8 read as Latin-1",
    escapes.raw_or_decoded_latin_1: "UTF-8 read as Latin-1",
    escapes.latin_1_escapes: "escapes are of Latin-1",
    escapes.decoded_query: "decoded as a whole",
    escapes.raw_below_a_slash: "`*` is `/*`",
    escapes.up_to_query: "with the query",
}
_TEXTS = {
    "path": "`url.path`",
    "target": "`http.target`",
    "url_path": "path of `http.url`",
    "url_query": "query of `http.url`",
}
_PORTS = {
    Port.OF_THE_SOCKET: "`server.address` is the Host header, `server.port` that of the socket",
    Port.OF_THE_SOCKET_AND_HOST_HAS_NONE: "`server.address` is the Host header without its port",
}


def peculiarities(dialect: Dialect) -> list[str]:
    """What a dialect says in another way than the semantic conventions do, and is made up for."""
    ways = {name: _WAYS[how] for name in _TEXTS if (how := getattr(dialect, name)) in _WAYS}
    told = [
        f"{', '.join(_TEXTS[name] for name in ways if ways[name] == way)}: {way}"
        for way in dict.fromkeys(ways.values())
    ]
    told += [_PORTS[dialect.port]] if dialect.port in _PORTS else []
    own_names = ", ".join(f"`{name}`" for name in sorted(dialect.own_names))
    told += [
        text
        for text, applies in (
            ("headers are UTF-8 read as Latin-1", dialect.has_latin_1_headers),
            ("the host in `http.url` may be a piece of the path", dialect.has_host_of_path),
            ("`url.scheme` and `server.port` come from different headers", dialect.reads_port_apart),
            ("names for an unknown host", dialect.no_host is not None),
            ("a size of 0 is no header", dialect.size is not CONVENTIONS.size),
            ("a status of 0 is no answer", dialect.tells_unanswered),
            ("an `http.route` that is none", dialect.no_route is not None),
            (f"own names: {own_names}", bool(own_names)),
        )
        if applies
    ]
    return told


def dialects_table() -> str:
    """Every instrumentation that is read in another way than the semantic conventions have it."""
    rows: dict[str, str] = {}
    for dialect in (row.dialect for row in dialects.DIALECTS if row.before is None):  # as they are now
        cells = (dialect.title, "; ".join(peculiarities(dialect)), "; ".join(dialect.lacks))
        rows.setdefault(dialect.title, f"| {' | '.join(cells)} |")
    heads = ["| instrumentation | is made up for | its spans do not hold |", "|---|---|---|"]
    return "\n".join([*heads, *rows.values()])


TABLES: dict[str, Callable[[], str]] = {
    "settings": settings_table,
    "secret_names": lambda: quoted(names.DEFAULT_NAMES),
    "harmless_names": lambda: quoted(names.DEFAULT_HARMLESS_NAMES),
    "harmless_endings": lambda: quoted(names.HARMLESS_ENDINGS),
    "dialects": dialects_table,
}


def with_tables(text: str) -> str:
    """A page's text with each of its tables written anew."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name}: begin, written by .ci/docs_tables.py -->", f"<!-- {name}: end -->"
        text = re.sub(
            f"({re.escape(begin)}).*?({re.escape(end)})",
            lambda found, table=table: f"{found[1]}\n\n{table()}\n\n{found[2]}",
            text,
            flags=re.DOTALL,
        )
    return text


def main(*, check: bool) -> int:
    """Writes the pages, or names those that are out of date."""
    outdated = [page for page in sorted(ROOT.glob("docs/*.md")) if page.read_text() != with_tables(page.read_text())]
    for page in outdated:
        print(f"{page.relative_to(ROOT)} {'differs from the code' if check else 'is written'}")  # noqa: T201 - a script
        if not check:
            page.write_text(with_tables(page.read_text()))
    return 1 if check and outdated else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
