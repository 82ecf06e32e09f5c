"""A loader for each data set of the course.

Each takes what it needs out of a pinned archive (see ``archives``), checks
what it took by its sha256, and returns typed Python values. The first call on
a machine downloads the archive; later ones do not touch the network.
"""

from __future__ import annotations

import configparser
import hashlib
import io
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import torch
from num2words import num2words
from torch import Tensor

from transformer_course import archives

SPLITS = ("train", "validation", "test")
LANGUAGES = ("de", "es", "fr")  # beside English


@dataclass(frozen=True)
class WordVectors:
    """A vocabulary and one vector for each of its words.

    Attributes:
        words: The V words; word ``i`` belongs to row ``i`` of the vectors.
        vectors: Float (V, D), one row a word.
    """

    words: list[str]
    vectors: Tensor


def load_glove() -> WordVectors:
    """Load GloVe's published word vectors: 400,000 words in 50 dimensions.

    They were trained on Wikipedia (2014) and Gigaword 5, 6 billion tokens, all
    in lower case; the words stand in order of their frequency there.

    Size: 80 MB in memory; the archive has 76 MB. Licence: PDDL 1.0.

    Returns:
        400,000 words and their vectors, float32 (400000, 50).

    Raises:
        ArchiveError: The archive could not be had.

    Source:
        Pennington, Socher and Manning (2014), "GloVe: Global Vectors for Word
        Representation", EMNLP.
    """
    table = np.load(
        io.BytesIO(archives.read_member("glove", "glove_6B_50d_emb.npy"))
    )
    index = archives.read_member("glove", "glove_6B_index.parquet")
    return WordVectors(_parquet_column(index), torch.from_numpy(table))


def _parquet_column(data: bytes) -> list[str]:
    """Return the only column of a parquet file of strings."""
    import duckdb  # takes .1 s and 60 MB, and only GloVe needs it

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "column.parquet")
        path.write_bytes(data)
        with duckdb.connect() as connection:
            rows = connection.read_parquet(str(path)).fetchall()
    return [word for (word,) in rows]


def load_shakespeare() -> dict[str, str]:
    """Load Shakespeare: 37 plays, the Sonnets and four longer poems.

    The texts come from Project Gutenberg by way of the Open Shakespeare
    project, which cut off Gutenberg's own header and licence. Nothing else
    was removed, there or here: a text opens with its title, the author's name
    and, for a play, the cast; speakers' names and stage directions are in it.
    Two gaps: Cymbeline lacks its acts 3 and 4, and Venus and Adonis is
    missing altogether.

    Size: 42 works, 5,057,198 characters, all of them ASCII; the archive has
    5.4 MB. Licence: CC BY 2.5 (Open Knowledge Foundation); the texts
    themselves are in the public domain.

    Returns:
        Title to text, in the order of the archive's file names.

    Raises:
        ArchiveError: The archive could not be had.

    Source:
        Open Knowledge Foundation (2008), "Open Shakespeare", version 0.6.
    """
    catalogue = configparser.ConfigParser(interpolation=None)
    catalogue.read_string(
        archives.read_member("shakespeare", "texts/metadata.txt").decode()
    )
    files = archives.read_members("shakespeare", "texts/*_gut.txt")
    return {
        catalogue[PurePosixPath(name).stem]["title"]: data.decode("ascii")
        for name, data in files.items()
    }


def load_shakespeare_text() -> str:
    """Load all of Shakespeare as one text, for training a model on it.

    Returns:
        The works of `load_shakespeare` in their order, three line ends
        between one and the next: 5,057,321 characters.

    Raises:
        ArchiveError: The archive could not be had.
    """
    return "\n\n\n".join(load_shakespeare().values())


def load_gpt2_tokenizer_files() -> tuple[
    dict[str, int], list[tuple[str, str]]
]:
    """Load GPT-2's published vocabulary and merges.

    Tokens are written in GPT-2's alphabet of 256 printable stand-ins for the
    256 bytes, in which a space is ``Ġ`` and a line end ``Ċ``.

    Size: 50,257 tokens and 50,000 merges; the archive has .6 MB. Licence: MIT.

    Returns:
        The vocabulary, token to id, and the merges, first learned first.

    Raises:
        ArchiveError: The archive could not be had.

    Source:
        Radford et al. (2019), "Language Models are Unsupervised Multitask
        Learners", sec. 2.2.
    """
    encoder: dict[str, int] = json.loads(
        archives.read_member("gpt2-tokenizer", "encoder.json")
    )
    lines = archives.read_member("gpt2-tokenizer", "vocab.bpe").decode("utf-8")
    merges = []
    for line in lines.splitlines()[1:]:  # the first line is a version
        left, right = line.split(" ")
        merges.append((left, right))
    return encoder, merges


@dataclass(frozen=True)
class FilmReview:
    """One sentence of a film review and how people rated it.

    Attributes:
        text: The sentence.
        rating: Mean of 15 to 29 people's ratings, each a whole number from
            -4 (most negative) to 4 (most positive).
    """

    text: str
    rating: float

    @property
    def label(self) -> str:
        """Say "positive" from .05 up, "negative" from -.05 down."""
        if self.rating >= 0.05:
            return "positive"
        return "negative" if self.rating <= -0.05 else "neutral"


