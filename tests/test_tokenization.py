import re
import sys
import unicodedata
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from transformer_course import datasets
from transformer_course.tokenization import (
    bpe,
    bpe_training,
    pretokenization,
    vocabulary,
    wordpiece,
    words,
)

# Characters whose class every Unicode table since 2002 agrees on: the
# library that we compare with has tables of its own age.
SETTLED = unicodedata.ucd_3_2_0
END = "<|endoftext|>"
HARD = [
    "Hello world! I'd like tokens.",
    "naïve café, Ångström, Ελλάδα, Москва, 東京, ไทย, नमस्ते",
    "e\u0301 is not \u00e9, though both show an accent",
    "🙂👍🏽👩\u200d👩\u200d👧\u200d👦 🇳🇿 and plain text",
    "3.14159, 1,000,000, ½ ² Ⅷ ٣٤ 2026-11-22",
    "a\n\nb\r\nc\rd\te  f   g\n   h \n ",
    "it's I'd we'll they're I've I'm don't; 'S 'LL ''s 'x",
    "  two spaces, then three   , then none",
    "\x00\x01\x1c\x1f\x7f\x85\xa0\u1680\u2003\u2028\u3000\ufeff end",
    "for i in range(10):\n    print(i)  # tabs\tand spaces",
    "<|endoftext|> <pad> [UNK] Ġ Ċ",
    "_under_score__ x² H₂O ª º",
    "",
    " ",
    "\n",
    "'",
]
# Few letters make many repeats and ties, which is where merges go wrong.
REPETITIVE = st.text(alphabet="ab c\né1'", max_size=60)


def settled(text):
    return all(
        SETTLED.category(c) == unicodedata.category(c) != "Cn"
        and unicodedata.category(c) != "Cs"
        for c in text
    )


@pytest.fixture(scope="module")
def gpt2_files():
    return datasets.load_gpt2_tokenizer_files()


@pytest.fixture(scope="module")
def gpt2(gpt2_files):
    encoder, merges = gpt2_files
    return bpe.BPETokenizer(merges, encoder, special=[END])


@pytest.fixture(scope="module")
def reference(gpt2_files):
    encoder, merges = gpt2_files
    engine = Tokenizer(models.BPE(vocab=encoder, merges=merges))
    engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return engine


@pytest.fixture(scope="module")
def shakespeare():
    return list(datasets.load_shakespeare().values())


# --- the vocabulary


def test_vocabulary_goes_both_ways():
    table = vocabulary.Vocabulary(["x", "y", "z"])
    assert table.ids("zxy") == [2, 0, 1]
    assert [table.token_of(i) for i in range(len(table))] == ["x", "y", "z"]
    assert "y" in table
    assert "w" not in table


def test_vocabulary_errors_name_what_came():
    table = vocabulary.Vocabulary(["x", "y"])
    with pytest.raises(ValueError, match="token 'q' is not in the vocabul"):
        table.id_of("q")
    for wrong in (-1, 2):
        with pytest.raises(ValueError, match=f"token_id {wrong} is not from"):
            table.token_of(wrong)
    with pytest.raises(ValueError, match="'x' comes twice, as id 0 and as"):
        vocabulary.Vocabulary(["x", "y", "x"])
    with pytest.raises(ValueError, match="unknown 'u' is not among"):
        vocabulary.Vocabulary(["x"], unknown="u")


# --- words and characters


def test_word_tokenizer_by_hand():
    tokenizer = words.WordTokenizer.train(["go go. stop now", "now go."], 4)
    # go 3; "." and now 2 each, in the order of spelling; stop 1.
    assert tokenizer.vocabulary.tokens[4:] == ("go", ".", "now", "stop")
    assert tokenizer.encode("go now!") == [4, 6, 1]
    assert tokenizer.decode([4, 6, 1]) == "go now <unk>"
    assert tokenizer.vocab_size == 8


def test_word_tokenizer_takes_cut_words_and_special_tokens():
    tokenizer = words.WordTokenizer(["squatch", "eats"])
    cut = [vocabulary.BOS, "squatch", "eats", "yeti", vocabulary.EOS]
    assert tokenizer.encode_words(cut) == [2, 4, 5, 1, 3]


