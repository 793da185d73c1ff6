"""The sampler of the application's own tracer provider, as far as its public description tells."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from opentelemetry import trace

from opentelemetry_exporter_moesif.interrupts import is_interrupt
from opentelemetry_exporter_moesif.mapping.weight import UNKNOWN_SAMPLING, HeadSampling, read_sampler

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan

_logger = logging.getLogger(__name__)


class HeadSampler:
    """Reads the global tracer provider's sampler once, at the first span, and never the environment.

    An exporter is not told which provider it belongs to. The global one is the one that made a span where both have
    the very same resource; of any other provider's sampler nothing is known.
    """

    def __init__(self) -> None:
        self._known: tuple[Resource | None, HeadSampling] | None = None

    def of(self, span: ReadableSpan) -> HeadSampling:
        """What is known of the sampler that decided on a span."""
        return self.of_resource(span.resource)

    def of_resource(self, of_span: Resource) -> HeadSampling:
        """What is known of the sampler that decided on the spans of a resource."""
        if self._known is None:
            self._known = _read_global_provider()
        resource, sampling = self._known
        return sampling if sampling is UNKNOWN_SAMPLING or of_span is resource else UNKNOWN_SAMPLING


def _read_global_provider() -> tuple[Resource | None, HeadSampling]:
    provider = trace.get_tracer_provider()
    try:
        description = provider.sampler.get_description()  # type: ignore[attr-defined]  # the SDK's provider has one
        return provider.resource, read_sampler(description)  # type: ignore[attr-defined]
    except BaseException as error:  # another kind of provider, or a sampler of the user's own
        if is_interrupt(error):
            raise
        _logger.debug("Moesif exporter: nothing is known of the provider's sampler: %s", error)
        return None, UNKNOWN_SAMPLING
