"""Whether memory stays flat, under spans that never repeat: what a cache without a bound would keep, it would keep here."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

from benchmarks import peers, workload
from benchmarks.collector_process import collector_process
from benchmarks.report import Section

_POINTS = 100
_PASSED_OVER_EACH = 4
"""Of each four spans one is an API call; two are no call, and one more is none and names a user."""


def measure(*, quick: bool) -> Section:
    spans = 200_000 if quick else 10_000_000
    each = spans // _POINTS
    made = _never_the_same()
    curve = []
    with collector_process() as collector:
        exporter = peers.this_exporter(collector.url)
        for point in range(1, _POINTS + 1):
            for _ in range(each // workload.BATCH):
                exporter.export(list(itertools.islice(made, workload.BATCH)))
            gc.collect()
            curve.append((point * each / 1e6, _resident_megabytes()))
        exporter.shutdown()
    return Section("memory", f"Is memory flat over {spans:,} spans?", [_row(curve)], curves={"memory": curve})


def _row(curve: list[tuple[float, float]]) -> dict[str, Any]:
    def at(share: float) -> float:
        return curve[int(share * (_POINTS - 1))][1]

    return {
        "": "resident MB",
        "after 10 %": at(0.1),
        "after 50 %": at(0.5),
        "after 100 %": at(1),
        "highest": max(megabytes for _, megabytes in curve),
    }


def _resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _never_the_same() -> Iterator[ReadableSpan]:
    """Paths, addresses, header names, users, hosts and times that do not come twice."""
    scope_and_resource = {"resource": workload.RESOURCE}
    for number in itertools.count(1):
        context = SpanContext(number, number, is_remote=False, trace_flags=TraceFlags(1))
        is_call = number % _PASSED_OVER_EACH == 0
        names_a_user = number % _PASSED_OVER_EACH == 1
        yield ReadableSpan(
            name=f"GET /{number}",
            context=context,
            parent=None if is_call else SpanContext(number, number + 1, is_remote=False, trace_flags=TraceFlags(1)),
            kind=SpanKind.SERVER if is_call else SpanKind.INTERNAL,
            attributes=_attributes(number) if is_call else {"enduser.id": f"user-{number}"} if names_a_user else {},
            start_time=1_760_000_000_000_000_000 + number * 1_000_000_000,
            end_time=1_760_000_000_000_000_000 + number * 1_000_000_000 + 12_000_000,
            **scope_and_resource,
        )


def _attributes(number: int) -> dict[str, Any]:
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return {
        "http.request.method": "GET",
        "url.scheme": "https",
        "server.address": f"tenant-{number}.shop.example",
        "url.path": f"/items/{number}/ü%20",
        "url.query": f"q={number}&token={number}",
        "client.address": address,
        "http.route": f"/items/{number}",
        "http.request.header.host": (f"tenant-{number}.shop.example",),
        "http.request.header.x_forwarded_for": (address,),
        f"http.request.header.x_{number}": ("1",),
        "http.response.status_code": 200,
        f"shop.part_{number}": number,
    }
