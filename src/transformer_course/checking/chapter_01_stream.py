"""Exercise of chapter 1: decoding as it comes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from transformer_course import datasets
from transformer_course.checking.exercise import Chapter
from transformer_course.tokenization import bpe

EXERCISES = Chapter("01")


def decode_stream(token_ids: list[int]) -> Iterator[str]:
    """Yield pieces of text; no piece ever ends in half a character."""
    gpt2, held = _gpt2(), []
    for token_id in token_ids:
        held.append(token_id)
        text = gpt2.decode(held)
        if not text.endswith("\ufffd"):
            yield text
            held = []
    if held:
        yield gpt2.decode(held)


@cache
def _gpt2() -> bpe.BPETokenizer:
    encoder, published = datasets.load_gpt2_tokenizer_files()
    return bpe.BPETokenizer(published, encoder, special=["<|endoftext|>"])


TEXTS = (
    "go",
    "Hello world!",
    "na\u00efve",
    "\U0001f642",
    "a \U0001f642 b",
    "\u6771\u4eac",
)


def _stream(result: Any) -> tuple[str, str]:
    pieces = [piece for piece in result if piece]
    if not all(isinstance(piece, str) for piece in pieces):
        raise TypeError("pieces are text")
    if isinstance(result, str):
        return result, "one string"
    broken = any("\ufffd" in piece for piece in pieces)
    alone = len(pieces) == 1
    return "".join(pieces), (
        "broken" if broken else "one piece" if alone else "pieces"
    )


_streams = EXERCISES.exercise(
    decode_stream,
    label="ex-01-stream",
    level="Standard",
    minutes=20,
    cases=lambda _: [
        *((_gpt2().encode(text),) for text in TEXTS),
        (_gpt2().encode("so \u6771\u4eac")[:-1],),  # within a character
    ],
    view=_stream,
    wanted="pieces of text, yielded as soon as they are certain, that join to "
    "the whole text and never hold half a character",
    hints=(
        "When is it certain that a piece of text is whole? What does decode "
        "put in place of an unfinished character?",
        "Keep the ids that are not yet printed in a list. Decode all of them "
        "together after each new id.",
        "If the text of the held ids ends in the sign \\ufffd, wait for the "
        "next id; else yield it and empty the list.",
    ),
    solution="""
def decode_stream(token_ids):
    held = []
    for token_id in token_ids:
        held.append(token_id)
        text = gpt2.decode(held)
        if not text.endswith("\\ufffd"):
            yield text
            held = []
    if held:
        yield gpt2.decode(held)
""",
)


@_streams.mistake
def _never_the_rest(token_ids: list[int]) -> Any:
    """What you hold back is lost where the ids end within a character.

    After the loop yield what is left.
    """
    gpt2, held = _gpt2(), list[int]()
    for token_id in token_ids:
        held.append(token_id)
        text = gpt2.decode(held)
        if not text.endswith("\ufffd"):
            yield text
            held = []


@_streams.mistake
def _each_alone(token_ids: list[int]) -> Any:
    """You decode each id alone: halves of characters are lost.

    What comes out for the two tokens of a smiling face?
    """
    return [_gpt2().decode([i]) for i in token_ids]


@_streams.mistake
def _all_at_once(token_ids: list[int]) -> Any:
    """You wait for the end and yield everything at once.

    Text that is certain should appear while ids still come.
    """
    return [_gpt2().decode(token_ids)]


@_streams.mistake
def _dropped(token_ids: list[int]) -> Any:
    """You drop unfinished characters instead of holding them back.

    The bytes of the first half are needed when the second half comes.
    """
    alone = (_gpt2().decode([i]) for i in token_ids)
    return [text for text in alone if "\ufffd" not in text]


@_streams.mistake
def _grows(token_ids: list[int]) -> Any:
    """You yield everything so far, again and again.

    After a piece is yielded, forget its ids.
    """
    n = len(token_ids)
    texts = (_gpt2().decode(token_ids[: k + 1]) for k in range(n))
    return [text for text in texts if not text.endswith("\ufffd")]


@_streams.mistake
def _whole_text(token_ids: list[int]) -> Any:
    """You return one string.

    Write a generator: yield the pieces one by one.
    """
    return _gpt2().decode(token_ids)
