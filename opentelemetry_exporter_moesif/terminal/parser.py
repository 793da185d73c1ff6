"""The parser of the command's arguments: what it says of a wrong one holds no secret."""

from __future__ import annotations

import argparse
from typing import NoReturn

from opentelemetry_exporter_moesif.redaction import scrub


class Parser(argparse.ArgumentParser):
    """As `argparse` has it, which repeats what it does not take: a secret may be among that."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong, and ends with status 2."""
        super().error(scrub(message))
