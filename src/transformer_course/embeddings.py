"""Words as points: the look-up, skip-gram word2vec, neighbours, analogies."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class TokenEmbedding(nn.Module):
    """Give every token id its own learned vector, by picking a table's row.

    Picking rows equals the product of one-hot rows with the table, without
    the multiplications by zero. Values and gradients are those of
    ``torch.nn.Embedding``.

    Args:
        vocab_size: Number of rows V; ids run from 0 to V - 1.
        d_model: Width D of a vector.
        padding_id: Id whose row starts at zero and is never trained.
        generator: Where the starting values come from; PyTorch's global one
            if not given.

    Raises:
        ValueError: A size is not positive, or ``padding_id`` is no row.

    Source: Bengio et al. (2003), sec. 2; Vaswani et al. (2017), sec. 3.4.

    >>> table = TokenEmbedding(vocab_size=3, d_model=2)
    >>> with torch.no_grad():
    ...     _ = table.weight.copy_(
    ...         torch.tensor([[0.2, 0.8], [0.6, 0.6], [0.9, 0.2]])
    ...     )
    >>> table(torch.tensor([[2, 0]])).detach()
    tensor([[[0.9000, 0.2000],
             [0.2000, 0.8000]]])
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        padding_id: int | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        _require_positive(vocab_size=vocab_size, d_model=d_model)
        if padding_id is not None and not 0 <= padding_id < vocab_size:
            raise ValueError(
                f"padding_id {padding_id} is no row of a table with rows "
                f"0 to {vocab_size - 1}"
            )
        self.padding_id = padding_id
        self.weight = nn.Parameter(torch.empty(vocab_size, d_model))
        nn.init.normal_(self.weight, generator=generator)
        if padding_id is not None:
            with torch.no_grad():
                self.weight[padding_id] = 0.0

    def forward(self, token_ids: Tensor) -> Tensor:
        """Look up the row of each id.

        Args:
            token_ids: int64 or int32, any shape; usually (B, T).

        Returns:
            Float (..., D): the same shape with one more dimension.

        Raises:
            TypeError: ``token_ids`` holds something else than whole numbers
                of 32 or 64 bits.
            ValueError: An id is no row of the table.
        """
        vocab_size, d_model = self.weight.shape
        _require_ids("token_ids", token_ids, vocab_size)
        rows = self.weight.index_select(0, token_ids.flatten())
        rows = rows.view(*token_ids.shape, d_model)  # (..., D)
        if self.padding_id is not None:
            padding = (token_ids == self.padding_id).unsqueeze(-1)
            rows = torch.where(padding, rows.detach(), rows)
        return rows

    def extra_repr(self) -> str:
        """Name the sizes where the module is printed."""
        vocab_size, d_model = self.weight.shape
        return f"{vocab_size}, {d_model}, padding_id={self.padding_id}"


def skip_gram_pairs(token_ids: Tensor, window: int) -> tuple[Tensor, Tensor]:
    """Pair every word with each word at most ``window`` places away.

    Args:
        token_ids: int64 (N,): a text as ids.
        window: How many places to look to either side.

    Returns:
        Centres and contexts, both int64 (P,): pair i says that
        ``contexts[i]`` stands near ``centres[i]``.

    Raises:
        ValueError: ``token_ids`` is not one row of ids, or ``window`` is not
            positive.

    Source: Mikolov et al. (2013), "Distributed Representations of Words",
    sec. 2.

    >>> centres, contexts = skip_gram_pairs(torch.tensor([5, 7, 9]), 1)
    >>> list(zip(centres.tolist(), contexts.tolist()))
    [(5, 7), (7, 9), (7, 5), (9, 7)]
    """
    _require_positive(window=window)
    if token_ids.dim() != 1:
        raise ValueError(
            f"token_ids must be one row (N,), came {tuple(token_ids.shape)}"
        )
    offsets = range(1, min(window, len(token_ids) - 1) + 1)
    earlier = [token_ids[:-d] for d in offsets]
    later = [token_ids[d:] for d in offsets]
    if not earlier:
        return token_ids[:0], token_ids[:0]
    return torch.cat(earlier + later), torch.cat(later + earlier)


def keep_probability(counts: Tensor, threshold: float) -> Tensor:
    """Say how often an occurrence of each word stays in the training text.

    Frequent words are thinned out: with frequency f, an occurrence stays
    with probability sqrt(threshold / f), at most 1.

    Args:
        counts: Float or int (V,): how often each word occurs.
        threshold: Frequency above which a word is thinned out.

    Returns:
        Float (V,) of probabilities; 1 for a word that never occurs.

    Raises:
        ValueError: ``counts`` is negative or sums to zero, or ``threshold``
            is not positive.

    Source: Mikolov et al. (2013), "Distributed Representations of Words",
    sec. 2.3, equation 5.

    >>> keep_probability(torch.tensor([96.0, 4.0]), 0.01).round(decimals=3)
    tensor([0.1020, 0.5000])
    """
    _require_counts(counts)
    if not threshold > 0:
        raise ValueError(f"threshold must be positive, came {threshold}")
    frequencies = counts / counts.sum()  # (V,)
    return (threshold / frequencies).sqrt().clamp(max=1.0)


