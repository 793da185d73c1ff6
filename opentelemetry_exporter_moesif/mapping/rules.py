"""What a mapping goes by: the settings it needs, made ready once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.mapping.body import BodyRules
from opentelemetry_exporter_moesif.mapping.exclusion import Exclusions, exclusions
from opentelemetry_exporter_moesif.mapping.identity import IdentitySources
from opentelemetry_exporter_moesif.mapping.metadata import resource_metadata
from opentelemetry_exporter_moesif.mapping.shape import Shapes
from opentelemetry_exporter_moesif.mapping.trusted_proxies import TrustedProxies
from opentelemetry_exporter_moesif.redaction import Redaction

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.mapping.identity import HeaderReaders


@dataclass(frozen=True)
class MappingRules:
    """The rules that `span_to_event` goes by."""

    capture_outgoing: bool
    excluded: Exclusions | None
    proxies: TrustedProxies
    shapes: Shapes
    anonymize_ip: bool
    redaction: Redaction
    identity_readers: HeaderReaders
    bodies: BodyRules
    api_version: str | None
    resource_metadata: Callable[[Resource], dict[str, Any]]


def mapping_rules(config: Config) -> MappingRules:
    """The rules that a configuration asks for."""
    proxies = TrustedProxies(config.trust_forwarded_headers, config.trust_forwarded_prefix, config.client_ip_header)
    redaction = Redaction.of(config)
    return MappingRules(
        capture_outgoing=config.capture_outgoing,
        excluded=exclusions(config.excluded_urls, config.excluded_routes),
        proxies=proxies,
        shapes=Shapes(proxies, redaction, anonymize_ip=config.anonymize_ip),
        anonymize_ip=config.anonymize_ip,
        redaction=redaction,
        identity_readers=IdentitySources(
            user_id_headers=config.user_id_header,
            company_id_headers=config.company_id_header,
            user_id_claim=config.authorization_user_id_field,
            company_id_claim=config.authorization_company_id_field,
        ).readers(redaction),
        bodies=BodyRules(config.body_max_bytes, config.capture_streams, config.capture_bodies == "errors"),
        api_version=config.api_version,
        resource_metadata=_remembered(resource_metadata),
    )


def _remembered(read: Callable[[Resource], dict[str, Any]]) -> Callable[[Resource], dict[str, Any]]:
    """Remembers the last answer: a process has one resource, and hashing it for `lru_cache` would cost 20 µs a span."""
    last: tuple[Resource | None, dict[str, Any]] = (None, {})

    def remembered(resource: Resource) -> dict[str, Any]:
        nonlocal last
        known, answer = last
        if resource is not known:
            answer = read(resource)
            last = (resource, answer)  # one assignment, so that another thread never sees half of it
        return answer

    return remembered
