"""`moesif-otel replay` from an object store and over HTTP: moto's server on loopback, with fsspec's own clients."""

import gzip
import json

import pytest
import requests
from moto.server import ThreadedMotoServer
from support.command_line import call, environment
from support.recorded_calls import otlp_line, otlp_span


@pytest.fixture(scope="module")
def store():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(store, monkeypatch):
    for name in environment().keys() & {"AWS_PROFILE", "AWS_DEFAULT_REGION"}:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", store)
    requests.put(f"{store}/calls", timeout=10).raise_for_status()
    for number in range(3):
        content = (otlp_line(otlp_span(number)) + "\n").encode()
        packed = gzip.compress(content) if number == 2 else content
        public = {"x-amz-acl": "public-read"}
        requests.put(f"{store}/calls/2026/{number}.jsonl", packed, headers=public, timeout=10).raise_for_status()
    yield f"{store}/calls"
    requests.post(f"{store}/moto-api/reset", timeout=10).raise_for_status()


def replayed(capfd, *arguments):
    said = call(capfd, "replay", "--dry-run", *arguments)
    return said, [json.loads(line)["request"]["uri"].partition("?")[0][-1] for line in said.out.splitlines()]


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("place", "calls"),
    [
        ("s3://calls/2026/", ["0", "1", "2"]),
        ("s3://calls/2026/[12].jsonl", ["1", "2"]),
        ("s3://calls/**", ["0", "1", "2"]),
        ("s3://calls/2026/1.jsonl", ["1"]),
    ],
)
def test_objects_are_listed_and_streamed(capfd, place, calls):
    assert replayed(capfd, place)[1] == calls


@pytest.mark.parametrize(("name", "calls"), [("0.jsonl", ["0"]), ("2.jsonl", ["2"])])
def test_a_file_is_read_over_http(capfd, bucket, name, calls):
    assert replayed(capfd, f"{bucket}/2026/{name}")[1] == calls


@pytest.mark.usefixtures("bucket")
def test_an_object_that_is_not_there_and_a_bucket_without_a_key_are_named(capfd):
    said, calls = replayed(capfd, "s3://calls/missing.jsonl", "s3://nobodys/a.jsonl", "s3://calls/2026/0.jsonl")

    assert (said.code, calls) == (1, ["0"])
    assert "s3://calls/missing.jsonl: cannot be read: no such file\n" in said.err
    assert "s3://nobodys/a.jsonl: cannot be read: " in said.err
    assert "2 files not read" in said.err


@pytest.mark.usefixtures("bucket")
def test_two_workers_read_an_object_store_side_by_side(capfd):
    said = call(capfd, "replay", "--dry-run", "--json", "--workers", "2", "s3://calls/2026/")

    assert (said.code, said.json()["events"], said.json()["files"]) == (0, 3, 3)
