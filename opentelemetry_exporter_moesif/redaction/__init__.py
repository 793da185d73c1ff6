"""What must never leave, by one rule: names that say of a value that it is a secret, and values that look like one.

`Redaction` is the only way in: one function for structures, one for texts, one for URIs, one for headers, and one for a
whole event, which calls the others. The room knows nothing of spans and does no I/O; it has no state other than
bounded caches.
"""

from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.rules import Redaction, scrub

__all__ = ["MASKED", "Redaction", "scrub"]
