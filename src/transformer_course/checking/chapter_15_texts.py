"""Exercise of chapter 15: one more task as texts."""

from __future__ import annotations

from transformer_course.checking.exercise import Chapter
from transformer_course.tokenization.words import WordTokenizer
from transformer_course.world import tasks

EXERCISES = Chapter("15")

# The chapter's own ids, so that a check needs no cell of it.
SPECIAL = ("<start>", "<delim>", "<extract>")
_known = {*tasks.vocabulary(), "right", "wrong", "who", "knows"}
words = WordTokenizer([*sorted(_known), *SPECIAL])
PAD, START, DELIM, EXTRACT = words.encode_words(["<pad>", *SPECIAL])

Texts = list[list[int]]


def joined(*parts: str) -> list[int]:
    """Start, the parts with a delimiter between them, extract."""
    ids = [START]
    for i, part in enumerate(parts):
        ids += [DELIM] * (i > 0)
        ids += words.encode_words(part.split())
    return [*ids, EXTRACT]


def which_answers(question: str, sentences: list[str]) -> list[list[int]]:
    """Ids of the item's texts, one for each sentence."""
    # one score a text: the head's softmax goes over the sentences
    return [joined(question, sentence) for sentence in sentences]


_which = EXERCISES.exercise(
    which_answers,
    label="ex-15-one-more-task",
    level="Warm-up",
    minutes=10,
    cases=[
        ("who is happy ?", ["the fox is happy ."]),
        ("who sees the owl ?", ["the fox sees the owl .", "it is late ."]),
        (
            "how does the king feel ?",
            [
                "the king is not happy .",
                "the king sees the wolf .",
                "the owl is sad .",
            ],
        ),
    ],
    hints=(
        "In multiple choice, what is the same in all texts of an item, and "
        "what differs?",
        "Each text is start, the question, delim, one sentence, extract; an "
        "item has as many texts as sentences. Which function of the chapter "
        "writes one text?",
        "joined(question, sentence) is one text; return a list of it for "
        "each sentence. The head gives each text one score.",
    ),
)


def _ids(text: str) -> list[int]:
    return words.encode_words(text.split())


@_which.mistake
def _no_start(question: str, sentences: list[str]) -> Texts:
    """Your texts lack <start>.

    It opens every text.
    """
    return [text[1:] for text in which_answers(question, sentences)]


@_which.mistake
def _no_extract(question: str, sentences: list[str]) -> Texts:
    """Your texts lack <extract>: the head has no vector to read.

    It ends every text.
    """
    return [text[:-1] for text in which_answers(question, sentences)]


@_which.mistake
def _no_special_tokens(question: str, sentences: list[str]) -> Texts:
    """Your texts hold the words alone, without any of the three tokens.

    Start opens a text, delim stands between its two parts, extract ends it.
    """
    return [_ids(question) + _ids(sentence) for sentence in sentences]


@_which.mistake
def _delimiter_alone(question: str, sentences: list[str]) -> Texts:
    """Your texts have <delim>, but neither <start> nor <extract>.

    Start opens every text, and the head reads at extract, at its end.
    """
    return [text[1:-1] for text in which_answers(question, sentences)]


@_which.mistake
def _no_delimiter(question: str, sentences: list[str]) -> Texts:
    """Your texts lack <delim> between question and sentence.

    joined takes each part as an argument of its own.
    """
    return [joined(f"{question} {sentence}") for sentence in sentences]


@_which.mistake
def _delimiter_last(question: str, sentences: list[str]) -> Texts:
    """Your <delim> stands behind the sentence, not before it.

    It stands between the two parts.
    """
    return [
        [START, *_ids(question), *_ids(s), DELIM, EXTRACT] for s in sentences
    ]


@_which.mistake
def _delimiter_first(question: str, sentences: list[str]) -> Texts:
    """Your <delim> stands before the question.

    It stands between the two parts.
    """
    return [
        [START, DELIM, *_ids(question), *_ids(s), EXTRACT] for s in sentences
    ]


@_which.mistake
def _one_delimiter_more(question: str, sentences: list[str]) -> Texts:
    """You put a <delim> behind each part: one too many.

    Two parts have one place between them.
    """
    return [
        [*text[:-1], DELIM, EXTRACT]
        for text in which_answers(question, sentences)
    ]


@_which.mistake
def _extract_between(question: str, sentences: list[str]) -> Texts:
    """Your <delim> and <extract> are exchanged: extract stands at the end.

    Under a causal mask the vector in the middle has not read the sentence.
    """
    return [
        [START, *_ids(question), EXTRACT, *_ids(s), DELIM] for s in sentences
    ]


@_which.mistake
def _start_again(question: str, sentences: list[str]) -> Texts:
    """Your texts have a second <start> behind the delimiter.

    A text has one, at its beginning.
    """
    return [
        [START, *_ids(question), DELIM, START, *_ids(s), EXTRACT]
        for s in sentences
    ]


@_which.mistake
def _one_text(question: str, sentences: list[str]) -> Texts:
    """You write one text with all the sentences; each needs its own.

    The model reads every sentence beside the question, and the scores of
    the texts are compared.
    """
    return [joined(question, *sentences)]


@_which.mistake
def _one_flat_text(question: str, sentences: list[str]) -> list[int]:
    """You return one list of ids with all the sentences; each needs its own.

    A list of texts is wanted, even where there is one sentence.
    """
    return joined(question, *sentences)


@_which.mistake
def _sentence_first(question: str, sentences: list[str]) -> Texts:
    """Your sentence comes before the question.

    In multiple choice what all texts share comes first: the context there,
    the question here.
    """
    return [joined(sentence, question) for sentence in sentences]


@_which.mistake
def _both_orders(question: str, sentences: list[str]) -> Texts:
    """You write both orders of each pair, as in similarity.

    Question and answer have an order. One text for each sentence.
    """
    return [
        text
        for sentence in sentences
        for text in (joined(question, sentence), joined(sentence, question))
    ]


@_which.mistake
def _without_question(question: str, sentences: list[str]) -> Texts:
    """Your texts hold a sentence each, but not the question.

    Without it no sentence is an answer.
    """
    return [joined(sentence) for sentence in sentences]


@_which.mistake
def _question_apart(question: str, sentences: list[str]) -> Texts:
    """You make the question a text of its own; it is part of each text.

    The model compares nothing across texts: it must read both together.
    """
    return [joined(part) for part in (question, *sentences)]


@_which.mistake
def _flat(question: str, sentences: list[str]) -> list[int]:
    """You join all texts into one list; a list of lists is wanted.

    Where a list is added to another with +=, append it instead.
    """
    return [i for text in which_answers(question, sentences) for i in text]


@_which.mistake
def _tokens(question: str, sentences: list[str]) -> list[list[str]]:
    """Your texts hold words; ids are wanted.

    words.encode_words turns one into the other.
    """
    return [
        words.decode(text).split()
        for text in which_answers(question, sentences)
    ]


@_which.mistake
def _letters(question: str, sentences: list[str]) -> Texts:
    """You encode letters: encode_words takes a list of words, not a text.

    Split the text first.
    """
    return [
        [
            START, *words.encode_words(question),
            DELIM, *words.encode_words(sentence), EXTRACT,
        ]
        for sentence in sentences
    ]  # fmt: skip


@_which.mistake
def _padded(question: str, sentences: list[str]) -> Texts:
    """You pad the texts to one length; here they keep their own.

    The chapter pads later, where it puts items together.
    """
    texts = which_answers(question, sentences)
    longest = max(len(text) for text in texts)
    return [text + [PAD] * (longest - len(text)) for text in texts]
