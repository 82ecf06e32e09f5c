"""BERT: an encoder that reads both ways, its heads, and what trains it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from transformer_course.embeddings import TokenEmbedding
from transformer_course.layers import ACTIVATIONS
from transformer_course.masks import padding_mask, require_rows
from transformer_course.norms import LayerNorm
from transformer_course.positions import LearnedPositions
from transformer_course.transformer import Encoder, check_config

START_STD = 0.02  # of every matrix at the start
NOT_ASKED = -100  # the target that F.cross_entropy leaves out


@dataclass(frozen=True)
class BERTConfig:
    """The sizes of a BERT; the defaults are those of BERT-base.

    BERT-large has ``d_model=1024, n_heads=16, d_ff=4096, n_layers=24``.

    Attributes:
        vocab_size: Entries V of the vocabulary; 30,522 in the English model
            without capitals.
        d_model: Width D.
        n_heads: Heads; divides ``d_model``.
        d_ff: Width inside the feed-forward layers.
        n_layers: Blocks.
        max_seq_len: Longest input.
        n_segments: Kinds of segments: 2 for pairs of sentences.
        dropout: Share set to 0 in training, on each sublayer's output and
            on the embeddings. The published model drops attention weights
            too; this one does not.
        activation: The feed-forward layers' bend, a name among
            ``layers.ACTIVATIONS``; the exact GELU in BERT.
        eps: Added to the variance in every norm.

    Raises:
        ValueError: A size is not positive, ``n_heads`` does not divide
            ``d_model``, ``dropout`` is not from 0 to 1, or there is no such
            activation.

    Source: Devlin et al. (2019), sec. 3 and appendix A.2; the last two from
    its authors' program.
    """

    vocab_size: int
    d_model: int = 768
    n_heads: int = 12
    d_ff: int = 3072
    n_layers: int = 12
    max_seq_len: int = 512
    n_segments: int = 2
    dropout: float = 0.1
    activation: str = "gelu"
    eps: float = 1e-12

    def __post_init__(self) -> None:
        """Refuse what no model can have."""
        check_config(
            self, "vocab_size", "d_model", "n_heads", "d_ff", "n_layers",
            "max_seq_len", "n_segments",
        )  # fmt: skip


@dataclass(frozen=True)
class BERTOutput:
    """What a BERT gives, with or without a head.

    Attributes:
        hidden: Float (B, T, D): the last block's states.
        pooled: Float (B, D): the first token's state behind one more layer,
            or None where the model has no pooler.
        logits: The head's scores, or None where there is no head.
        next_sentence: Float (B, 2), of ``BERTPretraining`` alone.
    """

    hidden: Tensor
    pooled: Tensor | None = None
    logits: Tensor | None = None
    next_sentence: Tensor | None = None


def start_as_published(module: nn.Module) -> None:
    """Draw a module's starting weights as BERT's authors did.

    Matrices are normal with standard deviation 0.02, drawn again where
    they are beyond two of it; biases are 0, norms multiply by 1.

    Args:
        module: Its parameters are overwritten.

    Source: Devlin et al. (2019), its authors' program.
    """
    end = 2 * START_STD
    for name, parameter in module.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(parameter)
        elif parameter.dim() == 2:
            nn.init.trunc_normal_(parameter, std=START_STD, a=-end, b=end)
        else:
            nn.init.ones_(parameter)


class BERT(nn.Module):
    """Turn every token into a vector that depends on both its sides.

    Embeddings of token, position and segment are added and normalized; then
    comes the encoder of 2017 with another bend. No mask hides the future:
    every token sees all real ones, in one pass.

    Args:
        config: The sizes.
        pooler: Whether there is a layer on top of the first token's state,
            which next-sentence prediction trains.

    Source: Devlin et al. (2019), sec. 3, figure 2.

    Example:
        >>> model = BERT(BERTConfig(7, d_model=6, n_heads=2, n_layers=1))
        >>> output = model(torch.tensor([[1, 2, 3]]))
        >>> output.hidden.shape, output.pooled.shape
        (torch.Size([1, 3, 6]), torch.Size([1, 6]))
    """

    def __init__(self, config: BERTConfig, *, pooler: bool = True) -> None:
        super().__init__()
        self.config = config
        c = config
        self.embedding = TokenEmbedding(c.vocab_size, c.d_model)
        self.positions = LearnedPositions(c.max_seq_len, c.d_model)
        self.segments = TokenEmbedding(c.n_segments, c.d_model)
        self.norm = LayerNorm(c.d_model, c.eps)
        self.dropout = nn.Dropout(c.dropout)
        self.encoder = Encoder(
            c.n_layers,
            c.d_model,
            c.n_heads,
            c.d_ff,
            dropout=c.dropout,
            activation=ACTIVATIONS[c.activation],
            eps=c.eps,
        )
        self.pooler = nn.Linear(c.d_model, c.d_model) if pooler else None
        start_as_published(self)

    def forward(
        self,
        token_ids: Tensor,
        pad_mask: Tensor | None = None,
        segment_ids: Tensor | None = None,
    ) -> BERTOutput:
        """Read a batch of sentences, or of pairs of sentences.

        Args:
            token_ids: int64 (B, T).
            pad_mask: Bool (B, T), True = real token; None where all are.
            segment_ids: int64 (B, T): which sentence of a pair each token
                belongs to; None where all are the first, 0.

        Returns:
            Hidden states, those of padding without meaning, and the pooled
            state where there is a pooler.

        Raises:
            TypeError: ``pad_mask`` is not bool, or ids are not whole numbers.
            ValueError: An id is out of its range, T is longer than
                ``max_seq_len``, or the shapes do not fit together.
        """
        require_rows(token_ids)
        if segment_ids is None:
            segment_ids = torch.zeros_like(token_ids)
        if segment_ids.shape != token_ids.shape:
            raise ValueError(
                f"segment_ids have shape {tuple(segment_ids.shape)}, wanted "
                f"that of token_ids, {tuple(token_ids.shape)}"
            )
        x = self.embedding(token_ids) + self.segments(segment_ids)
        x = self.dropout(self.norm(self.positions(x)))  # (B, T, D)
        mask = None
        if pad_mask is not None:
            mask = padding_mask(pad_mask, (x.size(0), x.size(1)))
        hidden = self.encoder(x, mask)  # (B, T, D)
        if self.pooler is None:
            return BERTOutput(hidden)
        return BERTOutput(hidden, self.pooler(hidden[:, 0]).tanh())


def sentence_vectors(hidden: Tensor, pad_mask: Tensor) -> Tensor:
    """Give each sentence one vector: the mean of its tokens', at length 1.

    Args:
        hidden: Float (B, T, D), of a BERT.
        pad_mask: Bool (B, T), True = real token.

    Returns:
        Float (B, D); the dot product of two of them is their cosine.

    Raises:
        ValueError: A sentence has no real token.

    Source: Reimers and Gurevych (2019), sec. 3, "MEAN".

    Example:
        >>> hidden = torch.tensor([[[3.0, 0.0], [0.0, 4.0], [9.0, 9.0]]])
        >>> sentence_vectors(hidden, torch.tensor([[True, True, False]]))
        tensor([[0.6000, 0.8000]])
    """
    if not pad_mask.any(dim=1).all():
        raise ValueError("pad_mask has a row without a real token")
    real = hidden.masked_fill(~pad_mask.unsqueeze(-1), 0.0)  # (B, T, D)
    mean = real.sum(dim=1) / pad_mask.sum(dim=1, keepdim=True)
    return F.normalize(mean, dim=-1)


def mask_tokens(
    token_ids: Tensor,
    may_ask: Tensor,
    *,
    mask_id: int,
    vocab_size: int,
    generator: torch.Generator,
    share: float = 0.15,
) -> tuple[Tensor, Tensor]:
    """Hide some tokens of each sentence, and ask for what they were.

    Of those asked for, each becomes the mask token with probability 0.8 and
    a random one with 0.1, and stays with 0.1, so that the model, which meets
    no mask token after pre-training, has to mind the others too.

    Args:
        token_ids: int64 (B, T).
        may_ask: Bool (B, T), True where a token may be asked for: not at
            special tokens and padding.
        mask_id: Id of the mask token.
        vocab_size: Random tokens are ids from 0 to V - 1.
        generator: Where the random numbers come from.
        share: Share of the tokens that may be asked for, rounded to a whole
            number in each sentence, at least 1.

    Returns:
        The inputs and the targets, both int64 (B, T). Targets are -100, which
        ``F.cross_entropy`` leaves out, wherever nothing is asked.

    Raises:
        ValueError: ``share`` is not above 0 and up to 1, the shapes
            differ, or a sentence has no token that may be asked for.

    Source: Devlin et al. (2019), sec. 3.1, task 1, and appendix A.1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share is {share}, wanted above 0 and up to 1")
    if token_ids.dim() != 2 or may_ask.shape != token_ids.shape:
        raise ValueError(
            f"token_ids has shape {tuple(token_ids.shape)} and may_ask "
            f"{tuple(may_ask.shape)}, wanted (B, T) for both"
        )
    if not may_ask.any(dim=1).all():
        raise ValueError("may_ask has a row without a token to ask for")
    draws = torch.rand(3, *token_ids.shape, generator=generator)
    order = draws[0].masked_fill(~may_ask, 2.0).argsort().argsort()  # (B, T)
    wanted = (share * may_ask.sum(dim=1)).round().clamp(min=1)  # (B,)
    asked = order < wanted.unsqueeze(1)
    becomes_mask = asked & (draws[1] < 0.8)
    becomes_other = asked & (draws[1] >= 0.9)
    others = (draws[2] * vocab_size).long()  # (B, T)
    inputs = token_ids.masked_fill(becomes_mask, mask_id)
    inputs = torch.where(becomes_other, others, inputs)
    return inputs, token_ids.masked_fill(~asked, NOT_ASKED)


