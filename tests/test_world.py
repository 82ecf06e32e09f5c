"""Squatch World: every task keeps its promises, whatever the seed."""

import os
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transformer_course.world import corpus, english, items, lexicon, tasks
from transformer_course.world.facts import facts_of, split_of_story

SPLITS = lexicon.SPLITS
every_task = pytest.mark.parametrize("task", tasks.TASKS)


@every_task
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(-(2**40), 2**40), split=st.sampled_from(SPLITS))
def test_twins_ask_alike_and_answer_differently(task, seed, split):
    made = tasks.make(task, 13, seed, split)
    assert len(made) == 26
    assert [item.pair for item in made] == [i // 2 for i in range(26)]
    for item, twin in zip(made[::2], made[1::2], strict=True):
        assert item.answer != twin.answer
        assert item.edit == twin.edit
        assert item.words != twin.words
        assert set(item.segments) == set(twin.segments)


def test_no_task_reads_french():
    french_only = {"le", "la", "du", "et", "il", "elle", "avait", "été"}
    assert not french_only & set(tasks.vocabulary())


@pytest.mark.parametrize("split", SPLITS)
def test_stories_without_questions_keep_to_their_split(split):
    told = corpus.stories(300, 8, split)
    assert {split_of_story(story) for story in told} == {split}
    assert all(3 <= len(story) <= 6 for story in told)
    assert told == corpus.stories(300, 8, split)
    with pytest.raises(ValueError, match="split 'dev'"):
        corpus.stories(1, 8, "dev")


@every_task
@pytest.mark.parametrize("split", SPLITS)
def test_every_story_belongs_to_its_split(task, split):
    for item in tasks.make(task, 211, 5, split):
        assert split_of_story(item.story) == split


@every_task
def test_no_test_pair_of_noun_and_predicate_is_trained_on(task):
    # The rule again, from the words alone: told pairs, not the lexicon's rule.
    together = {
        split: {
            (noun, fact.predicate)
            for item in tasks.make(task, 601, 2, split)
            for fact in facts_of(item.story)
            for other in facts_of(item.story)
            for noun in other.nouns
        }
        for split in SPLITS
    }
    assert all(together.values())
    assert not together["train"] & together["test"]
    assert not together["train"] & together["validation"]
    assert not together["validation"] & together["test"]
    for column in (0, 1):  # ... while each of the words alone is trained on
        trained = {pair[column] for pair in together["train"]}
        assert {pair[column] for pair in together["test"]} <= trained


def _words(split):
    """What the tasks read and, in English, write; and what stories hold."""
    seen = {
        word
        for story in corpus.stories(2000, 3, split)
        for word in english.story(story)
    }
    for task in tasks.TASKS:
        for item in tasks.make(task, 1500, 3, split):
            seen.update(item.words)
            seen.update(() if task == "french" else item.target)
    return seen


def test_the_words_of_all_tasks_are_the_vocabulary():
    seen = {split: _words(split) for split in SPLITS}
    assert seen["train"] == set(tasks.vocabulary())
    assert seen["validation"] <= seen["train"]
    assert seen["test"] <= seen["train"]
    assert list(tasks.vocabulary()) == sorted(set(tasks.vocabulary()))


_PRINTER = """
from transformer_course.world import tasks
for task in tasks.TASKS:
    for item in tasks.make(task, 5, 11, "test"):
        print(task, item.segments, item.choices, item.answer, item.target,
              sorted(item.marks.items()), item.story)
print(tasks.vocabulary())
"""


def _printed(hash_seed):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", _PRINTER],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_the_seed_alone_decides_in_every_process():
    first = _printed("1")
    assert first.count("\n") == 10 * len(tasks.TASKS) + 1
    assert first == _printed("4711")
    for task in tasks.TASKS:
        assert tasks.make(task, 7, 1) == tasks.make(task, 7, 1)
        assert tasks.make(task, 7, 1) != tasks.make(task, 7, 2)
        assert tasks.make(task, 7, 1) != tasks.make(task, 7, 1, "validation")


@every_task
def test_answers_are_balanced_over_the_choices(task):
    made = tasks.make(task, 1200, 4)
    for n_choices in {len(item.choices) for item in made}:
        labels = Counter(
            item.label for item in made if len(item.choices) == n_choices
        )
        total = sum(labels.values())
        for count in labels.values():
            assert count / total == pytest.approx(1 / n_choices, abs=0.035)
        assert len(labels) == n_choices


def test_make_names_what_is_wrong():
    with pytest.raises(ValueError, match="task 'who' is none of"):
        tasks.make("who", 3, 0)
    with pytest.raises(ValueError, match="split 'dev' is none of train"):
        tasks.make("french", 3, 0, "dev")
    with pytest.raises(ValueError, match="n_pairs is 0"):
        tasks.make("french", 0, 0)


def test_pair_accuracy_by_hand():
    assert tasks.pair_accuracy([True, False, True, True, False, False]) == (
        pytest.approx(1 / 3)
    )
    with pytest.raises(ValueError, match="3 entries"):
        tasks.pair_accuracy([True, False, True])
    with pytest.raises(ValueError, match="0 entries"):
        tasks.pair_accuracy([])


def test_an_item_refuses_an_answer_that_is_no_choice():
    parts = {"sentence": ("squatch", "eats", "pizza")}
    with pytest.raises(ValueError, match="answer 'fox' is not among"):
        items.Item(parts["sentence"], "fox", ("squatch", "pizza"), parts)
    with pytest.raises(ValueError, match="do not add up"):
        items.Item(("squatch",), "squatch", ("squatch", "pizza"), parts)
    item = items.Item(parts["sentence"], "pizza", ("squatch", "pizza"), parts)
    assert item.label == 1
    assert item.target == ("pizza",)
    assert item.text == "squatch eats pizza"
