"""Masks: what they allow, how they combine, what they refuse."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from transformer_course import masks


def test_causal_mask_by_hand() -> None:
    expected = [[True, False, False], [True, True, False], [True, True, True]]
    assert masks.causal_mask(3).tolist() == expected


@given(st.integers(min_value=1, max_value=17))
def test_causal_mask_allows_exactly_the_past(n_positions: int) -> None:
    mask = masks.causal_mask(n_positions)
    assert mask.dtype == torch.bool
    assert mask.shape == (n_positions, n_positions)
    for i in range(n_positions):
        for j in range(n_positions):
            assert mask[i, j].item() == (j <= i)


@given(st.integers(min_value=1, max_value=17), st.data())
def test_causal_mask_from_a_later_start_is_the_lower_part(
    n_positions: int, data: st.DataObject
) -> None:
    start = data.draw(st.integers(min_value=0, max_value=n_positions - 1))
    later = masks.causal_mask(n_positions, start)
    assert torch.equal(later, masks.causal_mask(n_positions)[start:])


@pytest.mark.parametrize("start", [3, -1])
def test_causal_mask_refuses_a_start_outside(start: int) -> None:
    with pytest.raises(ValueError, match=f"start is {start}, wanted 0 to 2"):
        masks.causal_mask(3, start)


def test_decoder_mask_hides_the_future_and_the_padding() -> None:
    token_ids = torch.zeros(2, 2, dtype=torch.int64)
    assert torch.equal(
        masks.decoder_mask(token_ids, start=1), masks.causal_mask(3)[1:]
    )
    pad_mask = torch.tensor([[True, True, False], [True, True, True]])
    mask = masks.decoder_mask(token_ids, pad_mask, start=1)
    assert mask.tolist() == [
        [[[True, True, False], [True, True, False]]],
        [[[True, True, False], [True, True, True]]],
    ]
    with pytest.raises(ValueError, match=r"wanted .B, T. = .2, 5."):
        masks.decoder_mask(token_ids, pad_mask, start=3)


@pytest.mark.parametrize("n_positions", [0, -3])
def test_causal_mask_refuses_no_positions(n_positions: int) -> None:
    with pytest.raises(ValueError, match=f"n_positions is {n_positions}"):
        masks.causal_mask(n_positions)


def test_padding_mask_hides_the_same_keys_from_all_queries() -> None:
    pad_mask = torch.tensor([[True, True, False], [True, False, False]])
    mask = masks.padding_mask(pad_mask)
    assert mask.shape == (2, 1, 1, 3)
    spread = mask.expand(2, 5, 7, 3)  # (B, H, T_q, T_k)
    for head in range(5):
        for query in range(7):
            assert torch.equal(spread[:, head, query], pad_mask)


def test_padding_mask_refuses_other_dtypes_and_says_the_polarity() -> None:
    with pytest.raises(TypeError, match=r"torch\.int64.*True = real"):
        masks.padding_mask(torch.tensor([[1, 1, 0]]))


def test_padding_mask_refuses_other_shapes() -> None:
    with pytest.raises(ValueError, match=r"\(3,\), wanted \(B, T\)"):
        masks.padding_mask(torch.tensor([True, True, False]))


def test_combine_by_hand() -> None:
    pad_mask = torch.tensor([[True, True, False]])
    both = masks.combine(masks.causal_mask(3), masks.padding_mask(pad_mask))
    assert both is not None
    expected = [
        [True, False, False],
        [True, True, False],
        [True, True, False],
    ]
    assert both.tolist() == [[expected]]


@given(st.data())
def test_combine_allows_what_every_mask_allows(data: st.DataObject) -> None:
    batch, length = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5))
    row = st.lists(st.booleans(), min_size=length, max_size=length)
    pad_mask = torch.tensor([data.draw(row) for _ in range(batch)])
    other = torch.tensor([data.draw(row) for _ in range(length)])
    causal, padding = masks.causal_mask(length), masks.padding_mask(pad_mask)
    every = masks.combine(causal, None, padding, other)
    assert every is not None
    assert every.shape == (batch, 1, length, length)
    for b in range(batch):
        for i in range(length):
            for j in range(length):
                allowed = j <= i and bool(pad_mask[b, j] & other[i, j])
                assert every[b, 0, i, j].item() == allowed


def test_combine_of_nothing_is_no_mask() -> None:
    assert masks.combine() is None
    assert masks.combine(None, None) is None


def test_combine_refuses_a_mask_that_is_not_bool() -> None:
    with pytest.raises(TypeError, match=r"number 1 is torch\.float32.*attend"):
        masks.combine(masks.causal_mask(3), None, torch.zeros(3, 3))


def test_combine_refuses_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"\(3, 3\) and \(5, 5\)"):
        masks.combine(masks.causal_mask(3), masks.causal_mask(5))