class MaskedLMHead(nn.Module):
    """Score every entry of the vocabulary at every position.

    One layer, bend and norm, then the product with the embedding's own
    matrix plus a bias for each entry.

    Args:
        config: The sizes.

    Source: Devlin et al. (2019), sec. 3.1; the first layer from its
    authors' program.
    """

    def __init__(self, config: BERTConfig) -> None:
        super().__init__()
        self.layer = nn.Linear(config.d_model, config.d_model)
        self.bend = ACTIVATIONS[config.activation]()
        self.norm = LayerNorm(config.d_model, config.eps)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        start_as_published(self)

    def forward(self, hidden: Tensor, embedding: TokenEmbedding) -> Tensor:
        """Score the tokens.

        Args:
            hidden: Float (..., D).
            embedding: The model's own.

        Returns:
            Float (..., V).
        """
        changed = self.norm(self.bend(self.layer(hidden)))  # (..., D)
        return F.linear(changed, embedding.weight, self.bias)


class BERTWithHead(nn.Module):
    """A body and what stands on it: read as BERT does, then score.

    Args:
        bert: The body, used as it is and not copied.

    Attributes:
        needs_pooler: Whether the head reads the pooled state.

    Raises:
        ValueError: The head needs a pooler and the body has none.
    """

    needs_pooler = False

    def __init__(self, bert: BERT) -> None:
        super().__init__()
        if self.needs_pooler and bert.pooler is None:
            raise ValueError("bert has no pooler, wanted BERT(config)")
        self.bert = bert

    def forward(
        self,
        token_ids: Tensor,
        pad_mask: Tensor | None = None,
        segment_ids: Tensor | None = None,
    ) -> BERTOutput:
        """Read as ``BERT.forward`` does and add the head's scores.

        Args:
            token_ids: int64 (B, T).
            pad_mask: Bool (B, T), True = real token; None where all are.
            segment_ids: int64 (B, T): which sentence of a pair each token
                belongs to; None where all are the first, 0.

        Returns:
            What the body gives, and the scores.

        Raises:
            TypeError: As in ``BERT.forward``.
            ValueError: As in ``BERT.forward``.
        """
        return self.score(self.bert(token_ids, pad_mask, segment_ids))

    def score(self, read: BERTOutput) -> BERTOutput:
        """Add the head's scores to what the body gives.

        Args:
            read: The body's output.

        Returns:
            The same, with ``logits``.
        """
        raise NotImplementedError


