from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind
from typing_extensions import Self

OPERATIONS: tuple[str, ...]
EMPTINESS: int

class Program:
    def __new__(
        cls,
        kind: SpanKind,
        scope: str,
        version: str,
        names: tuple[str, ...],
        operations: tuple[tuple[int, int, int, int, Any, tuple[int, ...]], ...],
        /,
    ) -> Self: ...

class Renderer:
    def __new__(
        cls,
        given: tuple[Any, ...],
        classes: bytes,
        longest_word: int,
        programs: dict[int, Program | None],
        learn: Callable[[ReadableSpan, int], object],
        describe: Callable[[Resource], tuple[bytes, bool]],
        program_type: type[Program],
        /,
    ) -> Self: ...
    def render(
        self,
        spans: Sequence[ReadableSpan],
        remembered: Mapping[Any, Any],
        encode: Callable[[ReadableSpan], bytes | None],
        /,
    ) -> tuple[bytes, list[int]]: ...
