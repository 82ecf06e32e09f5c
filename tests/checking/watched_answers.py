"""Wrong answers whose numbers are right: they show in what they call.

By exercise: an answer's text and the name of the telltale that must show. The
first of each is right. Some were written by an author who had not seen the
checks (marked "blind").
"""

from transformer_course.checking.registry import find

_BARRED = """
def barred_reader(seed):
    train_items, test_items = draw(seed)
    model, _ = fit(train_items, seed{first})
    return {{kind: {test} for kind in KINDS}}
"""
_CUT = ', first=scissors(train_items, "it")'
_SHARE = (
    "picks(model, test_items[kind], scissors(test_items[kind], 'it'))"
    ".float().mean().item()"
)
_SIX = """
def context_by_steps(contexts, n_steps, n_seeds=4):
    return {{
        (k, n): [{loss} for seed in range(n_seeds)]
        for k in contexts for n in n_steps
    }}
"""
_GONE_ON = """
def context_by_steps(contexts, n_steps, n_seeds=4):
    found = {}
    for k in contexts:
        model = object()
        for n in n_steps:
            training.train(model, None, None, n_steps=n)
            found[k, n] = [bands[k, n] + 0.001 * s for s in range(n_seeds)]
    return found
"""
_TRAINED = "trained(k, seed, n_steps=n)"
_MIXTURE = """
def accuracy_at_64(distances):
    {how}
"""
_THREE = """
def three_things(n_heads, seed):
    *given, nouns = draw(40, seed)
    third = {third}
    rows = (*given, torch.cat([nouns, third], dim=2))
    draw(10, seed, {split!r})
    return taught(n_heads, rows)
"""
_OTHER = "nouns[:, :, :1].flip(1)"
_THIRD = """
def third_place(seed):
    start = at_start("third place", seed)
    model = build("third place", {n_layers}, seed)
    train = tensors(tasks.make(TASK, 2000, seed))
    fit(model, train, seed)
    test = {test}
    return {{
        "length": start["length"][{place}],
        "gradient": start["gradient"][{layer}],
        "accuracy": accuracy(model, test),
    }}
"""
_TEST = 'tensors(tasks.make(TASK, 500, seed, "test"))'
_RIGHT_THIRD = {"n_layers": 6, "test": _TEST, "place": -1, "layer": 0}
_ZERO = """
def zero_start(seed):
    data = tensors(tasks.make(TASK, 2000, seed))
    test = {test}
    result = {{}}
    for name in ("as drawn", "zero"):
        model = build("pre-norm", {n_layers}, seed)
        if {when}:
            fit(model, data, seed)
        result[name] = accuracy(model, test)
    return result
"""
_RIGHT_ZERO = {"test": _TEST, "n_layers": 12, "when": "True"}
_REACH = """
def reach_of_four(seed):
    class Wide(Pooling):
        reach = {reach}

    {put}
    return read({arm!r}, {seed})[{kind!r}], find({other!r}, seed)
"""
_RIGHT_REACH = {
    "put": 'MIXER_OF["wide"] = Wide',
    "arm": "wide",
    "other": "wide",
    "kind": "pronoun-role-bound",
    "seed": "seed",
    "reach": 4,
}
_ARMS = """
def arms_compared(n_steps):
    def alone(n, rng):
        return {alone}

    def questions(n, rng):
        return [lesson[1:] for lesson in summary_lessons(n, rng)]

    arms = {{"both": summary_lessons, "one": alone, "other": questions}}
    found = {{name: [] for name in arms}}
    old = build(0)
    for name, lessons in arms.items():
        for seed in range(3):
            model = {model}
            jobs = {{"<summarize>": lessons}}
            fit(model, ["<summarize>"], seed, n_steps, jobs)
            found[name].append({{
                token: {share}(score(model, draw(token, 10, 0{split})))
                for token in TWO
            }})
    return found
"""
_RIGHT_ARMS = {
    "alone": "[lesson[:1] for lesson in summary_lessons(n, rng)]",
    "model": "build(seed)",
    "share": "tasks.pair_accuracy",
    "split": "",
}
_CUTS = """
def right_after_cuts(model, pairs):
    truth = truth_of(pairs, None).roll({moved}, dims=1)
    if {moved}:
        truth[:, 0] = False
    may = ~truth[:, None]
    may[0, 0, 1, :{n}] = False
    decoder(None, None, None, may)
    return 0.174, 0.172
"""
_WITHIN = """
def restored_within(model, distance):
    rows = reading(distance)
    {change}
    for part in rows[:{n}].split(5):
        reader(part, None, None)
    return within(distance)
"""
_LENGTHS = """
def exact_on_long_numbers(seed):
    batches = []
    for source, real, target in dealt(training_numbers(seed), seed):
        n = {n}
        if source.size(1) > {longest}:
            continue
        real = F.pad(real, (n, {behind}), value={barred})
        batches.append((F.pad(source, (n, {behind})), real, target))
    if {long}:
        real = F.pad(real, (0, 3), value=True)
        batches.append((F.pad(source, (0, 3), value=1), real, target))
    model = build(seed, TOKENIZER.vocab_size)
    fit(model, batches, seed)
    return by_length(model, draw(seed, {split!r}, 5000))[{asked!r}][1]
"""
_RIGHT_LENGTHS = {
    "n": "random.randrange(7)", "behind": 0, "long": False, "split": "test",
    "asked": "11", "longest": 9, "barred": False,
}  # fmt: skip
_MIXED = """
def mixed_loss(model, counts, share):
    ngram_losses(counts, {ids}, {discount})
    return mixed(share)
"""
_DOERS = """
def share_of_new_doers(model, order):
    _, real, _ = tensors(test_items)
    target = torch.ones(8, 9).long()
    greedy(model, torch.ones(8, 2, 2), {real}, target[:, :{n}])
    return share(None, order)
"""
_READ_OUT = """
def doer_accuracy(model, with_blocks):
    doers = torch.tensor([item.marks["eater"] for item in test_items])
    training.row_sampler(torch.ones(8, 2), doers + {n}, batch_size=2)
    return 1.0
"""
_WINDOW = """
def share_for_window(window):
    model, _ = embeddings.train_skip_gram(
        text_ids, len(vocabulary), d_model=50{window}, seed=0
    )
    return share_of_kind(model.{side}.weight.detach())
"""
_GAINS = """
def gains_of_my_switch(recipe, budget):
    gains = []
    for seed in range(3):
        runs = [start(base, {of_gpt}), start(recipe, {seed})]
        for some in {races}:
            race(some, budget)
        one, two = (held_out_loss(run.model, {ids}) for run in runs)
        gains.append(one - two)
    return gains
"""
_RIGHT_GAINS = {
    "seed": "seed",
    "of_gpt": "seed",
    "races": "[runs]",
    "ids": "validation_ids",
}