def test_max_words_keeps_the_most_frequent():
    tokenizer = words.WordTokenizer.train(["c b b a a a"], max_words=2)
    assert tokenizer.vocabulary.tokens[4:] == ("a", "b")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_known_words_come_back_without_their_spaces(text):
    tokenizer = words.WordTokenizer.train([text])
    decoded = tokenizer.decode(tokenizer.encode(text))
    assert decoded == " ".join(words.split_words(text))
    assert re.sub(r"\s", "", decoded) == re.sub(r"\s", "", text)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_known_characters_come_back_exactly(text):
    tokenizer = words.CharacterTokenizer.train([text])
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_unknown_character_is_one_unknown_token():
    tokenizer = words.CharacterTokenizer.train(["abc"])
    assert tokenizer.decode(tokenizer.encode("a?c")) == "a<unk>c"


# --- what happens before the merges


def test_every_code_point_falls_in_the_published_class():
    # Behind a letter, a digit and a sign each class of character shows.
    engine = pre_tokenizers.ByteLevel(add_prefix_space=False)
    known = [
        chr(point)
        for point in range(sys.maxunicode + 1)
        # Not lone surrogates, nor what this Python does not know yet.
        if unicodedata.category(chr(point)) not in ("Cs", "Cn")
    ]
    assert len(known) > 280_000
    for start in range(0, len(known), 64):
        part = known[start : start + 64]
        text = "".join(f"a{c}1{c}!{c}a" for c in part)
        spans = [span for _, span in engine.pre_tokenize_str(text)]
        theirs = [text[begin:end] for begin, end in spans]
        assert pretokenization.split_pieces(text) == theirs


@settings(deadline=None)
@given(st.text(max_size=80))
def test_pieces_cover_the_text(text):
    assert "".join(pretokenization.split_pieces(text)) == text


def test_byte_alphabet_is_the_published_one():
    faces = pretokenization.byte_alphabet()
    assert len(set(faces)) == 256
    assert set(faces) == set(pre_tokenizers.ByteLevel.alphabet())
    assert all(f.isprintable() and not f.isspace() for f in faces)
    assert (faces[0x20], faces[0x0A], faces[0x00]) == ("Ġ", "Ċ", "Ā")


@given(st.binary(max_size=80))
def test_bytes_come_back_from_their_characters(data):
    faces = pretokenization.byte_alphabet()
    written = "".join(faces[b] for b in data)
    assert pretokenization.from_byte_characters(written) == data


def test_a_lone_surrogate_is_named(gpt2):
    for text, place in (("ab\ud800c", 2), ("\udfff", 0)):
        with pytest.raises(ValueError, match=f"at position {place}: it is"):
            gpt2.encode(text)
        with pytest.raises(ValueError, match=r"lone surrogate U\+D"):
            bpe_training.train([text], 300)
        with pytest.raises(ValueError, match=r"lone surrogate U\+D"):
            bpe_training.train_fast([text], 300)


def test_a_character_outside_the_alphabet_is_named():
    with pytest.raises(ValueError, match="character ' ' at position 1"):
        pretokenization.from_byte_characters("a b")


# --- BPE: encoding


def test_published_ids(gpt2):
    ids = [15496, 995, 0, 314, 1549, 588, 16326, 13]
    assert gpt2.encode("Hello world! I'd like tokens.") == ids
    assert gpt2.decode(ids) == "Hello world! I'd like tokens."


@pytest.mark.parametrize("text", HARD)
def test_hard_strings_agree_and_come_back(gpt2, reference, text):
    assert gpt2.encode(text) == reference.encode(text).ids
    assert gpt2.decode(gpt2.encode(text)) == text


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=120).filter(settled))
def test_any_text_agrees_with_the_library(gpt2, reference, text):
    assert gpt2.encode(text) == reference.encode(text).ids


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=120))
def test_any_text_comes_back(gpt2, text):
    assert gpt2.decode(gpt2.encode(text)) == text


@pytest.mark.slow
def test_all_of_shakespeare_agrees_and_comes_back(
    gpt2, reference, shakespeare
):
    for text in shakespeare:
        ids = gpt2.encode(text)
        assert ids == reference.encode(text).ids
        assert gpt2.decode(ids) == text


