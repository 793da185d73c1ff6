"""`moesif-otel replay` as a process: pipes, Ctrl-C in the middle, and files larger than its memory."""

import gzip
import json
import os
import pty
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone

import pytest
from support.command_line import APPLICATION_ID, COMMAND, environment, interrupt_when, run
from support.recorded_calls import moesif_event, otlp_line, otlp_span, write_otlp

from opentelemetry_exporter_moesif.local_collector import LocalCollector

MEGABYTE = 1024 * 1024
ID = {"OTEL_EXPORTER_MOESIF_APPLICATION_ID": APPLICATION_ID}


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_standard_input_is_read_through_a_pipe(compress):
    lines = "\n".join(otlp_line(otlp_span(number)) for number in range(2000))
    with LocalCollector(APPLICATION_ID) as collector:
        said = run("replay", "-", "--endpoint", collector.url, stdin=compress(lines.encode()), **ID)
        assert len(collector.events()) == 2000

    assert said.code == 0
    assert said.out.startswith("Sent 2,000 events in ")


def test_interrupted_and_repeated_every_call_is_there_once(tmp_path):
    path = tmp_path / "spans.jsonl"
    count = write_otlp(path, lines=200)
    with LocalCollector(APPLICATION_ID) as collector:
        with _replaying("-", collector, stdin=subprocess.PIPE) as process:
            # The rest never comes through the pipe: it cannot have been sent before the interrupt, on any machine.
            process.stdin.writelines(path.read_bytes().splitlines(keepends=True)[:180])
            process.stdin.flush()
            interrupt_when(lambda: collector.taken >= 2000, process)
            process.wait(timeout=60)
            said = process.stderr.read()
        assert process.returncode == 130, said
        assert b"run it again with the same files, nothing counts twice" in said
        assert b"Traceback" not in said
        assert 2000 <= len(collector.events()) < count

        assert run("replay", path, "--endpoint", collector.url, **ID).code == 0
        assert len(collector.events()) == count
        assert collector.taken > count


LINE = '203.0.113.9 - - [{}] "GET /teas/{} HTTP/1.1" 200 2 "-" "curl/8"\n'


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("is_fifo", [False, True], ids=["standard input", "a FIFO"])
def test_what_came_through_a_pipe_that_stays_open_is_sent_and_an_end_drops_nothing_of_it(tmp_path, is_fifo, number):
    now = datetime.now(timezone.utc).strftime("%d/%b/%Y:%H:%M:%S +0000")
    lines = [LINE.format(now, number).encode() for number in range(100)]
    os.mkfifo(tmp_path / "pipe")
    source = tmp_path / "pipe" if is_fifo else "-"
    with LocalCollector(APPLICATION_ID) as collector, _replaying(source, collector, stdin=subprocess.PIPE) as process:
        pipe = (tmp_path / "pipe").open("wb") if is_fifo else process.stdin
        pipe.writelines(lines[:50])
        pipe.write(lines[50][:20])
        pipe.flush()
        _wait_until(lambda: len(collector.events()) == 50)
        pipe.write(lines[50][20:])
        pipe.flush()
        _wait_until(lambda: len(collector.events()) == 51)
        pipe.writelines(lines[51:])
        pipe.flush()
        time.sleep(0.2)  # whether they are read by now or not: what was read is sent
        process.send_signal(number)
        out = process.communicate(timeout=60)[0]
        arrived = len(collector.events())

    assert process.returncode == 130
    assert out.startswith(f"Sent {arrived} events in ".encode())
    assert 51 <= arrived <= 100


def test_an_interrupt_while_a_batch_waits_for_its_answer_ends_it(tmp_path):
    path = tmp_path / "spans.jsonl"
    write_otlp(path, lines=200)
    with LocalCollector(APPLICATION_ID, fail="hang") as collector, _replaying(path, collector) as process:
        interrupt_when(collector.posts, process)
        _, said = process.communicate(timeout=60)

    assert process.returncode == 130, said
    assert b"run it again with the same files, nothing counts twice" in said
    assert b"Traceback" not in said


