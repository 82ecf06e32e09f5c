"""What GPT-2 does before any merge: cut the text, and write it in bytes."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

# Unicode's 25 whitespace characters. Python's own \s has four more, the
# separators U+001C to U+001F, which GPT-2's pattern takes for signs.
WHITESPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
)


def _ranges(category: str) -> str:
    """Spell out a general category, "L" or "N", for a set of ``re``."""
    spans: list[str] = []
    start: int | None = None
    for point in range(sys.maxunicode + 2):
        inside = point <= sys.maxunicode and unicodedata.category(
            chr(point)
        ).startswith(category)
        if inside and start is None:
            start = point
        elif not inside and start is not None:
            spans.append(f"{chr(start)}-{chr(point - 1)}")
            start = None
    return "".join(spans)


@cache
def pattern() -> re.Pattern[str]:
    r"""Build the pattern by which GPT-2 cuts a text before it merges.

    Read it from left to right, the first alternative that fits wins: an
    English ending such as 's or 'll; letters, numbers or signs, each run with
    at most one space in front; whitespace, all but its last character where
    a word follows; whitespace.

    GPT-2 writes ``\p{L}`` and ``\p{N}`` for letters and numbers, which
    Python's ``re`` lacks; here the sets are spelled out from Python's own
    Unicode tables. A letter that was added to Unicode after them counts as
    a sign, which can move a cut but never loses a character.

    Returns:
        The compiled pattern; its matches cover any text without a gap.

    Source:
        Radford et al. (2019), sec. 2.2, and the released ``encoder.py``.
    """
    letter, number, space = _ranges("L"), _ranges("N"), WHITESPACE
    return re.compile(
        r"'s|'t|'re|'ve|'m|'ll|'d"
        f"| ?[{letter}]+"
        f"| ?[{number}]+"
        f"| ?[^{space}{letter}{number}]+"
        f"|[{space}]+(?![^{space}])"
        f"|[{space}]+"
    )


def split_pieces(text: str) -> list[str]:
    """Cut a text as GPT-2 does; no merge ever crosses a cut.

    >>> split_pieces("Let's  go home!")
    ['Let', "'s", ' ', ' go', ' home', '!']

    Args:
        text: Any text.

    Returns:
        The pieces; joined, they are the text again.
    """
    return pattern().findall(text)


@cache
def byte_alphabet() -> tuple[str, ...]:
    """Give each of the 256 bytes a character that can be seen.

    A byte that prints as itself keeps its face; the 68 others, the space and
    the line break among them, borrow the characters from U+0100 on. So a
    space shows as Ġ and a line break as Ċ.

    >>> byte_alphabet()[ord("A")], byte_alphabet()[ord(" ")]
    ('A', 'Ġ')

    Returns:
        256 different characters, indexed by byte.

    Source:
        Radford et al. (2019), the released ``encoder.py``.
    """
    visible = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    faces: list[str] = []
    borrowed = 0
    for byte in range(256):
        if byte in visible:
            faces.append(chr(byte))
        else:
            faces.append(chr(0x100 + borrowed))
            borrowed += 1
    return tuple(faces)


@cache
def _bytes_of_faces() -> dict[str, int]:
    return {face: byte for byte, face in enumerate(byte_alphabet())}


def to_byte_characters(text: str) -> str:
    """Write a text's UTF-8 bytes in the visible alphabet.

    >>> to_byte_characters("a é")
    'aĠÃ©'

    Args:
        text: Any text without lone surrogates.

    Returns:
        One character a byte.

    Raises:
        ValueError: The text has a lone surrogate, half of a character, for
            which UTF-8 has no bytes.
    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"text has a lone surrogate U+{ord(text[error.start]):04X} at "
            f"position {error.start}: it is half of a character and has no "
            "UTF-8 bytes"
        ) from None
    faces = byte_alphabet()
    return "".join(faces[byte] for byte in data)


def from_byte_characters(characters: str) -> bytes:
    """Read the visible alphabet back into bytes.

    Args:
        characters: Characters of ``byte_alphabet()``.

    Returns:
        One byte a character.

    Raises:
        ValueError: A character is none of the alphabet.
    """
    table = _bytes_of_faces()
    for position, character in enumerate(characters):
        if character not in table:
            raise ValueError(
                f"character {character!r} at position {position} stands for "
                "no byte"
            )
    return bytes(table[character] for character in characters)