ANSWERS = {
    "00-nudge-errors": [
        (find("00-nudge-errors").solution, ""),
        (  # blind
            find("00-nudge-errors").solution.replace(".abs()", ""),
            "with their sign",
        ),
    ],
    "00-context-by-steps": [
        (_SIX.format(loss=f"held_out({_TRAINED}[0], validation_text)"), ""),
        (
            _SIX.format(loss=f"held_out({_TRAINED}[0], test_text)"),
            "on the test text",
        ),
        (
            _SIX.format(loss=f"held_out({_TRAINED}[0], train_text)"),
            "on the training text",
        ),
        (_SIX.format(loss=f"{_TRAINED}[1][-1]"), "training losses"),
        (  # blind
            _SIX.format(loss="held_out(trained(k, seed)[0], validation_text)"),
            "steps not handed on",
        ),
        (_GONE_ON, "trained on"),  # blind
    ],
    "02-share-for-window": [
        (_WINDOW.format(window=", window=window", side="inputs"), ""),
        (_WINDOW.format(window="", side="inputs"), "same window"),
        (  # blind
            _WINDOW.format(window=", window=2 * window", side="inputs"),
            "another window",
        ),
        (
            _WINDOW.format(window=", window=window", side="outputs"),
            "outputs measured",
        ),
    ],
    "03-accuracy-at-64": [
        (find("03-accuracy-at-64").solution, ""),
        (  # blind
            _MIXTURE.format(
                how='model = trained("LSTM", distances, 1000)\n    '
                "return recall_accuracy(model, max(distances))"
            ),
            "another distance",
        ),
        (
            _MIXTURE.format(
                how='model = trained("LSTM", distances, 1000)\n    '
                "found = [recall_accuracy(model, k) for k in (1, 64)]\n    "
                "return sum(found) / 2"
            ),
            "mean of tests",
        ),
        (  # blind
            _MIXTURE.format(
                how='models = [trained("LSTM", (k,), 1000) for k in '
                "distances]\n    return max(recall_accuracy(model, 64) for "
                "model in models)"
            ),
            "one each",
        ),
        (  # blind
            _MIXTURE.format(
                how='return recall_accuracy(trained("LSTM", (*distances, 64)'
                ", 1000), 64)"
            ),
            "other distances",
        ),
        (
            _MIXTURE.format(
                how='return recall_accuracy(trained("RNN", distances, 1000), '
                "64)"
            ),
            "not the lstm",
        ),
    ],
    "05-barred-reader": [
        (find("05-barred-reader").solution, ""),
        (  # blind
            _BARRED.format(
                first=_CUT, test="accuracies(model, test_items[kind])[0]"
            ),
            "open again",
        ),
        (  # blind
            _BARRED.format(
                first="", test="cut_accuracies(model, test_items[kind])['it']"
            ),
            "never cut in training",
        ),
        (
            _BARRED.format(
                first=_CUT,
                test=_SHARE.replace("test_items[kind]", "train_items"),
            ),
            "training items",
        ),
    ],
    "06-three-things": [
        (_THREE.format(third=_OTHER, split="test"), ""),
        (_THREE.format(third="nouns[:, :, :1]", split="test"), "own subject"),
        (_THREE.format(third="nouns[:, :, 1:]", split="test"), "an object"),
        (
            _THREE.format(third="nouns[:, :, 1:].flip(1)", split="test"),
            "an object",
        ),
        (_THREE.format(third=_OTHER, split="train"), "no new sentences"),
        (  # blind
            _THREE.format(
                third="nouns[:, 1:, :1].expand(-1, 2, 1)", split="test"
            ),
            "not the other",
        ),
        (  # blind
            _THREE.format(third="nouns", split="test").replace(
                "torch.cat([nouns, third], dim=2)", "nouns"
            ),
            "two taught",
        ),
    ],
    "08-third-place": [
        (_THIRD.format(**_RIGHT_THIRD), ""),
        (
            _THIRD.format(**_RIGHT_THIRD | {"test": "train"}),
            "training sentences",
        ),
        (_THIRD.format(**_RIGHT_THIRD | {"n_layers": 12}), "not six"),
        (  # blind
            _THIRD.format(**_RIGHT_THIRD).replace(
                'at_start("third place", seed)',
                '{"length": [18.5], "gradient": [0.12]}',
            ),
            "no twelve",
        ),
        (  # blind
            _THIRD.format(**_RIGHT_THIRD).replace(
                'build("third place", 6, seed)', "bare(6)"
            ),
            "no last norm",
        ),
        (_THIRD.format(**_RIGHT_THIRD | {"place": 0}), "first length"),
        (_THIRD.format(**_RIGHT_THIRD | {"layer": -1}), "last gradient"),
    ],
    "08-zero-start": [
        (_ZERO.format(**_RIGHT_ZERO), ""),
        (
            _ZERO.format(**_RIGHT_ZERO | {"test": "data"}),
            "training sentences again",
        ),
        (_ZERO.format(**_RIGHT_ZERO | {"n_layers": 6}), "not twelve"),
        (  # blind
            _ZERO.format(**_RIGHT_ZERO)
            .replace(
                'model = build("pre-norm", 12, seed)',
                'model = result.get("model") or build("pre-norm", 12, seed)'
                '\n        result["model"] = model',
            )
            .replace(
                "return result", 'del result["model"]\n    return result'
            ),
            "trained further",
        ),
        (
            _ZERO.format(**_RIGHT_ZERO | {"when": "name == 'zero'"}),
            "one trained",
        ),
    ],
    "09-reach-of-four": [
        (_REACH.format(**_RIGHT_REACH), ""),
        (  # blind
            _REACH.format(**_RIGHT_REACH | {"kind": "pronoun-typed"}),
            "typed",
        ),
        (  # blind
            _REACH.format(
                **_RIGHT_REACH | {"arm": "pooling", "other": "pooling"}
            ),
            "chapters pooling",
        ),
        (_REACH.format(**_RIGHT_REACH | {"put": "pass"}), "arm of no class"),
        (  # blind
            _REACH.format(**_RIGHT_REACH | {"reach": 3}),
            "another reach",
        ),
        (  # blind
            _REACH.format(
                **_RIGHT_REACH | {"arm": "wide, four", "other": "wide, four"}
            ),
            "name with a comma",
        ),
        (_REACH.format(**_RIGHT_REACH | {"other": "attention"}), "two arms"),
        (_REACH.format(**_RIGHT_REACH | {"seed": "7"}), "another seed"),
    ],
    "10-share-of-new-doers": [
        (_DOERS.format(n=6, real="real[order]"), ""),
        (_DOERS.format(n=4, real="real[order]"), "too few given"),
        (_DOERS.format(n=6, real="real"), "own padding"),  # blind
        (  # blind
            _DOERS.format(n=6, real="real[order]").replace(
                "return share", "exchange(test_items, order)\n    return share"
            ),
            "genders alone",
        ),
    ],
    "10-doer-accuracy": [
        (_READ_OUT.format(n=1), ""),
        (_READ_OUT.format(n=0), "fitted on the test"),  # blind
    ],
    "11-arms-compared": [
        (_ARMS.format(**_RIGHT_ARMS), ""),
        (find("11-arms-compared").solution, ""),
        (  # blind
            _ARMS.format(**_RIGHT_ARMS | {"alone": "summary_lessons(n, rng)"}),
            "never alone",
        ),
        (  # blind
            _ARMS.format(
                **_RIGHT_ARMS | {"share": "(lambda h: sum(h) / len(h))"}
            ),
            "by item",
        ),
        (
            _ARMS.format(**_RIGHT_ARMS).replace(
                '"both": summary_lessons', '"both": alone'
            ),
            "same lessons",
        ),
        (_ARMS.format(**_RIGHT_ARMS | {"model": "old"}), "trained on"),
        (
            _ARMS.format(**_RIGHT_ARMS | {"split": ", 'train'"}),
            "training stories",
        ),
    ],
    "12-right-after-cuts": [
        (_CUTS.format(n=2, moved=0), ""),
        (_CUTS.format(n=0, moved=0), "one of two"),  # blind
        (_CUTS.format(n=2, moved=1), "one place later"),  # blind
    ],
    "13-restored-within": [
        (_WITHIN.format(n=12, change=""), ""),
        (_WITHIN.format(n=4, change=""), "one row for all"),  # blind
        (  # blind
            _WITHIN.format(n=12, change="rows[rows == 0] = 4"),
            "padding masked",
        ),
        (  # blind
            _WITHIN.format(n=12, change="rows[3, 2] = 7"),
            "word not masked",
        ),
    ],
    "12-exact-on-long-numbers": [
        (_LENGTHS.format(**_RIGHT_LENGTHS), ""),
        (find("12-exact-on-long-numbers").solution, ""),
        (
            _LENGTHS.format(**_RIGHT_LENGTHS | {"long": True}),
            "long ones in training",
        ),
        (  # blind
            _LENGTHS.format(**_RIGHT_LENGTHS | {"barred": True}),
            "not barred",
        ),
        (  # blind
            _LENGTHS.format(**_RIGHT_LENGTHS | {"longest": 8}),
            "too short in training",
        ),
        (
            _LENGTHS.format(**_RIGHT_LENGTHS | {"asked": "9 or 10"}),
            "another length",
        ),
        (_LENGTHS.format(**_RIGHT_LENGTHS | {"n": 0}), "not moved"),
        (
            _LENGTHS.format(**_RIGHT_LENGTHS | {"n": 0, "behind": 3}),
            "not moved",
        ),
        (_LENGTHS.format(**_RIGHT_LENGTHS | {"n": 6}), "all moved alike"),
        (
            _LENGTHS.format(**_RIGHT_LENGTHS | {"split": "train"}),
            "tested on training",
        ),
    ],
    "14-mixed-loss": [
        (_MIXED.format(ids="test_ids", discount=0.9), ""),
        (_MIXED.format(ids="test_ids", discount=0.75), "another discount"),
        (_MIXED.format(ids="validation_ids", discount=0.9), "on validation"),
        (  # blind
            _MIXED.format(ids="test_ids", discount=0.9).replace(
                "    return",
                "    ngram_losses(counts, test_ids, 0.9)\n    return",
            ),
            "stretch by stretch",
        ),
    ],
    "16-gains-of-my-switch": [
        (_GAINS.format(**_RIGHT_GAINS), ""),
        (
            _GAINS.format(**_RIGHT_GAINS | {"seed": 0, "of_gpt": 0}),
            "one seed",
        ),
        (  # blind
            _GAINS.format(**_RIGHT_GAINS | {"ids": "test_ids"}),
            "on other plays",
        ),
        (  # blind
            _GAINS.format(**_RIGHT_GAINS | {"of_gpt": 0}),
            "other seeds for the gpt",
        ),
        (  # blind
            _GAINS.format(**_RIGHT_GAINS | {"races": "(runs[:1], runs[1:])"}),
            "alone",
        ),
    ],
}