def _wait_until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def _replaying(source, collector, stdin=None):
    return subprocess.Popen(
        [COMMAND, "replay", source, "--endpoint", collector.url],
        env=environment(**ID),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.timeout(400)
def test_memory_stays_flat_over_a_file_of_60_megabytes(tmp_path):
    path = tmp_path / "spans.jsonl"
    line = otlp_line(*map(otlp_span, range(50))) + "\n"
    lines = 60 * MEGABYTE // len(line) + 1
    with path.open("w") as file:
        file.writelines(line for _ in range(lines))
    with LocalCollector(count_only=True) as collector:
        peak = _peak_memory("replay", path, "--endpoint", collector.url)
        assert collector.taken >= 50 * lines  # a batch that is answered late goes again, and counts once

    assert peak < 120 * MEGABYTE


@pytest.mark.timeout(400)
def test_memory_stays_flat_over_an_array_of_40_megabytes_on_one_line(tmp_path):
    path = tmp_path / "events.json"
    event = json.dumps(moesif_event(1, metadata={"padding": "x" * 10_000}))
    with path.open("w") as file:
        file.write("[" + event)
        for _ in range(40 * MEGABYTE // len(event)):
            file.write(", " + event)
        file.write("]")
    assert path.stat().st_size > 40 * MEGABYTE

    assert _peak_memory("replay", "--dry-run", "--json", path) < 120 * MEGABYTE


def _message(tag, content):
    """A field of protobuf with its length."""
    length, size = b"", len(content)
    while size > 0x7F:
        length, size = length + bytes((size & 0x7F | 0x80,)), size >> 7
    return bytes((tag,)) + length + bytes((size,)) + content


def _framed(spans):
    request = _message(0x0A, _message(0x12, spans))
    return len(request).to_bytes(4, "big") + request


BOMBS = {
    "blanks": b" " * 62_000_000 + b"[]",
    "blanks in an object": b'{"a":' + b" " * 62_000_000 + b"1}",
    "empty arrays": b"[[" + b"[]," * 20_000_000 + b"[]]]",
    "empty arrays on a later line": b'{"a": 1}\n{"a":[' + b"[]," * 20_000_000 + b"[]]}\n",
    "blank lines": b"\n" * 2_000_000,
    "a text without an end": b'{"a": "' + b"a" * 80_000_000,
    "nested arrays": b"[" * 40_000_000,
    "names of fields": b"#Fields: " + b"a " * 10_000_000 + b"\n" + b"b " * 10_000_000,
    "protobuf of empty spans": _framed(b"\x12\x00" * 30_000_000),
    "protobuf of empty attributes": _framed(_message(0x12, b"\x4a\x00" * 30_000_000)),
    "protobuf of short attributes": _framed(_message(0x12, b"\x4a\x04\x0a\x02ab" * 10_000_000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_unpacks_to_a_large_one_takes_bounded_memory(tmp_path, name):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(BOMBS[name] + b"\n" + otlp_line(otlp_span(7)).encode() + b"\n"))
    assert path.stat().st_size < 200_000

    assert _peak_memory("replay", "--dry-run", "--json", path, may_fail=True) < 350 * MEGABYTE


# A process starts with the peak of the one that it was forked from: the command's parent has to be a small one.
_MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _peak_memory(*arguments, may_fail=False):
    """The most bytes that a run of the command held; it must succeed, or say what it could not read."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, COMMAND, *map(str, arguments)],
        env=environment(**ID),
        capture_output=True,
        text=True,
        check=True,
    )
    code, peak = map(int, done.stdout.split())
    assert code in ({0, 1} if may_fail else {0}), done.stderr
    return peak * (1 if sys.platform == "darwin" else 1024)


def test_a_terminal_sees_a_progress_bar_and_a_pipe_none(tmp_path):
    path = tmp_path / "spans.jsonl"
    write_otlp(path, lines=400)
    arguments = [COMMAND, "replay", "--dry-run", "--json", path]

    piped = run(*arguments[1:], **ID)
    ours, terminal = pty.openpty()
    with subprocess.Popen(
        arguments, env=environment(TERM="xterm", **ID), stdout=subprocess.DEVNULL, stderr=terminal
    ) as process:
        os.close(terminal)
        seen = b""
        try:
            while chunk := os.read(ours, 65536):
                seen += chunk
        except OSError:  # the other side has ended
            pass
    os.close(ours)

    assert process.returncode == 0
    assert piped.err == ""
    assert "━".encode() in seen
    assert b"events" in seen


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path):
    path = tmp_path / "spans.jsonl"
    write_otlp(path, lines=400)

    done = subprocess.run(
        f"'{COMMAND}' replay --dry-run '{path}' | head -n 1; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        env=environment(**ID),
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0
    assert json.loads(done.stdout)["direction"] == "Incoming"
    assert b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr
