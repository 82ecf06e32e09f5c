"""The exercises' instant feedback: ``check``, ``hint`` and ``solution``.

Every exercise carries its usual mistakes as runnable wrong answers. A check
runs the learner's answer and these on small inputs, and tells the learner
which mistake the answer behaves like. A file ``chapter_NN.py`` holds the
exercises of a chapter and is imported when one of them is asked for.
"""

from transformer_course.checking.judging import judge
from transformer_course.checking.registry import UnknownExerciseError
from transformer_course.checking.showing import check, hint, solution
from transformer_course.checking.verdict import Kind, Verdict

__all__ = [
    "Kind",
    "UnknownExerciseError",
    "Verdict",
    "check",
    "hint",
    "judge",
    "solution",
]