def noise_distribution(counts: Tensor, power: float = 0.75) -> Tensor:
    """Say how often each word is drawn as a negative.

    Counts to the power of 3/4 lie between the words' own frequencies and all
    words alike, so that rare words come up as negatives too.

    Args:
        counts: Float or int (V,): how often each word occurs.
        power: 1 for the words' own frequencies, 0 for all words alike.

    Returns:
        Float (V,) that sums to 1.

    Raises:
        ValueError: ``counts`` is negative or sums to zero.

    Source: Mikolov et al. (2013), "Distributed Representations of Words",
    sec. 2.2.

    >>> noise_distribution(torch.tensor([16.0, 81.0])).round(decimals=3)
    tensor([0.2290, 0.7710])
    """
    _require_counts(counts)
    weights = torch.where(counts > 0, counts.double() ** power, 0.0)
    return (weights / weights.sum()).float()


def skip_gram_loss(centres: Tensor, contexts: Tensor, noise: Tensor) -> Tensor:
    """Ask for a high score with the true neighbour, low ones with the noise.

    The score of two vectors is their dot product; its sigmoid is read as the
    probability that the pair comes from the text.

    Args:
        centres: Float (B, D): input vectors of the centre words.
        contexts: Float (B, D): output vectors of their true neighbours.
        noise: Float (B, K, D): output vectors of K drawn words each.

    Returns:
        Float (): minus the log-probability of K + 1 right answers, averaged
        over the batch, in nats.

    Source: Mikolov et al. (2013), "Distributed Representations of Words",
    sec. 2.2, equation 4, with the sign turned round.

    >>> loss = skip_gram_loss(
    ...     torch.tensor([[0.9, 0.2]]),
    ...     torch.tensor([[0.5, 1.0]]),
    ...     torch.tensor([[[1.0, -0.5]]]),
    ... )
    >>> round(loss.item(), 3)
    1.591
    """
    true_scores = (centres * contexts).sum(dim=-1)  # (B,)
    noise_scores = (noise * centres.unsqueeze(1)).sum(dim=-1)  # (B, K)
    true_loss = -F.logsigmoid(true_scores)  # (B,)
    noise_loss = -F.logsigmoid(-noise_scores).sum(dim=-1)  # (B,)
    return (true_loss + noise_loss).mean()


