"""The stretch exercise of chapter 6: three things at once."""

from __future__ import annotations

from typing import Any

from transformer_course.checking.exercise import Chapter
from transformer_course.checking.watching import Seen

EXERCISES = Chapter("06")


def three_things(n_heads: int, seed: int) -> list[float]:
    """Shares right of subject, object and the other clause's subject.

    Stands in for the solution: numbers of a run.
    """
    return [1.0, 1.0, 1.0] if n_heads == 3 else [0.51, 0.12, 0.34]


def _how_many(result: Any) -> str:
    """Say how many of three shares are nearly 1."""
    shares = [float(share) for share in result]
    if len(shares) != 3:
        return f"{len(shares)} numbers"
    if any(share < 0 or share > 1 for share in shares):
        return "no shares"
    return "all three" if min(shares) > 0.9 else "not all three"


_three = EXERCISES.exercise(
    three_things,
    label="ex-06-three",
    level="Stretch",
    minutes=40,
    cases=[(1, 1), (3, 1)],
    seconds=40,
    view=_how_many,
    wanted="three shares from 0 to 1: not all near 1 with one head, all near "
    "1 with three heads (tried with seed 1)",
    hints=(
        "Which parts of the chapter know that there are two nouns a verb? "
        "The data, the last layer of Fetcher, and its unflatten.",
        "The third noun of a clause is the first noun of the other: "
        "nouns[:, :, :1].flip(1), joined to nouns along axis 2.",
        "Subclass Fetcher: width 16 * n_heads, read = nn.Linear(16 * n_heads, "
        "3 * len(NOUNS)), unflatten(-1, (3, len(NOUNS))). Train as fit does, "
        "and take the mean of right answers over sentences and verbs.",
    ),
    solution="""
class Three(Fetcher):
    def __init__(self, n_heads):
        super().__init__(n_heads, d_model=16 * n_heads)
        self.read = nn.Linear(16 * n_heads, 3 * len(NOUNS))

    def forward(self, token_ids, pad_mask, verbs):
        places = self.positions.weight[: token_ids.size(1)]
        x = self.words(token_ids) + places  # (B, T, D)
        fetched, _ = self.attention(x, x, padding_mask(pad_mask))
        rows = verbs[:, :, None].expand(-1, -1, x.size(-1))
        scores = self.read(fetched.gather(1, rows))  # (B, 2, 3 N)
        return scores.unflatten(-1, (3, len(NOUNS)))


def with_other(data):
    *given, nouns = data  # nouns: (n, 2, 2)
    other = nouns[:, :, :1].flip(1)  # the other clause's subject
    return *given, torch.cat([nouns, other], dim=2)  # (n, 2, 3)


def three_loss(model, batch):
    scores = model(*batch[:3])  # (B, 2, 3, N)
    return F.cross_entropy(scores.flatten(0, 2), batch[3].flatten())


def three_things(n_heads, seed):
    with training.seeded(seed):
        model = Three(n_heads)
    rows = with_other(draw(8000, seed))
    generator = torch.Generator().manual_seed(seed)
    for n_steps, lr in ((800, 5e-3), (200, 1e-3)):
        training.train(
            model, training.row_sampler(*rows, batch_size=64), three_loss,
            n_steps=n_steps, lr=lr, generator=generator,
        )
    *given, nouns = with_other(draw(1000, seed, "test"))
    with torch.no_grad():
        right = model(*given).argmax(dim=-1) == nouns  # (n, 2, 3)
    return right.float().mean(dim=(0, 1)).tolist()
""",
)


@_three.mistake
def _two(n_heads: int, seed: int) -> list[float]:
    """You return two shares; there are three things to fetch.

    Subject, object, and the other clause's subject.
    """
    return [0.9, 0.9]


@_three.mistake
def _percent(n_heads: int, seed: int) -> list[float]:
    """Your numbers are not shares from 0 to 1.

    A mean of True and False is a share.
    """
    return [100.0, 100.0, 100.0]


@_three.mistake
def _easy(n_heads: int, seed: int) -> list[float]:
    """One head of yours gets all three right.

    Is n_heads used, and is the width 16 times n_heads? With two layers
    after the attention one mixture can be enough: keep the linear one.
    """
    return [1.0, 1.0, 1.0]


@_three.mistake
def _hard(n_heads: int, seed: int) -> list[float]:
    """Three heads of yours do not get all three right.

    Look at which of the three is low. Is it the third: does the target name
    the other clause's subject, and not the own one's?
    """
    return [1.0, 1.0, 0.02]


@_three.mistake
def _upside_down(n_heads: int, seed: int) -> list[float]:
    """One head of yours does better than three.

    Is the model that you measure the one that you trained?
    """
    return [0.5, 0.5, 0.5] if n_heads == 3 else [1.0, 1.0, 1.0]


@_three.telltale("draw")
def _no_new_sentences(seen: Seen) -> bool:
    """You measure on the sentences that the model was trained on.

    draw(1000, seed, "test") gives new ones.
    """
    calls = seen["draw"]
    return bool(calls) and all(call["split"] != "test" for call in calls)


def _third(seen: Seen) -> list[bool]:
    """Say of the third noun which noun it is: own 1, own 2, other's 2."""
    calls = seen["training.row_sampler"]
    columns = [column for call in calls for column in call["tensors"]]
    found = []
    for nouns in columns:
        if nouns.shape[1:] != (2, 3):
            continue
        third, other = nouns[..., 2], nouns.flip(1)
        pairs = (nouns[..., 0], nouns[..., 1], other[..., 1])
        found = [bool((third == noun).all()) for noun in pairs]
    return found


@_three.telltale("training.row_sampler")
def _own_subject(seen: Seen) -> bool:
    """Your third noun is the verb's own subject once more.

    The other clause's subject is asked for: exchange the two clauses.
    """
    return any(_third(seen)[:1])


@_three.telltale("training.row_sampler")
def _an_object(seen: Seen) -> bool:
    """Your third noun is an object, the verb's own or the other one's.

    The other clause's subject is asked for: its first noun.
    """
    return any(_third(seen)[1:])


@_three.telltale("training.row_sampler")
def _two_taught(seen: Seen) -> bool:
    """Your model is trained to fetch two nouns for each verb, not three.

    The third one, read off the other verb, is no work for this verb's
    heads. The targets need three nouns a verb.
    """
    calls = seen["training.row_sampler"]
    return bool(calls) and all(
        len(call["tensors"]) == 4 and call["tensors"][3].shape[1:] == (2, 2)
        for call in calls
    )


@_three.telltale("training.row_sampler")
def _not_the_other(seen: Seen) -> bool:
    """Your third noun is not always the other clause's subject.

    For the first verb it is the second clause's first noun, and for the
    second verb the first clause's.
    """
    calls = seen["training.row_sampler"]
    columns = [column for call in calls for column in call["tensors"]]
    return any(
        bool((nouns[..., 2] != nouns.flip(1)[..., 0]).any())
        for nouns in columns
        if nouns.shape[1:] == (2, 3)
    )
