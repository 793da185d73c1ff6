"""Which headers of proxies are believed, by the user's settings."""

from __future__ import annotations

from dataclasses import dataclass

from opentelemetry_exporter_moesif.mapping.client_address import ADDRESS_HEADERS, FORWARDING_HEADERS
from opentelemetry_exporter_moesif.mapping.headers import header_name


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The settings.

    Args:
        trust_headers: Whether `X-Forwarded-For` and the like count.
        trust_prefix: Whether `X-Forwarded-Prefix` does.
        client_ip_header: The one header that tells the client's address, where the user names one.
    """

    trust_headers: bool = True
    trust_prefix: bool = False
    client_ip_header: str | None = None

    @property
    def forwarding_headers(self) -> tuple[str, ...]:
        """Headers that tell the client's address, the best first."""
        if self.client_ip_header:
            return (header_name(self.client_ip_header),)
        return tuple(FORWARDING_HEADERS) if self.trust_headers else ()

    @property
    def address_headers(self) -> tuple[str, ...]:
        """Headers that hold the client's address, believed or not."""
        return tuple(dict.fromkeys((*ADDRESS_HEADERS, *self.forwarding_headers)))
