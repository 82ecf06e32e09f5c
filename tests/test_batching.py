from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from transformer_course import batching

SHARES = {"train": 0.7, "validation": 0.2, "test": 0.1}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


# --- padding


def test_pad_fills_up_at_the_end_and_says_what_is_real():
    token_ids, pad_mask = batching.pad([[5, 6, 7], [8], []], pad_id=3)
    assert token_ids.tolist() == [[5, 6, 7], [8, 3, 3], [3, 3, 3]]
    assert pad_mask.tolist() == [
        [True, True, True],
        [True, False, False],
        [False, False, False],
    ]
    assert token_ids.dtype == torch.int64
    assert pad_mask.dtype == torch.bool


def test_pad_takes_a_wider_length():
    token_ids, pad_mask = batching.pad([[1, 2]], length=5)
    assert token_ids.tolist() == [[1, 2, 0, 0, 0]]
    assert pad_mask.sum().item() == 2


@settings(deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 99), max_size=7), min_size=1, max_size=5)
)
def test_pad_agrees_with_pytorch_and_loses_nothing(sequences):
    token_ids, pad_mask = batching.pad(sequences, pad_id=11)
    wanted = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(s, dtype=torch.int64) for s in sequences],
        batch_first=True,
        padding_value=11,
    )
    torch.testing.assert_close(token_ids, wanted)
    for row, mask, sequence in zip(
        token_ids, pad_mask, sequences, strict=True
    ):
        assert row[mask].tolist() == sequence
        # The real tokens come first: the mask never rises again.
        assert mask.tolist() == sorted(mask.tolist(), reverse=True)


def test_pad_names_what_does_not_fit():
    with pytest.raises(ValueError, match="3 ids does not fit length 2"):
        batching.pad([[1, 2, 3]], length=2)
    with pytest.raises(ValueError, match="sequences is empty"):
        batching.pad([])


# --- buckets


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 60), max_size=83),
    st.integers(1, 13),
    st.integers(0, 5),
)
def test_buckets_deal_each_sequence_once_and_sorted(lengths, size, seed):
    batches = batching.length_buckets(lengths, size, generator(seed))
    assert sorted(i for b in batches for i in b) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= size for batch in batches)
    assert sum(len(batch) < size for batch in batches) <= 1
    # Batches do not overlap in length: it is the sorted row that is cut.
    spans = sorted(
        (min(lengths[i] for i in b), max(lengths[i] for i in b))
        for b in batches
    )
    for (_, high), (low, _) in pairwise(spans):
        assert high <= low


def test_buckets_follow_their_generator():
    lengths = [3, 5, 2, 5, 3, 3, 7, 2, 5, 3, 2]
    first = batching.length_buckets(lengths, 2, generator(1))
    again = batching.length_buckets(lengths, 2, generator(1))
    other = batching.length_buckets(lengths, 2, generator(2))
    assert first == again
    assert first != other
    # Sequences of one length change their company, not only their order.
    assert {frozenset(b) for b in first} != {frozenset(b) for b in other}


def test_buckets_need_less_padding_than_a_shuffle():
    lengths = torch.randint(1, 41, (997,), generator=generator()).tolist()

    def waste(batches):
        return sum(
            max(lengths[i] for i in b) - lengths[j] for b in batches for j in b
        )

    order = torch.randperm(len(lengths), generator=generator()).tolist()
    shuffled = [order[i : i + 31] for i in range(0, len(order), 31)]
    bucketed = batching.length_buckets(lengths, 31, generator())
    assert waste(bucketed) < 0.1 * waste(shuffled)


def test_buckets_refuse_a_batch_of_nothing():
    with pytest.raises(ValueError, match="batch_size 0 is not positive"):
        batching.length_buckets([1, 2], 0, generator())


# --- splits


@settings(deadline=None)
@given(st.lists(st.text(max_size=5), max_size=40), st.text(max_size=3))
def test_split_deals_each_item_once_and_keeps_equal_keys_together(keys, salt):
    parts = batching.split(keys, SHARES, salt)
    assert list(parts) == list(SHARES)
    assert sorted(i for p in parts.values() for i in p) == list(
        range(len(keys))
    )
    home = {}
    for name, indices in parts.items():
        for i in indices:
            assert home.setdefault(keys[i], name) == name


def test_split_does_not_move_when_data_is_added():
    keys = [f"sentence {i}" for i in range(101)]
    before = batching.split(keys[:53], SHARES)
    after = batching.split(keys, SHARES)
    for name in SHARES:
        assert [i for i in after[name] if i < 53] == before[name]


def test_split_has_the_wanted_shares_and_the_salt_mixes_them():
    keys = [str(i) for i in range(20_000)]
    parts = batching.split(keys, SHARES)
    for name, share in SHARES.items():
        assert abs(len(parts[name]) / len(keys) - share) < 0.015
    salted = set(batching.split(keys, SHARES, salt="b")["test"])
    both = len(salted & set(parts["test"]))
    assert abs(both / len(keys) - 0.01) < 0.005  # as if independent


def test_split_never_uses_an_empty_share():
    keys = [str(i) for i in range(1_009)]
    parts = batching.split(keys, {"none": 0.0, "all": 1.0, "last": 0.0})
    assert [len(p) for p in parts.values()] == [0, 1_009, 0]


@pytest.mark.parametrize(
    "shares", [{"a": 0.5, "b": 0.4}, {"a": 1.5, "b": -0.5}, {}]
)
def test_split_refuses_wrong_shares(shares):
    with pytest.raises(ValueError, match="must sum to 1"):
        batching.split_of("key", shares)
