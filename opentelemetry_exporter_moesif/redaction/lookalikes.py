"""Letters of other alphabets that look like Latin ones: the Cyrillic "a" is read as the Latin one."""

from __future__ import annotations

# Those of Unicode's confusables (UTS #39) that Cyrillic, Greek and a few others have for a single Latin letter. Both
# cases of a letter are the same one here, so that a name of another alphabet is the same one in either case.
_PAIRS = (
    ("\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d", "aeopcyxijsdqw"),  # Cyrillic
    ("\u0432\u043a\u043c\u043d\u0442\u04bb\u04cf\u0451\u0457\u04af\u0475\u0461", "bkmhthleiyvw"),
    ("\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bf\u03c1\u03c4\u03c5\u03c7", "abezhikmoptyx"),  # Greek
    ("\u03c3\u03c9\u03f2\u03f3", "swcj"),
    ("\u0578\u057d\u0570\u0585\u0561", "nuhoa"),  # Armenian
    ("\u0131\u0251\u0261\u0269\u026a\u1d00\u1d04\u1d05", "iagiiacd"),  # letters of phonetic alphabets
    ("\u1d07\u1d0b\u1d0f\u1d18\u1d1b\u1d1c\u1d20\u1d21", "ekoptuvw"),
)
_LATIN = {
    ord(cased): plain
    for others, latin in _PAIRS
    for other, letter in zip(others, latin, strict=True)
    for cased, plain in ((other, letter), (other.upper(), letter.upper()))
    if len(cased) == 1 and not cased.isascii()
}
_LATIN.update({0x03BD: "v", 0x039D: "N", 0x04C0: "I", 0x0406: "I", 0x03C2: "s"})


def latin(text: str) -> str:
    """The text with those letters as the Latin ones that they look like."""
    return text.translate(_LATIN)
