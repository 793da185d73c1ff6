"""The operations that write a call's URI: origin, path and query where they are usual, else what the mapping says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping.target import ROUTE_ATTRIBUTE
from opentelemetry_exporter_moesif.mapping.uri import request_uri
from opentelemetry_exporter_moesif.redaction.plain import is_plain
from opentelemetry_exporter_moesif.rendering import operations as op

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.mapping.rules import MappingRules
    from opentelemetry_exporter_moesif.redaction import Redaction
    from opentelemetry_exporter_moesif.rendering.operations import Operation
    from opentelemetry_exporter_moesif.rendering.sample import Sample

_URLS = ("url.full", "http.url")
_TARGET = "http.target"
# What is put in their place, to see which of them tells: usual values, each of its own.
_PROBES = {
    "url.path": "/qzpath",
    "url.query": "qzquery=1",
    _TARGET: "/qztarget",
    "url.full": "http://qz.example/qzfull",
    "http.url": "http://qz.example/qzurl",
}
_QUERY_OF = {"url.query": "qzquery=1", _TARGET: "qztarget=1", "http.url": "qzurl=1", "url.full": "qzfull=1"}


class _Parts(NamedTuple):
    """Which attributes tell the parts of a URI."""

    url: str
    path: str
    path_ends_at_query: bool
    query: str
    query_may_be_empty: bool


def uri_operations(sample: Sample, rules: MappingRules) -> list[Operation]:
    """All of them; one leaves out calls that are excluded."""
    excluded = rules.excluded

    def is_excluded(uri: str, attributes: Mapping[str, Any]) -> bool:
        return excluded is not None and excluded(uri, attributes.get(ROUTE_ATTRIBUTE))

    def whole(attributes: Mapping[str, Any], span: ReadableSpan) -> bytes | bool:
        uri = request_uri(attributes, sample.shape, span.name, rules.redaction)
        return not is_excluded(uri, attributes) and encode(rules.redaction.uri(uri))[1:-1]

    parts = _parts(sample)
    if parts is None:
        return [op.asked(whole)]
    usual = _usual(sample, parts, rules)
    return op.tried(usual if excluded is None else [*usual, op.excluded(is_excluded)], whole)


def _parts(sample: Sample) -> _Parts | None:
    """Finds out which attribute tells what, by values that come out again; None where it is not as easy as that."""
    present = [name for name in _PROBES if name in sample.attributes]
    queries = [name for name in _QUERY_OF if name in sample.attributes]
    path = _source(_split(_uri(sample, {}))[1], present)
    if not path or path in _URLS:
        return None
    telling = [_source_of_query(_split(_uri(sample, {each: _with_query(each)}))[2]) for each in queries]
    first = _source_of_query(_split(_uri(sample, {each: _with_query(each) for each in queries}))[2])
    url = next((name for name in _URLS if name in sample.attributes), "")
    if len([each for each in present if each in _URLS]) > 1:
        return None
    cut = path == _TARGET and _split(_uri(sample, {_TARGET: _with_query(_TARGET)}))[1] == _PROBES[_TARGET]
    return _Parts(url, path, cut, first, query_may_be_empty=[each for each in telling if each] == [first])


def _with_query(name: str) -> str:
    query = _QUERY_OF[name]
    return query if name == "url.query" else f"{_PROBES[name]}?{query}"


def _uri(sample: Sample, changed: Mapping[str, str]) -> str:
    probes = {
        name: "" if name == "url.query" else probe for name, probe in _PROBES.items() if name in sample.attributes
    }
    event = sample.event_with({**probes, **changed})
    return "" if event is None else event["request"]["uri"]


def _split(uri: str) -> tuple[str, str, str]:
    """Origin, path and query."""
    scheme, _, rest = uri.partition("://")
    authority, slash, target = rest.partition("/")
    path, _, query = target.partition("?")
    return f"{scheme}://{authority}", slash + path, query


def _source(path: str, names: list[str]) -> str:
    return next((name for name in names if "/" + _PROBES[name].rpartition("/")[2] == path), "")


def _source_of_query(query: str) -> str:
    return next((name for name, probe in _QUERY_OF.items() if probe == query), "")


def _usual(sample: Sample, parts: _Parts, rules: MappingRules) -> list[Operation]:
    operations = [
        _origin(sample, parts),
        op.path(sample.names.index(parts.path), of_target=parts.path_ends_at_query),
    ]
    if parts.query:
        index, of_target = sample.names.index(parts.query), parts.query != "url.query"
        harmless = sample.known(_is_harmless(sample, parts, rules.redaction))
        operations.append(op.query(index, harmless, of_target=of_target, or_nothing=parts.query_may_be_empty))
    return operations


def _is_harmless(sample: Sample, parts: _Parts, redaction: Redaction) -> Callable[[str], bool]:
    def is_harmless(parameter: str) -> bool:
        """Of a parameter's name, of one as a whole, and of a value behind its "=" that is usual but for its words."""
        name, equals, value = parameter.partition("=")
        if redaction.tells_by_parameter(name) or (equals and redaction.tells_by_value(value)):
            return False
        if not name and is_plain(value):  # callers choose it: it is often another one
            return True
        query = parameter if equals else f"{parameter}=qz"
        whole = query if parts.query == "url.query" else f"{_PROBES[parts.query]}?{query}"
        return _split(_uri(sample, {parts.query: whole}))[2] == query

    return is_harmless


def _origin(sample: Sample, parts: _Parts) -> Operation:
    """Scheme and authority, and the prefix that a proxy cut off, by the values of everything that may tell them."""
    names = tuple(dict.fromkeys((*sample.shape.origin.sources, *filter(None, (sample.shape.prefix,)))))
    url = (parts.url,) if parts.url else ()

    def fragment(values: tuple[Any, ...]) -> bytes | None:
        attributes = dict(zip((*names, *url), values, strict=True))
        if url:
            attributes[parts.url] += "/" + _PROBES[parts.url].rpartition("/")[2]
        origin, path, query = _split(_uri(sample, attributes))
        base = origin + path
        is_usual = not query and base.endswith(_PROBES[parts.path])
        return encode(base.removesuffix(_PROBES[parts.path]))[1:-1] if is_usual else None

    if url:
        return op.origin(sample.names.index(parts.url), sample.places(*names), sample.known(fragment))
    if len(names) == 1:
        return op.looked_up(sample.places(*names), sample.known(lambda value: fragment((value,))))
    return op.looked_up(sample.places(*names), sample.known(fragment)) if names else op.constant(fragment(()) or b"")
