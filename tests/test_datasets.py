"""Every data set as it is loaded: sizes, known values, splits that hold."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch.testing import assert_close

from transformer_course import archives, datasets
from transformer_course.datasets import SentencePair

pytestmark = pytest.mark.slow  # the first run downloads 203 MB

LANGUAGES = ("de", "es", "fr")
LOADERS = [
    getattr(datasets, name)
    for name in vars(datasets)
    if name.startswith("load_")
]


@pytest.fixture(scope="module")
def glove() -> datasets.WordVectors:
    return datasets.load_glove()


@pytest.fixture(scope="module")
def shakespeare() -> dict[str, str]:
    return datasets.load_shakespeare()


@pytest.fixture(scope="module")
def interface() -> dict[str, dict[str, list[SentencePair]]]:
    load = datasets.load_interface_sentences
    return {
        language: {split: load(language, split) for split in datasets.SPLITS}
        for language in LANGUAGES
    }


def words_of(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.casefold()))


# GloVe


def test_glove_has_its_published_size(glove: datasets.WordVectors) -> None:
    assert glove.vectors.shape == (400_000, 50)
    assert glove.vectors.dtype == torch.float32
    assert len(glove.words) == len(set(glove.words)) == 400_000


def test_glove_rows_belong_to_their_words(
    glove: datasets.WordVectors,
) -> None:
    assert glove.words[:5] == ["the", ",", ".", "of", "to"]
    assert glove.words[-1] == "sandberger"
    # The first numbers of these lines in Stanford's glove.6B.50d.txt.
    the = torch.tensor([0.418, 0.24968, -0.41242, 0.1217, 0.34527])
    king = torch.tensor([0.50451, 0.68607, -0.59517, -0.022801, 0.60046])
    assert_close(glove.vectors[0, :5], the)
    assert_close(glove.vectors[glove.words.index("king"), :5], king)


# Shakespeare


def test_shakespeare_has_42_works_in_ascii(
    shakespeare: dict[str, str],
) -> None:
    assert len(shakespeare) == 42
    assert sum(map(len, shakespeare.values())) == 5_057_198
    assert all(text.isascii() for text in shakespeare.values())
    for title in ("Hamlet", "Sonnets", "King Henry IV, Part 1", "The Tempest"):
        assert title in shakespeare


def test_shakespeare_opens_with_the_work_and_has_no_gutenberg_header(
    shakespeare: dict[str, str],
) -> None:
    assert shakespeare["Hamlet"].startswith("HAMLET, PRINCE OF DENMARK\n\nby")
    assert (
        "To be, or not to be,--that is the question:--"
        in (shakespeare["Hamlet"])
    )
    for text in shakespeare.values():
        assert text.split("\n\n\n\n\n")[0].endswith("by William Shakespeare")
        assert "gutenberg" not in text.lower()
        assert not set(text) & set("\r\t\f\x1a")


def test_shakespeare_has_the_gaps_that_its_docstring_names(
    shakespeare: dict[str, str],
) -> None:
    acts = re.findall(r"^ACT (\w+)", shakespeare["Cymbeline"], re.MULTILINE)
    assert acts == ["FIRST", "II", "FIFTH"]
    assert "Venus and Adonis" not in shakespeare
    others = [t for t in shakespeare.values() if re.search(r"(?im)^act ", t)]
    assert len(others) == 37


def test_shakespeare_in_one_text(shakespeare: dict[str, str]) -> None:
    text = datasets.load_shakespeare_text()
    assert len(text) == 5_057_198 + 3 * 41
    assert text.startswith("ALL'S WELL THAT ENDS WELL\n")
    assert all(work in text for work in shakespeare.values())


# GPT-2's tokenizer files


def test_gpt2_tokenizer_files_agree_with_each_other() -> None:
    encoder, merges = datasets.load_gpt2_tokenizer_files()
    assert len(encoder) == 50_257
    assert sorted(encoder.values()) == list(range(50_257))
    assert len(merges) == len(set(merges)) == 50_000
    assert merges[:2] == [("Ġ", "t"), ("Ġ", "a")]
    assert merges[-1] == ("Ġg", "azed")
    # Ids: 256 bytes, then what each merge makes, then the end of a text.
    made = [left + right for left, right in merges]
    assert [encoder[token] for token in made] == list(range(256, 50_256))
    assert encoder["<|endoftext|>"] == 50_256
    assert encoder["Hello"] == 15496
    assert encoder["Ġworld"] == 995


# Film reviews


def test_film_reviews_are_all_there_once_split() -> None:
    splits = {s: datasets.load_film_reviews(s) for s in datasets.SPLITS}
    sizes = {split: len(reviews) for split, reviews in splits.items()}
    assert sizes == {"train": 8542, "validation": 1025, "test": 1038}
    everything = [review for reviews in splits.values() for review in reviews]
    labels = Counter(review.label for review in everything)
    assert labels == {"positive": 5233, "negative": 5322, "neutral": 50}
    ratings = [review.rating for review in everything]
    assert min(ratings) == -3.875
    assert max(ratings) == pytest.approx(3.94117647)
    for reviews in splits.values():
        positive = sum(review.label == "positive" for review in reviews)
        assert 0.45 < positive / len(reviews) < 0.55


def test_film_reviews_keep_their_letters_and_their_ratings() -> None:
    train = datasets.load_film_reviews()
    assert train[0].text.startswith("The Rock is destined to be the 21st")
    assert train[0].rating == pytest.approx(2.26666667)
    tepid = datasets.FilmReview("Effective but too tepid biopic", -0.6)
    assert any(tepid in datasets.load_film_reviews(s) for s in datasets.SPLITS)
    assert any("é" in review.text for review in train)
    assert all(r.text and r.text == r.text.strip("\r\n") for r in train)


def test_copies_of_a_review_stand_in_one_split() -> None:
    splits = [
        {words_of(review.text) for review in datasets.load_film_reviews(s)}
        for s in datasets.SPLITS
    ]
    assert sum(map(len, splits)) == len(set.union(*splits)) == 10_603


@pytest.mark.parametrize(
    ("rating", "label"),
    [(0.05, "positive"), (0.04, "neutral"), (-0.05, "negative")],
)
def test_labels_start_at_five_hundredths(rating: float, label: str) -> None:
    assert datasets.FilmReview("so so", rating).label == label


# Interface sentences


@pytest.mark.parametrize(
    ("language", "sizes"),
    [
        ("de", [4513, 513, 499]),
        ("es", [5517, 660, 615]),
        ("fr", [3439, 361, 322]),
    ],
)
def test_interface_sentences_have_their_sizes(
    interface: dict[str, dict[str, list[SentencePair]]],
    language: str,
    sizes: list[int],
) -> None:
    assert [len(pairs) for pairs in interface[language].values()] == sizes


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_held_out_was_trained_on(
    interface: dict[str, dict[str, list[SentencePair]]], language: str
) -> None:
    splits = interface[language]
    everything = [pair for pairs in splits.values() for pair in pairs]
    for side in ("english", "translation"):
        assert len({words_of(getattr(pair, side)) for pair in everything}) == (
            len(everything)
        )
    origins = [{pair.origin for pair in pairs} for pairs in splits.values()]
    assert sum(map(len, origins)) == len(set.union(*origins))
    # Nor does a held-out sentence stand in any component trained on.
    english, foreign = (
        datasets._interface_texts(name) for name in ("en", language)
    )
    trained = {
        words_of(english[key])
        for key in english.keys() & foreign.keys()
        if datasets._split_of(key[0]) == "train"
        and datasets._is_sentence(english[key])
        and datasets._is_sentence(foreign[key])
    }
    for split in ("validation", "test"):
        held_out = {words_of(pair.english) for pair in splits[split]}
        assert held_out
        assert not trained & held_out


@pytest.mark.parametrize("language", LANGUAGES)
def test_interface_sentences_are_sentences(
    interface: dict[str, dict[str, list[SentencePair]]], language: str
) -> None:
    for pairs in interface[language].values():
        for pair in pairs:
            for text in (pair.english, pair.translation):
                assert 3 <= len(text.split()) <= 25
                assert not re.search(r"[{}<>\[\]\s]{2}|[{}<>\[\]]", text)
            assert words_of(pair.english) != words_of(pair.translation)


@pytest.mark.parametrize(
    ("language", "size"), [("de", 4624), ("es", 3708), ("fr", 2427)]
)
def test_interface_labels_are_short_and_never_held_out(
    interface: dict[str, dict[str, list[SentencePair]]],
    language: str,
    size: int,
) -> None:
    labels = datasets.load_interface_labels(language)
    assert len(labels) == size
    sentences = [p for pairs in interface[language].values() for p in pairs]
    held_out = {
        p.origin
        for split in ("validation", "test")
        for p in interface[language][split]
    }
    assert not held_out & {p.origin for p in labels}
    for side in ("english", "translation"):
        texts = [datasets._fingerprint(getattr(p, side)) for p in labels]
        assert len(set(texts)) == size
        for other in ("english", "translation"):
            known = {
                datasets._fingerprint(getattr(p, other)) for p in sentences
            }
            assert not known & set(texts)
    shorter = [
        min(len(p.english.split()), len(p.translation.split())) for p in labels
    ]
    assert set(shorter) == {1, 2}


def test_interface_sentences_are_translations(
    interface: dict[str, dict[str, list[SentencePair]]],
) -> None:
    def translation(language: str, english: str) -> str:
        (found,) = (
            pair.translation
            for pairs in interface[language].values()
            for pair in pairs
            if pair.english == english
        )
        return found

    english = "Device is already configured"
    assert translation("de", english) == (
        "Gerät ist bereits konfiguriert"  # codespell:ignore
    )
    assert translation("es", english) == "El dispositivo ya está configurado"
    assert translation("fr", english) == "L'appareil est déjà configuré"


def test_of_several_translations_the_commonest_stays_where_it_stood() -> None:
    pairs = [
        SentencePair("Log in now", "jetzt anmelden bitte", "a"),
        SentencePair("Log out now", "jetzt abmelden bitte", "a"),
        SentencePair("log in now.", "Jetzt einloggen bitte", "b"),
        SentencePair("log in now", "jetzt einloggen bitte", "c"),
        SentencePair("Sign out now", "Jetzt abmelden, bitte!", "c"),
        SentencePair("Radio Bob live", "Radio Bob live", "c"),
    ]
    assert datasets._distinct(pairs) == [
        SentencePair("Log in now", "Jetzt einloggen bitte", "a"),
        SentencePair("Log out now", "jetzt abmelden bitte", "a"),
    ]


# Number words


@pytest.mark.parametrize(
    ("language", "ninety_one"),
    [
        ("de", "einundneunzig"),
        ("es", "noventa y uno"),
        ("fr", "quatre-vingt-onze"),
    ],
)
def test_number_words(language: str, ninety_one: str) -> None:
    pairs = [
        pair
        for split in datasets.SPLITS
        for pair in datasets.load_number_words(language, split)
    ]
    assert SentencePair("ninety-one", ninety_one, "91") in pairs
    assert sorted(int(pair.origin) for pair in pairs) == list(range(1000))
    assert len({pair.translation for pair in pairs}) == 1000


def test_number_words_have_the_sizes_of_their_docstring() -> None:
    load = datasets.load_number_words
    sizes = [len(load("es", split)) for split in datasets.SPLITS]
    assert sizes == [806, 100, 94]
    one = load("es", "train", [1_000_003, 1_000_004, 1_000_005])
    assert [pair.origin for pair in one] == [
        str(n)
        for n in (1_000_003, 1_000_004, 1_000_005)
        if datasets._split_of(str(n)) == "train"
    ]


# MiniLM


def test_minilm_has_its_weights_and_its_vocabulary() -> None:
    files = datasets.load_minilm_files()
    config = json.loads(files["config.json"])
    assert config["num_hidden_layers"] == 6
    assert config["layer_norm_eps"] == 1e-12
    tensors = safetensors.torch.load(files["model.safetensors"])
    assert len(tensors) == 104
    weights = {n: t for n, t in tensors.items() if t.is_floating_point()}
    assert sum(t.numel() for t in weights.values()) == 22_713_216
    words = weights["embeddings.word_embeddings.weight"]
    vocabulary = files["vocab.txt"].decode("utf-8").splitlines()
    assert words.shape == (len(vocabulary), 384) == (30_522, 384)
    assert vocabulary[101:104] == ["[CLS]", "[SEP]", "[MASK]"]
    assert len(json.loads(files["tokenizer.json"])["model"]["vocab"]) == 30_522
    assert b"Apache License" in files["LICENSE"]


# All of them


@pytest.mark.parametrize("load", LOADERS, ids=lambda f: f.__name__)
def test_every_docstring_says_size_licence_and_source(
    load: Callable[..., object],
) -> None:
    text = load.__doc__ or ""
    if load is datasets.load_shakespeare_text:
        assert "load_shakespeare`" in text  # which says the rest
        return
    assert re.search(r"^    Size[:,]", text, re.MULTILINE)
    assert re.search(r"Licence: .+", text)
    assert re.search(r"^    Source:\n +.+\(\d{4}\)", text, re.MULTILINE)


@pytest.mark.parametrize(
    "load",
    [
        lambda: datasets.load_film_reviews("dev"),
        lambda: datasets.load_interface_sentences("fr", "dev"),
        lambda: datasets.load_number_words("fr", "dev"),
    ],
)
def test_an_unknown_split_is_refused(load: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"split 'dev' is not one of \('tra"):
        load()


@pytest.mark.parametrize(
    "load",
    [
        datasets.load_interface_sentences,
        datasets.load_interface_labels,
        datasets.load_number_words,
    ],
)
def test_an_unknown_language_is_refused(
    load: Callable[[str], object],
) -> None:
    with pytest.raises(ValueError, match="language 'en' is not one of"):
        load("en")


def test_the_book_lists_every_archive_and_every_loader() -> None:
    page = (
        Path(__file__).parents[1].joinpath("book/data.md").read_text("utf-8")
    )
    for archive in archives.locked().values():
        assert archive.requirement.replace("==", " ") in page
        assert archive.name in page
    for load in LOADERS:
        assert load.__name__ in page