class BERTMaskedLM(BERTWithHead):
    """Say what stood where the input has a mask: logits (B, T, V).

    Args:
        bert: The body, used as it is and not copied.

    Source: Devlin et al. (2019), sec. 3.1, task 1.
    """

    def __init__(self, bert: BERT) -> None:
        super().__init__(bert)
        self.masked_lm = MaskedLMHead(bert.config)

    def score(self, read: BERTOutput) -> BERTOutput:
        """Score every entry of the vocabulary at all positions."""
        logits = self.masked_lm(read.hidden, self.bert.embedding)
        return replace(read, logits=logits)


class BERTNextSentence(BERTWithHead):
    """Say whether the second sentence followed the first: logits (B, 2).

    Entry 0 is for "it did", 1 for "it is a random one".

    Args:
        bert: The body, with a pooler; used as it is and not copied.

    Raises:
        ValueError: The body has no pooler.

    Source: Devlin et al. (2019), sec. 3.1, task 2.
    """

    needs_pooler = True

    def __init__(self, bert: BERT) -> None:
        super().__init__(bert)
        self.next_sentence = nn.Linear(bert.config.d_model, 2)
        start_as_published(self.next_sentence)

    def score(self, read: BERTOutput) -> BERTOutput:
        """Score the pair."""
        return replace(read, logits=self.next_sentence(read.pooled))