def load_film_reviews(split: str = "train") -> list[FilmReview]:
    """Load sentences of film reviews with the mean rating people gave them.

    The split is fixed: a hash of the sentence's words decides, so that two
    copies of a sentence stand on the same side. Which review a sentence is
    from is not recorded, so two sentences of one review may be on both sides.

    Size: 10,605 sentences, of which 5,233 are positive, 5,322 negative and 50
    neutral; the archive has 2.5 MB. Licence: MIT (the data set; the sentences
    are quoted from reviews on rottentomatoes.com).

    Args:
        split: "train" (8,542), "validation" (1,025) or "test" (1,038).

    Returns:
        The sentences of that split in the order of the file.

    Raises:
        ValueError: There is no split of that name.
        ArchiveError: The archive could not be had.

    Source:
        Hutto and Gilbert (2014), "VADER: A Parsimonious Rule-based Model for
        Sentiment Analysis of Social Media Text", ICWSM.
    """
    _check_choice("split", split, SPLITS)
    data = archives.read_member(
        "film-reviews", "movieReviewSnippets_GroundTruth.txt"
    )
    reviews = []
    for line in data.decode("utf-8").splitlines():
        _, rating, text = line.split("\t")
        if _split_of(_fingerprint(text)) == split:
            reviews.append(FilmReview(text, float(rating)))
    return reviews


@dataclass(frozen=True)
class SentencePair:
    """A sentence in English and in another language.

    Attributes:
        english: The English sentence.
        translation: The same in the other language.
        origin: Where it is from: a component's name, or a number's digits.
    """

    english: str
    translation: str
    origin: str


def load_interface_sentences(
    language: str, split: str = "train"
) -> list[SentencePair]:
    """Load sentences of a program's interface with their translations.

    They are what Home Assistant, a program for the home, shows its users, as
    its volunteers translated it. A pair is kept when each side has 3 to 25
    words and no placeholder or markup, and the two differ. No sentence occurs
    twice on either side, letter case and punctuation aside; of several
    translations the most frequent one stays.

    The split goes by the program's component: what was trained on never comes
    from the component of a held-out pair, and a sentence that several
    components share is in the training split as soon as one of them is. So
    what is held out is hard, as on a random split it is not.

    Size, training + validation + test: German 4,513 + 513 + 499 pairs,
    Spanish 5,517 + 660 + 615, French 3,439 + 361 + 322; the archive has 35
    MB. Licence: Apache 2.0.

    Args:
        language: "de", "es" or "fr".
        split: "train", "validation" or "test".

    Returns:
        The pairs of that split, by component.

    Raises:
        ValueError: There is no such language or split.
        ArchiveError: The archive could not be had.

    Source:
        The Home Assistant contributors (2024), "Home Assistant", version
        2024.3.3.
    """
    _check_choice("language", language, LANGUAGES)
    _check_choice("split", split, SPLITS)
    pairs = _sentences_of(_interface_pairs(language))
    return [p for p in pairs if _split_of(p.origin) == split]


def load_interface_labels(language: str) -> list[SentencePair]:
    """Load what else the interface's training components say: its labels.

    Names, buttons and menu entries of one or two words on either side, such
    as "Username" and "Nombre de usuario": more pairs to train a translator
    of `load_interface_sentences` on. None of those sentences is among them,
    of whatever split, and no text of a held-out component.

    Size: 4,624 German, 3,708 Spanish and 2,427 French pairs; the archive has
    35 MB. Licence: Apache 2.0.

    Args:
        language: "de", "es" or "fr".

    Returns:
        The pairs, by component; no English or foreign text twice.

    Raises:
        ValueError: There is no such language.
        ArchiveError: The archive could not be had.

    Source:
        The Home Assistant contributors (2024), "Home Assistant", version
        2024.3.3.
    """
    _check_choice("language", language, LANGUAGES)
    pairs = _interface_pairs(language)
    taken = {
        _fingerprint(text)
        for pair in _sentences_of(pairs)
        for text in (pair.english, pair.translation)
    }
    labels = [
        pair
        for pair in pairs
        if _split_of(pair.origin) == "train"
        and _is_label(pair.english, pair.translation)
        and _fingerprint(pair.english) not in taken
        and _fingerprint(pair.translation) not in taken
    ]
    return _distinct(labels)


def _interface_pairs(language: str) -> list[SentencePair]:
    """Return whatever has a translation, by component."""
    english, foreign = _interface_texts("en"), _interface_texts(language)
    pairs = [
        SentencePair(english[key], foreign[key], origin=key[0])
        for key in english.keys() & foreign.keys()
    ]
    return sorted(pairs, key=lambda p: (p.origin, p.english, p.translation))