def test_the_merges_alone_give_the_published_ids(gpt2_files):
    encoder, merges = gpt2_files
    tokens = [*bpe.vocabulary_of(merges), END]
    assert {token: i for i, token in enumerate(tokens)} == encoder


def test_special_tokens_come_only_by_id(gpt2):
    assert gpt2.vocab_size == 50_257
    assert 50_256 not in gpt2.encode(f"a{END}b")
    assert gpt2.decode([*gpt2.encode("a"), 50_256]) == f"a{END}"
    own = bpe.BPETokenizer([], special=["<bos>", "<eos>"])
    assert own.vocabulary.ids(["<bos>", "<eos>"]) == [256, 257]


def test_half_a_character_becomes_the_replacement_character(gpt2):
    halves = gpt2.encode("🙂")
    assert len(halves) > 1
    assert gpt2.decode(halves) == "🙂"
    assert "\N{REPLACEMENT CHARACTER}" in gpt2.decode(halves[:1])


def test_earlier_merges_go_first_by_hand():
    # Rank order takes (b, c) first, so (a, b) finds no b any more.
    ranks = {("b", "c"): 0, ("a", "b"): 1}
    assert bpe.apply_merges("abc", ranks) == ["a", "bc"]
    # The other order gives the other cut.
    assert bpe.apply_merges("abc", {("a", "b"): 0, ("b", "c"): 1}) == [
        "ab",
        "c",
    ]


def test_a_wrong_encoder_is_refused():
    good = {token: i for i, token in enumerate(bpe.vocabulary_of([]))}
    with pytest.raises(ValueError, match=r"misses 1 tokens.* such as 'ab'"):
        bpe.BPETokenizer([("a", "b")], good)
    with pytest.raises(ValueError, match="the id 300 where 256 was wanted"):
        bpe.BPETokenizer([], {**good, "new": 300})


# --- BPE: training


def test_training_by_hand():
    # low 5, lower 2, newest 6, widest 3; a break between them, no spaces.
    # es 9, st 9, we 8: the tie goes to the pair of lower ids, (e, s). In the
    # end ew, ne and (w, est) have 6 each, and e has the lowest id of e, n, w.
    text = "\n".join(
        ["low"] * 5 + ["lower"] * 2 + ["newest"] * 6 + ["widest"] * 3
    )
    merges = bpe_training.train([text], 256 + 5, min_count=1)
    assert merges[:5] == [
        ("e", "s"),
        ("es", "t"),
        ("l", "o"),
        ("lo", "w"),
        ("e", "w"),
    ]


def naive_merges(text, vocab_size, min_count):
    """Count everything again for every merge; nothing clever."""
    pieces = [
        [list(face), n]
        for face, n in bpe_training.count_pieces([text]).items()
    ]
    tokens, merges = bpe.vocabulary_of([]), []
    while len(tokens) < vocab_size:
        counts = Counter()
        for symbols, n in pieces:
            for left, right in pairwise(symbols):
                counts[tokens.index(left), tokens.index(right)] += n
        if not counts or max(counts.values()) < min_count:
            break
        most = max(counts.values())
        left, right = min(pair for pair in counts if counts[pair] == most)
        pair = (tokens[left], tokens[right])
        merges.append(pair)
        if "".join(pair) not in tokens:
            tokens.append("".join(pair))
        for piece in pieces:
            piece[0] = bpe.merge_pair(piece[0], pair)
    return merges


@settings(deadline=None)
@given(REPETITIVE, st.integers(256, 280), st.integers(1, 3))
def test_three_trainings_agree_down_to_the_ties(text, vocab_size, min_count):
    ours = bpe_training.train([text], vocab_size, min_count)
    assert ours == naive_merges(text, vocab_size, min_count)
    assert ours == bpe_training.train_fast([text], vocab_size, min_count)


@settings(deadline=None)
@given(st.lists(st.text(max_size=40).filter(settled), max_size=4))
def test_trainings_agree_on_any_texts(texts):
    assert bpe_training.train(texts, 290) == bpe_training.train_fast(
        texts, 290
    )


@settings(deadline=None)
@given(REPETITIVE)
def test_what_was_trained_encodes_and_comes_back(text):
    tokenizer = bpe.BPETokenizer(bpe_training.train([text], 280))
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert len(tokenizer.encode(text)) <= len(text.encode())