class BERTPretraining(BERTWithHead):
    """Both tasks of pre-training at once, on the same pass.

    ``logits`` (B, T, V) are for the masked tokens, ``next_sentence`` (B, 2)
    for the pair; the published loss is the sum of both cross-entropies.

    Args:
        bert: The body, with a pooler; used as it is and not copied.

    Raises:
        ValueError: The body has no pooler.

    Source: Devlin et al. (2019), sec. 3.1 and appendix A.2.
    """

    needs_pooler = True

    def __init__(self, bert: BERT) -> None:
        super().__init__(bert)
        self.masked_lm = MaskedLMHead(bert.config)
        self.next_sentence = nn.Linear(bert.config.d_model, 2)
        start_as_published(self.next_sentence)

    def score(self, read: BERTOutput) -> BERTOutput:
        """Score tokens and pair."""
        logits = self.masked_lm(read.hidden, self.bert.embedding)
        follows = self.next_sentence(read.pooled)
        return replace(read, logits=logits, next_sentence=follows)


class BERTClassifier(BERTWithHead):
    """Give each sentence, or pair, one of several labels: logits (B, L).

    Args:
        bert: The body, with a pooler; used as it is and not copied.
        n_labels: Labels L.

    Raises:
        ValueError: The body has no pooler, or ``n_labels`` is not positive.

    Source: Devlin et al. (2019), sec. 3.2 and 4.1.
    """

    needs_pooler = True

    def __init__(self, bert: BERT, n_labels: int) -> None:
        super().__init__(bert)
        if n_labels < 1:
            raise ValueError(f"n_labels is {n_labels}, wanted at least 1")
        self.dropout = nn.Dropout(bert.config.dropout)
        self.classifier = nn.Linear(bert.config.d_model, n_labels)
        start_as_published(self.classifier)

    def score(self, read: BERTOutput) -> BERTOutput:
        """Score the labels."""
        logits = self.classifier(self.dropout(read.pooled))
        return replace(read, logits=logits)


class BERTSpans(BERTWithHead):
    """Say where an answer starts and where it ends: logits (B, T, 2).

    Entry 0 scores the position as the answer's first token, 1 as its last.

    Args:
        bert: The body, used as it is and not copied.

    Source: Devlin et al. (2019), sec. 4.2.
    """

    def __init__(self, bert: BERT) -> None:
        super().__init__(bert)
        self.ends = nn.Linear(bert.config.d_model, 2)
        start_as_published(self.ends)

    def score(self, read: BERTOutput) -> BERTOutput:
        """Score all positions."""
        return replace(read, logits=self.ends(read.hidden))
