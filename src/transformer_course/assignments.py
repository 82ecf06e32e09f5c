"""Numbers of your own: every student's assignment has its own variant.

The questions that are answered by hand take their numbers from the student's
id, so that two neighbours compute two different answers; whoever grades draws
the same numbers from the same id.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

import torch

T = TypeVar("T")


class Variant:
    """Draw numbers that depend on a student, an assignment and a name only.

    Each name has its own draw: asking for one more number moves none of the
    others, and the order of asking does not matter. Case and outer blanks of
    the student's id do not count.

    Args:
        student: The id by which the student hands in; not empty.
        assignment: Name of the assignment, such as ``"hw2-attention"``.

    Raises:
        ValueError: ``student`` or ``assignment`` is empty.

    Example:
        >>> v = Variant("ada", "hw2-attention")
        >>> v.integer("n", 2, 9) == Variant(" Ada", "hw2-attention").integer(
        ...     "n", 2, 9
        ... )
        True
    """

    def __init__(self, student: str, assignment: str) -> None:
        self.student = student.strip().casefold()
        self.assignment = assignment
        if not self.student or not assignment:
            raise ValueError(
                f"a variant needs a student and an assignment, got "
                f"{student!r} and {assignment!r}"
            )

    def __repr__(self) -> str:
        return f"Variant({self.student!r}, {self.assignment!r})"

    def seed(self, name: str) -> int:
        """Return a whole number below 2**63, such as a generator takes."""
        return self._draw(name, 0) >> 193

    def generator(self, name: str) -> torch.Generator:
        """Return a CPU generator of this student's own.

        Args:
            name: What is drawn with it, such as ``"split"``.
        """
        return torch.Generator().manual_seed(self.seed(name))

    def integer(self, name: str, low: int, high: int) -> int:
        """Draw a whole number from ``low`` to ``high``, both included."""
        return self.integers(name, low, high, 1)[0]

    def integers(
        self, name: str, low: int, high: int, size: int
    ) -> tuple[int, ...]:
        """Draw whole numbers from ``low`` to ``high``, both included.

        Args:
            name: What they are for; the same name gives the same numbers.
            low: Smallest possible number.
            high: Largest possible number.
            size: How many.

        Returns:
            ``size`` numbers; some may be equal.

        Raises:
            ValueError: ``low`` is above ``high``.
        """
        if low > high:
            raise ValueError(f"{name!r}: low {low} is above high {high}")
        span = high - low + 1
        return tuple(low + self._draw(name, i) % span for i in range(size))

    def numbers(
        self,
        name: str,
        low: float,
        high: float,
        size: int,
        step: float = 0.5,
    ) -> tuple[float, ...]:
        """Draw numbers that are pleasant by hand: multiples of ``step``.

        Args:
            name: What they are for; the same name gives the same numbers.
            low: Smallest possible number.
            high: Largest possible number, where a step ends on it.
            size: How many.
            step: Distance between neighbouring possible numbers; positive.

        Returns:
            ``size`` numbers ``low + k * step``, rounded to nine decimals.

        Raises:
            ValueError: ``low`` is above ``high`` or ``step`` not positive.
        """
        if step <= 0:
            raise ValueError(f"{name!r}: step {step} is not positive")
        steps = math.floor((high - low) / step + 1e-9)
        drawn = self.integers(name, 0, steps, size)
        return tuple(round(low + k * step, 9) for k in drawn)

    def choice(self, name: str, options: Sequence[T]) -> T:
        """Draw one of the options, which stay in the order given."""
        return options[self.integer(name, 0, len(options) - 1)]

    def sample(
        self, name: str, options: Sequence[T], size: int
    ) -> tuple[T, ...]:
        """Draw ``size`` different options, in random order.

        Args:
            name: What they are for; the same name gives the same options.
            options: What there is, in a fixed order.
            size: How many.

        Raises:
            ValueError: There are fewer than ``size`` options.
        """
        if not 0 <= size <= len(options):
            raise ValueError(
                f"{name!r}: cannot take {size} of {len(options)} options"
            )
        order = sorted(
            range(len(options)), key=lambda i: (self._draw(name, i), i)
        )
        return tuple(options[i] for i in order[:size])

    def _draw(self, name: str, index: int) -> int:
        """Return 256 bits that depend on student, assignment, name, index."""
        key = "\0".join((self.student, self.assignment, name, str(index)))
        return int.from_bytes(hashlib.sha256(key.encode()).digest(), "big")
