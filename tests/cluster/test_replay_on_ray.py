"""`moesif-otel replay --cluster` on a real Ray of two workers: what one worker gives, also when one is killed."""

import json
import os
import signal
import subprocess
import time

import psutil
import pytest
import ray
from support.archive import make_archive
from support.command_line import APPLICATION_ID, COMMAND, environment, run
from support.recorded_calls import write_otlp

from opentelemetry_exporter_moesif.local_collector import LocalCollector

ID = {"OTEL_EXPORTER_MOESIF_APPLICATION_ID": APPLICATION_ID}


@pytest.fixture(scope="module")
def cluster():
    context = ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield context.address_info["address"]
    ray.shutdown()


def ray_workers():
    """The processes of Ray's that are running a task of ours."""
    return [each for each in psutil.process_iter(["cmdline"]) if "ray::_run" in " ".join(each.info["cmdline"] or [])]


def wait_until(condition):
    end = time.monotonic() + 100
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_archive_gives_the_same_events_to_the_letter_as_with_one_worker(tmp_path, cluster):
    make_archive(tmp_path)
    found = []
    for engine in (["--workers", "1"], ["--cluster", cluster]):
        with LocalCollector(APPLICATION_ID) as collector:
            said = run("replay", "--json", "--any-age", *engine, "--endpoint", collector.url, tmp_path, **ID)
            assert said.json()["ended_early"] is None, said.err
            assert said.json()["joined"] > 0
            found.append(sorted(json.dumps(event, sort_keys=True) for event in collector.events()))

    assert found[0] == found[1]
    assert len(found[0]) > 150


@pytest.mark.timeout(200)
def test_a_worker_that_is_killed_in_the_middle_costs_no_event_and_none_counts_twice(tmp_path, cluster):
    count = sum(write_otlp(tmp_path / f"{number}.jsonl", lines=100, first=number * 5000) for number in range(4))
    with LocalCollector(APPLICATION_ID) as collector:
        arguments = ["replay", "--json", "--cluster", cluster, "--rate", "2000", "--endpoint", collector.url]
        with subprocess.Popen(
            [COMMAND, *arguments, str(tmp_path)], env=environment(**ID), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            wait_until(lambda: collector.taken >= 3000)
            workers = ray_workers()
            os.kill(workers[0].pid, signal.SIGKILL)
            out, err = process.communicate(timeout=150)

        assert process.returncode == 0, err
        assert len(workers) == 2
        # What the killed one had sent is sent once more, be it much or nothing, and counts once.
        assert len(collector.events()) == count
    assert (json.loads(out)["events"], json.loads(out)["unread"]) == (count, [])


def test_a_cluster_that_cannot_be_reached_is_named(tmp_path):
    path = tmp_path / "spans.jsonl"
    write_otlp(path, lines=1)

    said = run(
        "replay", "--dry-run", "--json", "--cluster", "ray://127.0.0.1:9", path, RAY_CLIENT_RECONNECT_GRACE_PERIOD="0"
    )

    assert said.code == 1
    assert said.json()["ended_early"].startswith("no Ray cluster at ray://127.0.0.1:9: ")
    assert "Traceback" not in said.err


def test_ray_is_imported_for_a_cluster_alone():
    seen = subprocess.run(
        ["python", "-c", "import sys, opentelemetry_exporter_moesif.cli.replay; print('ray' in sys.modules)"],
        env=environment(PATH=f"{COMMAND.parent}:{os.environ['PATH']}"),
        capture_output=True,
        text=True,
        check=True,
    )

    assert seen.stdout.strip() == "False"