@pytest.mark.slow
def test_trainings_agree_on_all_of_shakespeare(shakespeare):
    ours = bpe_training.train(shakespeare, 256 + 1_000)
    assert len(ours) == 1_000
    assert ours == bpe_training.train_fast(shakespeare, 256 + 1_000)


def test_training_stops_when_nothing_is_left():
    assert bpe_training.train(["abab"], 300, min_count=2) == [("a", "b")]
    assert bpe_training.train([""], 300) == []
    assert bpe_training.train(["abab"], 256) == []


@pytest.mark.parametrize(
    "train", [bpe_training.train, bpe_training.train_fast]
)
def test_training_refuses_impossible_sizes(train):
    with pytest.raises(ValueError, match="vocab_size 255 is below the 256"):
        train(["a"], 255)
    with pytest.raises(ValueError, match="min_count 0 is below 1"):
        train(["a"], 300, min_count=0)


# --- WordPiece

PARTS = ["[UNK]", "un", "##aff", "##able", "##a", "##ff", "go", "a", "##s"]


def bert_words(text):
    clean = normalizers.BertNormalizer(strip_accents=True, lowercase=True)
    cut = pre_tokenizers.BertPreTokenizer()
    return [w for w, _ in cut.pre_tokenize_str(clean.normalize_str(text))]


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60).filter(settled))
def test_bert_words_agree_with_the_library(text):
    # U+166D changed its class between the tables, 1734 and 1885-6 as well.
    text = re.sub("[\u166d\u1734\u1885\u1886]", "", text)
    assert wordpiece.split_words(text) == bert_words(text)


@pytest.mark.parametrize("text", HARD)
def test_bert_words_agree_on_hard_strings(text):
    assert wordpiece.split_words(text) == bert_words(text)


def test_bert_words_can_keep_their_case():
    assert wordpiece.split_words("Café Ole!", lowercase=False) == [
        "Café",
        "Ole",
        "!",
    ]


@settings(deadline=None)
@given(st.text(alphabet="unafblegos", max_size=14))
def test_wordpiece_cuts_agree_with_the_library(word):
    vocab = {part: i for i, part in enumerate(PARTS)}
    model = models.WordPiece(vocab, unk_token="[UNK]")
    ours = wordpiece.WordPieceTokenizer(PARTS).cut(word)
    assert ours == [token.value for token in model.tokenize(word)]


def test_wordpiece_by_hand():
    tokenizer = wordpiece.WordPieceTokenizer(PARTS)
    assert tokenizer.tokens("Unaffable goas!") == [
        "un", "##aff", "##able", "go", "##a", "##s", "[UNK]",
    ]  # fmt: skip
    assert tokenizer.encode("Unaffable") == [1, 2, 3]
    assert tokenizer.decode([1, 2, 3, 6]) == "unaffable go"
    # Greedy takes ##aff, and then has no part for the bare b.
    assert tokenizer.cut("unaffb") == ["[UNK]"]
    assert wordpiece.WordPieceTokenizer(PARTS, longest_word=3).cut("unas") == [
        "[UNK]"
    ]


def test_wordpiece_needs_its_unknown_token():
    with pytest.raises(ValueError, match=r"unknown '\[UNK\]' is not among"):
        wordpiece.WordPieceTokenizer(["a"])


def test_wordpiece_training_prefers_members_that_belong_together():
    # es: 9 / (17 * 9), st: 9 / (9 * 9), di: 3 / (3 * 3) the highest.
    counts = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
    merges = wordpiece.train(counts, 2)
    assert merges[0] == ("##i", "##d")
    assert wordpiece.train({"a": 7}, 3) == []


def test_the_librarys_wordpiece_trainer_merges_by_count():
    # The chapter says so: under its name, tokenizers trains BPE.
    engine = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    engine.pre_tokenizer = pre_tokenizers.Whitespace()
    # 18 letters, 10 at a word's start and 8 inside, and room for two merges.
    trainer = trainers.WordPieceTrainer(vocab_size=20, show_progress=False)
    text = "low " * 5 + "lower " * 2 + "newest " * 6 + "widest " * 3
    engine.train_from_iterator([text], trainer)
    assert "##est" in engine.get_vocab()  # by count 9
    assert "##id" not in engine.get_vocab()  # by score