def _sentences_of(pairs: Iterable[SentencePair]) -> list[SentencePair]:
    """Return the sentences of all splits, each once, training first."""
    sentences = [
        pair
        for pair in pairs
        if _is_sentence(pair.english) and _is_sentence(pair.translation)
    ]
    sentences.sort(key=lambda p: SPLITS.index(_split_of(p.origin)))
    return _distinct(sentences)


def _interface_texts(language: str) -> dict[tuple[str, ...], str]:
    """Return the texts of a language; a key starts with its component."""
    files = archives.read_members(
        "interface-sentences", f"translations/{language}.json"
    )
    texts: dict[tuple[str, ...], str] = {}

    def collect(key: tuple[str, ...], value: Any) -> None:
        if isinstance(value, str):
            texts[key] = " ".join(value.split())
        else:
            for name, inner in value.items():
                collect((*key, name), inner)

    for path, data in files.items():
        collect((PurePosixPath(path).parts[2],), json.loads(data))
    return texts


def _is_sentence(text: str) -> bool:
    return _is_plain(text) and 3 <= len(text.split()) <= 25


def _is_label(*texts: str) -> bool:
    lengths = [len(text.split()) for text in texts]
    plain = all(_is_plain(text) and _fingerprint(text) for text in texts)
    return plain and min(lengths) < 3 and max(lengths) <= 25


def _is_plain(text: str) -> bool:
    return re.search(r"[{}\[\]<>`*|$]|https?:", text) is None


def _distinct(pairs: Sequence[SentencePair]) -> list[SentencePair]:
    """Keep each sentence once, where it stands first, as mostly translated."""
    prints = [
        (_fingerprint(p.english), _fingerprint(p.translation)) for p in pairs
    ]
    text = dict(zip(reversed(prints), reversed(pairs), strict=True))
    best: dict[str, str] = {}
    for (left, right), _ in Counter(prints).most_common():
        best.setdefault(left, right)
    kept: dict[str, SentencePair] = {}
    taken: set[str] = set()
    for pair, (left, _) in zip(pairs, prints, strict=True):
        right = best[left]
        if left not in kept and right not in taken and left != right:
            translation = text[left, right].translation
            kept[left] = replace(pair, translation=translation)
            taken.add(right)
    return list(kept.values())


def load_number_words(
    language: str, split: str = "train", numbers: Iterable[int] = range(1000)
) -> list[SentencePair]:
    """Spell numbers out in English and in another language.

    Any amount of exact translations, with a grammar of its own in each
    language: "ninety-one" is "quatre-vingt-onze", four twenties and eleven.
    The library num2words writes them; it takes about half a second for a
    thousand French pairs. A hash of its digits decides a number's split.

    Size: what you ask for; of the first 1,000 numbers 806 are for training,
    100 for validation and 94 for the test. Licence: LGPL (the library).

    Args:
        language: "de", "es" or "fr".
        split: "train", "validation" or "test".
        numbers: The numbers to spell out, from which the split's are taken.

    Returns:
        The pairs of that split, in the order of ``numbers``.

    Raises:
        ValueError: There is no such language or split.

    Source:
        The num2words contributors (2024), "num2words", version 0.5.14.
    """
    _check_choice("language", language, LANGUAGES)
    _check_choice("split", split, SPLITS)
    return [
        SentencePair(
            num2words(number, lang="en"),
            num2words(number, lang=language),
            origin=str(number),
        )
        for number in numbers
        if _split_of(str(number)) == split
    ]


def load_minilm_files() -> dict[str, bytes]:
    """Load MiniLM's published files: a small BERT with its tokenizer.

    all-MiniLM-L6-v2 is an encoder of 6 layers, 12 heads and width 384, 22.7
    million parameters, distilled from BERT and then trained to give sentences
    of like meaning like vectors (the mean of its outputs, scaled to length 1).

    Size: 91 MB in memory; the archive has 84 MB. Licence: Apache 2.0.

    Returns:
        File name to bytes, as in a Hugging Face folder: ``config.json``,
        ``model.safetensors`` (104 tensors under BERT's names), ``vocab.txt``
        (30,522 tokens, one a line), ``tokenizer.json`` and smaller ones.

    Raises:
        ArchiveError: The archive could not be had.

    Source:
        Wang et al. (2020), "MiniLM: Deep Self-Attention Distillation for
        Task-Agnostic Compression of Pre-Trained Transformers", NeurIPS;
        Reimers and Gurevych (2019), "Sentence-BERT: Sentence Embeddings using
        Siamese BERT-Networks", EMNLP.
    """
    members = archives.locked()["minilm"].members
    (home,) = {
        m.removesuffix("vocab.txt") for m in members if m.endswith("vocab.txt")
    }
    return {
        member.removeprefix(home): archives.read_member("minilm", member)
        for member in members
    }


def _split_of(key: str) -> str:
    """Put a key into a split for good: 8 of 10 train, 1 each the others."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return {0: "test", 1: "validation"}.get(int(digest, 16) % 10, "train")


def _fingerprint(text: str) -> str:
    """Return what two copies of a sentence share: its words in lower case."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise ValueError(f"{name} {value!r} is not one of {choices}")
