"""The command that sends a call again: it does that, and nothing that a hostile event would have it do."""

import json
import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from support.moesif_events import make_event

from opentelemetry_exporter_moesif.local_collector.curl import curl_command


def curl_text(event: object) -> str:
    command = curl_command(event)
    assert command is not None
    return command.text


def words_of(command: str) -> list[str]:
    """What bash makes of a command: its words, with `curl` replaced by a function that prints them."""
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{command}\n"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


def test_a_plain_call_gives_a_plain_command():
    assert curl_text(make_event()) == (
        "curl --globoff --path-as-is 'https://api.example.com/items/7?query=string' \\\n  -H 'accept: application/json'"
    )


def test_the_command_sends_the_same_request(tmp_path):
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.append((self.path, self.headers["x-word"], self.headers["content-type"], json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.handle_request, daemon=True).start()
        event = make_event(
            {
                "request.uri": f"http://127.0.0.1:{server.server_port}/a[1-3]/../b?c={{d,e}}",
                "request.verb": "POST",
                "request.headers": {"x-word": "it's $HOME `id`", "content-length": "1", "host": "elsewhere"},
                "request.body": {"text": "@/etc/hostname 'ä'"},
                "request.transfer_encoding": "json",
            }
        )
        subprocess.run(["bash", "-c", f"{curl_text(event)} --silent --noproxy '*'"], check=True, timeout=20)
    assert seen == [("/a[1-3]/../b?c={d,e}", "it's $HOME `id`", "application/json", {"text": "@/etc/hostname 'ä'"})]


@pytest.mark.parametrize(
    "text",
    [
        "'; touch /tmp/owned; '",
        "$(id)",
        "`id`",
        "a\nb",
        "\x1b[201~\nid\n",
        "\\'; id #",
        "\u202e reversed",
        "!history",
        "é\x00",
    ],
)
def test_hostile_text_stays_one_word_and_no_control_character_reaches_the_terminal(text: str):
    event = make_event(
        {
            "request.headers": {"x": text},
            "request.verb": "POST",
            "request.body": text,
            "request.transfer_encoding": "json",
        }
    )
    command = curl_text(event)
    assert all(character.isprintable() or character == "\n" for character in command)
    assert command.count("\n") == 2
    words = words_of(command)
    if "\0" not in text:
        assert words[words.index("-H") + 1] == f"x: {text}"
        assert words[-1] == text


@pytest.mark.parametrize("name", ["@/etc/passwd", "a b", "", "x\ny", "é"])
def test_a_header_name_that_curl_could_take_for_something_else_is_left_out(name: str):
    assert "-H" not in curl_text(make_event({"request.headers": {name: "v"}}))


@pytest.mark.parametrize("uri", ["file:///etc/passwd", "-o /tmp/x http://a", "gopher://x", "", 7])
def test_an_address_that_is_not_http_gives_no_command(uri: object):
    event = make_event()
    event["request"]["uri"] = uri
    assert curl_command(event) is None


def test_a_verb_that_is_no_verb_is_left_out_and_a_get_with_a_body_stays_a_get():
    assert "-X" not in curl_text(make_event({"request.verb": "GET --next"}))
    event = make_event({"request.body": {}, "request.transfer_encoding": "json"})
    assert "-X GET" in curl_text(event)
    assert "--head" in curl_text(make_event({"request.verb": "HEAD"}))


def test_a_base64_body_is_sent_as_its_text_and_left_out_where_it_is_binary():
    event = make_event({"request.verb": "POST", "request.body": "aGVsbG8=", "request.transfer_encoding": "base64"})
    assert "--data-raw hello" in curl_text(event)
    event["request"]["body"] = "/////w=="
    assert "--data" not in curl_text(event)


def test_what_was_masked_is_left_out_and_named():
    command = curl_command(make_event({"request.headers": {"authorization": "[REDACTED]", "accept": "*/*"}}))
    assert command is not None
    assert command.masked == ("authorization",)
    assert "REDACTED" not in command.text
    assert "accept: */*" in command.text


def test_a_call_without_captured_headers_says_so():
    command = curl_command(make_event({"request.headers": {}}))
    assert command is not None
    assert not command.has_headers