class SkipGram(nn.Module):
    """Learn word vectors that tell true neighbours from drawn words.

    Each word has two vectors: one as a centre (``inputs``, the vectors that
    are kept), one as a neighbour (``outputs``).

    Args:
        vocab_size: Number of words V.
        d_model: Width D of a vector.
        generator: Where the starting values come from.

    Source: Mikolov et al. (2013), "Distributed Representations of Words",
    sec. 2.
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.inputs = TokenEmbedding(vocab_size, d_model, generator=generator)
        self.outputs = TokenEmbedding(vocab_size, d_model, generator=generator)
        with torch.no_grad():
            # Small, so that every sigmoid starts near 1/2, where it is steep.
            self.inputs.weight.mul_(0.3 / d_model**0.5)
            self.outputs.weight.zero_()

    def forward(
        self, centres: Tensor, contexts: Tensor, negatives: Tensor
    ) -> Tensor:
        """Give the loss of a batch of pairs.

        Args:
            centres: int64 (B,): ids of centre words.
            contexts: int64 (B,): ids of their true neighbours.
            negatives: int64 (B, K): ids of drawn words; K may be 0.

        Returns:
            Float (): see :func:`skip_gram_loss`.
        """
        return skip_gram_loss(
            self.inputs(centres),  # (B, D)
            self.outputs(contexts),  # (B, D)
            self.outputs(negatives),  # (B, K, D)
        )


def train_skip_gram(
    token_ids: Tensor,
    vocab_size: int,
    *,
    d_model: int = 50,
    window: int = 2,
    n_negatives: int = 5,
    threshold: float = 1e-3,
    n_epochs: int = 1,
    batch_size: int = 4096,
    learning_rate: float = 0.02,
    seed: int = 0,
) -> tuple[SkipGram, list[float]]:
    """Train skip-gram vectors with negative sampling on one text.

    The loss is the paper's. Adam on batches takes the place of its plain
    gradient descent on single pairs, and the window does not shrink at
    random as it does in the authors' program.

    Args:
        token_ids: int64 (N,): the text.
        vocab_size: Number of words V.
        d_model: Width D of a vector.
        window: How many places to look to either side.
        n_negatives: Words drawn for each true pair.
        threshold: Frequency above which words are thinned out.
        n_epochs: Passes through the text, each thinned out anew.
        batch_size: Pairs in a step.
        learning_rate: Adam's first step size; it falls to zero in a line.
        seed: Fixes all random numbers; none comes from PyTorch's global
            generator.

    Returns:
        The trained model and the loss of each step, in nats a pair.

    Raises:
        ValueError: A size is not positive, ``n_negatives`` is negative, an
            id is out of range or the text has no pairs.

    Source: Mikolov et al. (2013), "Distributed Representations of Words",
    sec. 2.
    """
    sizes = {"vocab_size": vocab_size, "n_epochs": n_epochs}
    _require_positive(**sizes, batch_size=batch_size)
    if n_negatives < 0:
        raise ValueError(f"n_negatives must not be negative: {n_negatives}")
    _require_ids("token_ids", token_ids, vocab_size)
    generator = torch.Generator().manual_seed(seed)
    counts = torch.bincount(token_ids, minlength=vocab_size).double()
    keep = keep_probability(counts, threshold)[token_ids]  # (N,)
    noise = noise_distribution(counts)  # (V,)
    model = SkipGram(vocab_size, d_model, generator=generator)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    losses: list[float] = []
    for epoch in range(n_epochs):
        centres, contexts = _draw_pairs(token_ids, keep, window, generator)
        shuffled = torch.randperm(len(centres), generator=generator)
        batches = torch.split(shuffled, batch_size)
        for step, batch in enumerate(batches):
            done = (epoch + step / len(batches)) / n_epochs
            optimizer.param_groups[0]["lr"] = learning_rate * (1 - done)
            shape = (len(batch), n_negatives)  # (B, K)
            negatives = _draw_words(noise, shape, generator)
            loss = model(centres[batch], contexts[batch], negatives)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return model, losses


class WordSpace:
    """Hold named vectors, scaled to length 1, for questions of likeness.

    At length 1 the dot product of two vectors is their cosine.

    Args:
        words: V different words.
        vectors: Float (V, D): row i belongs to word i.

    Raises:
        ValueError: The sizes differ, a word comes twice, or a vector is zero
            or not finite.

    >>> space = WordSpace(["up", "right"], torch.tensor([[0, 2.0], [3, 0]]))
    >>> space.units(["right"]).tolist()
    [[1.0, 0.0]]
    """

    def __init__(self, words: Sequence[str], vectors: Tensor) -> None:
        if vectors.dim() != 2 or len(vectors) != len(words):
            raise ValueError(
                f"vectors must be ({len(words)}, D), a row a word; came "
                f"{tuple(vectors.shape)}"
            )
        self.words = tuple(words)
        self._ids = {word: i for i, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            raise ValueError("words must differ; at least one comes twice")
        lengths = vectors.detach().norm(dim=1, keepdim=True)  # (V, 1)
        if not ((lengths > 0) & lengths.isfinite()).all():
            raise ValueError("vectors must be finite and not zero")
        self.vectors: Tensor = vectors.detach() / lengths  # (V, D)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def ids(self, words: Sequence[str]) -> Tensor:
        """Look up the rows of words.

        Args:
            words: n words of the space.

        Returns:
            int64 (n,).

        Raises:
            TypeError: ``words`` is one string instead of a list of them.
            ValueError: A word is not in the space.
        """
        if isinstance(words, str):
            raise TypeError(f"words must be a list of words, came {words!r}")
        unknown = [word for word in words if word not in self._ids]
        if unknown:
            raise ValueError(
                f"words not among the {len(self)} of this space: {unknown}"
            )
        return torch.tensor([self._ids[word] for word in words]).long()

    def units(self, words: Sequence[str]) -> Tensor:
        """Give the vectors of words, at length 1.

        Args:
            words: n words of the space.

        Returns:
            Float (n, D).

        Raises:
            TypeError: ``words`` is one string.
            ValueError: A word is not in the space.
        """
        return self.vectors[self.ids(words)]


def neighbours(
    space: WordSpace, words: Sequence[str], n: int = 5
) -> list[list[tuple[str, float]]]:
    """Find the words whose vectors point most nearly the same way.

    Args:
        space: Where to look.
        words: The words asked about, all at once.
        n: How many neighbours each.

    Returns:
        For each word, n pairs (neighbour, cosine), nearest first, the word
        itself left out.

    Raises:
        TypeError: ``words`` is one string.
        ValueError: A word is not in the space, or ``n`` is not from 1 to the
            number of other words.

    >>> space = WordSpace(
    ...     ["hot", "cold", "pizza"],
    ...     torch.tensor([[4.0, 3.0], [3.0, 4.0], [0.0, 1.0]]),
    ... )
    >>> [[(word, cosine)]] = neighbours(space, ["hot"], n=1)
    >>> word, round(cosine, 2)
    ('cold', 0.96)
    """
    rows = space.ids(words)  # (Q,)
    return _nearest(space, space.vectors[rows], n, rows.unsqueeze(1))


def analogy(
    space: WordSpace,
    questions: Sequence[tuple[str, str, str]],
    n: int = 5,
    *,
    exclude_inputs: bool = True,
) -> list[list[tuple[str, float]]]:
    """Answer "a is to b as c is to which word?" by arithmetic on vectors.

    The answers are the words nearest, by cosine, to b - a + c, with a, b and
    c at length 1. Often the nearest of all is b or c itself, which the usual
    way of asking leaves out.

    Args:
        space: Where to look.
        questions: Triples (a, b, c), such as ("man", "king", "woman").
        n: How many answers each.
        exclude_inputs: Whether a, b and c may not be answers.

    Returns:
        For each question, n pairs (answer, cosine), nearest first.

    Raises:
        ValueError: A question is not a triple, a word is not in the space,
            or ``n`` is not from 1 to the number of possible answers.

    Source: Mikolov et al. (2013), "Linguistic Regularities", sec. 4; Linzen
    (2016) on the inputs.

    >>> space = WordSpace(
    ...     ["man", "woman", "king", "queen"],
    ...     torch.tensor([[4.0, 1, 0], [4, -1, 0], [3, 2, 3], [2, -4, 3]]),
    ... )
    >>> question = [("man", "king", "woman")]
    >>> analogy(space, question, n=1, exclude_inputs=False)[0][0][0]
    'king'
    >>> analogy(space, question, n=1)[0][0][0]
    'queen'
    """
    wrong = [question for question in questions if len(question) != 3]
    if wrong:
        raise ValueError(f"questions must be triples (a, b, c): {wrong[0]!r}")
    flat = [word for question in questions for word in question]
    rows = space.ids(flat).view(-1, 3)  # (Q, 3)
    a, b, c = space.vectors[rows].unbind(dim=1)  # (Q, D) each
    left_out = rows if exclude_inputs else rows[:, :0]
    return _nearest(space, b - a + c, n, left_out)


def _nearest(
    space: WordSpace, queries: Tensor, n: int, left_out: Tensor
) -> list[list[tuple[str, float]]]:
    possible = len(space) - left_out.shape[1]
    if not 1 <= n <= possible:
        raise ValueError(f"n must be from 1 to {possible}, came {n}")
    answers = []
    # In portions, for the cosines with 400,000 words fill 1.6 MB a query.
    directions = torch.split(F.normalize(queries, dim=-1), 32)
    for some, without in zip(
        directions, torch.split(left_out, 32), strict=True
    ):
        cosines = some @ space.vectors.T  # (Q, V)
        cosines.scatter_(1, without, -torch.inf)
        best = cosines.topk(n, dim=1)
        for values, rows in zip(
            best.values.tolist(), best.indices.tolist(), strict=True
        ):
            found = [space.words[row] for row in rows]
            answers.append(list(zip(found, values, strict=True)))
    return answers


def _draw_pairs(
    token_ids: Tensor, keep: Tensor, window: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    draws = torch.rand(len(keep), generator=generator)
    pairs = skip_gram_pairs(token_ids[draws < keep], window)
    if not len(pairs[0]):
        raise ValueError("token_ids has no pairs of words to learn from")
    return pairs


def _draw_words(
    noise: Tensor, shape: tuple[int, int], generator: torch.Generator
) -> Tensor:
    n = shape[0] * shape[1]
    if n == 0:
        return torch.zeros(shape, dtype=torch.long)
    drawn: Tensor = noise.multinomial(n, replacement=True, generator=generator)
    return drawn.view(shape)


def _require_positive(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1, came {size}")


def _require_counts(counts: Tensor) -> None:
    if counts.dim() != 1 or (counts < 0).any() or counts.sum() <= 0:
        raise ValueError(
            "counts must be one row (V,), not negative, with a positive sum"
        )


def _require_ids(name: str, ids: Tensor, vocab_size: int) -> None:
    if ids.dtype not in (torch.int64, torch.int32):
        raise TypeError(f"{name} must be int64 or int32, came {ids.dtype}")
    if not ids.numel():
        return
    low, high = (int(x) for x in ids.aminmax())
    if low < 0 or high >= vocab_size:
        raise ValueError(
            f"{name} must run from 0 to {vocab_size - 1}, came {low} to {high}"
        )
