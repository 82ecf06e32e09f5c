"""A loader for each data set of the course.

Each takes what it needs out of a pinned archive (see ``archives``), checks
what it took by its sha256, and returns typed Python values. The first call on
a machine downloads the archive; later ones do not touch the network.
"""

from __future__ import annotations

import configparser
import io
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from torch import Tensor

from transformer_course import archives


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
