"""gzip at a fast level, by the fastest library that is installed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

_GZIP_WINDOW = 31

# The highest level of each before time goes up faster than bytes go down. With zlib, 3 instead of 1 is 7 % fewer bytes
# for 0.1 µs a call, and 4 would be 1.4 µs more.
_LEVELS = {"zlib": 3, "isal.isal_zlib": 2}

library: ModuleType = zlib
try:
    # A fifth of zlib's time: 2.2 µs of the 13 that a call costs with zlib. It has wheels for the usual machines only.
    from isal import isal_zlib
except ImportError:
    pass
else:
    library = isal_zlib


def gzip(body: bytes) -> bytes:
    """The bytes as a gzip file without a time in it."""
    # Not gzip.compress: Python 3.10's writes through a GzipFile.
    compressor = library.compressobj(_LEVELS[library.__name__], zlib.DEFLATED, _GZIP_WINDOW)
    return b"".join((compressor.compress(body), compressor.flush()))


def plain(body: bytes) -> bytes:
    """What a gzip file holds.

    Raises:
        zlib.error: It is none, or not a whole one.
    """
    return zlib.decompress(body, _GZIP_WINDOW)
