"""The sampler of the application's own tracer provider, as far as its public description tells."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from opentelemetry import trace

from opentelemetry_exporter_moesif.interrupts import is_interrupt
from opentelemetry_exporter_moesif.mapping.weight import UNKNOWN_SAMPLING, HeadSampling, read_sampler
from opentelemetry_exporter_moesif.remembered import once

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan

_logger = logging.getLogger(__name__)


class HeadSampler:
    """Reads the global tracer provider's sampler once, at the first span, and never the environment.

    An exporter is not told which provider it belongs to. The global one is the one that made a span where both have
    the very same resource; of any other provider's sampler nothing is known.
    """

    def of(self, span: ReadableSpan) -> HeadSampling:
        """What is known of the sampler that decided on a span."""
        if self._provider[1] is UNKNOWN_SAMPLING:  # as in most services: no span need be asked for its resource
            return UNKNOWN_SAMPLING
        return self.of_resource(span.resource)

    def of_resource(self, of_span: Resource) -> HeadSampling:
        """What is known of the sampler that decided on the spans of a resource."""
        resource, sampling = self._provider
        return sampling if of_span is resource else UNKNOWN_SAMPLING

    @once
    def _provider(self) -> tuple[Resource | None, HeadSampling]:
        """The resource of the global provider, and what is known of its sampler."""
        return _read_global_provider()


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
