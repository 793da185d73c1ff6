"""How bodies and metadata are shown."""

import base64

from opentelemetry_exporter_moesif.local_collector.body_view import body_view, tree


def encoded(content: bytes) -> dict:
    return {"body": base64.b64encode(content).decode(), "transfer_encoding": "base64"}


def test_json_is_shown_as_a_tree_with_its_kinds():
    view = body_view({"body": {"a": [1, 2.5, None, True, "x"]}, "transfer_encoding": "json"})
    (member,) = view.tree.children
    assert (view.tree.text, member.name, member.kind, member.text) == ("1 field", "a", "list", "5 items")
    assert [(child.name, child.kind, child.text) for child in member.children] == [
        ("0", "number", "1"),
        ("1", "number", "2.5"),
        ("2", "null", "null"),
        ("3", "true", "true"),
        ("4", "text", "x"),
    ]


def test_base64_is_shown_as_what_it_holds():
    assert body_view(encoded(b'{"a": 1}')).tree.children[0].name == "a"
    assert body_view(encoded("héllo".encode())).text == "héllo"
    binary = body_view(encoded(b"\x89PNG\r\n\x1a\n" + b"\xff" * 2_000))
    assert binary.note == "binary, 2,008 bytes"
    assert binary.text.startswith("0000  89 50 4e 47 0d 0a 1a 0a ff")
    assert len(binary.text) < 3_000


def test_what_is_not_the_base64_that_it_says_is_shown_as_it_came():
    view = body_view({"body": "no base64!", "transfer_encoding": "base64"})
    assert (view.note, view.text) == ("not base64, as transfer_encoding says", "no base64!")


def test_no_body_is_no_view_and_an_empty_one_is():
    assert body_view({}) is None
    assert body_view(None) is None
    assert body_view({"body": {}}).tree.text == "0 fields"


def test_a_huge_tree_says_how_much_it_leaves_out():
    shown = tree(list(range(10_000)))
    assert len(shown.children) + shown.left_out == 10_000
    assert len(shown.children) < 2_500


def test_a_deep_tree_ends_somewhere():
    value: object = "deep"
    for _ in range(200):
        value = [value]
    node, depth = tree(value), 0
    while node.children:
        node, depth = node.children[0], depth + 1
    assert depth < 100
    assert node.left_out == 1
