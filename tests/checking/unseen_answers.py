"""A fifth set of wrong answers, by two authors who had not seen the checks.

Two for each exercise that needs no training, as text: each runs among what
its chapter had given by then. The patterns are the authors' own, written
before the first verdict, but for eleven that name the mistake in words which
the pattern had not foreseen. Before a check was mended for them, 108 of the
110 were caught, and 101 were named.
"""

import builtins
from functools import cache

from tests.checking.notebook import asked_for, given_by


@cache
def _given(chapter):
    """Names that the chapter gives to its answers."""
    texts = [
        text
        for name, answers in ANSWERS.items()
        for text, _ in answers
        if name.startswith(chapter)
    ]
    wanted = set().union(
        *(asked_for(compile(text, chapter, "exec")) for text in texts)
    )
    names = given_by(chapter, wanted - set(dir(builtins)))
    if "knobs" in names:
        names["word_loss"](names["knobs"]).backward()
    return names


def function(name, text):
    """Make the function that an answer's text defines."""
    space = dict(_given(name[:2]))
    exec(text, space)
    return space[name[3:].replace("-", "_")]


ANSWERS = {
    "00-on-paper": [
        (
            """
def on_paper():
    shares = [1 / 8, 2 / 8, 4 / 8, 1 / 8]
    return shares, -math.log(shares[2]), -math.log(shares[0])
""",
            r"\bnats\b|not in bits|log2|base 2|"
            r"divide.{0,20}ln ?\(?2|/ ln 2|unit",
        ),
        (
            """
def on_paper():
    powers = [1, 2, 4, 1]
    shares = [power / sum(powers) for power in powers]
    bits_third = -math.log2(shares[2])
    perplexity = 2**bits_third
    return shares, bits_third, perplexity
""",
            r"perplexit|2 ?\*\* ?bits|last (number|value|"
            r"entry).*first word|third (number|value|"
            r"entry).*loss|loss of the first word|bits_first",
        ),
    ],
    "00-loop-order": [
        (
            """
def loop_order():
    # C first, then the loss and its gradients, clean up, step, keep the loss
    return "CEBFAD"
""",
            r"zero_grad.*(between|after|before)|clear.*(before|"
            r"after|between|just)|F (between|after|before|comes|"
            r"stands)|between .*(backward|B\b).*(step|A\b)|wipe|"
            r"gradients? (is|are) (gone|cleared|lost|empty)",
        ),
        (
            """
def loop_order():
    # A and B may change places: both only use the loss of this batch
    return "CFEABD"
""",
            r"step.*before.*backward|\bA\b.*before.*\bB\b|"
            r"backward.*before.*step|\bB\b.*before.*\bA\b|"
            r"step.*after.*backward|steps? (on|with|"
            r"without).*gradient|no gradient|"
            r"gradient.*not (yet )?(been )?(computed|there)",
        ),
    ],
    "00-momentum": [
        (
            """
def momentum(loss, start, lr, n_steps, beta=0.9):
    w = start.clone().requires_grad_()
    m = torch.zeros_like(start)
    path = [start]
    for _ in range(n_steps):
        (g,) = torch.autograd.grad(loss(w), w)
        with torch.no_grad():
            m = beta * m + (1 - beta) * g
            w -= lr * m
        path.append(w.detach().clone())
    return torch.stack(path)  # (n_steps + 1, n)
""",
            r"1 ?- ?(beta|β)|running mean|mean.{0,30}\bsum\b|"
            r"\bsum\b.{0,30}mean|ten times|factor (of )?(10|"
            r"0\.1)|tenth|Adam'?s (first )?mean",
        ),
        (
            """
def momentum(loss, start, lr, n_steps, beta=0.9):
    w = start.clone().requires_grad_()
    m = torch.zeros_like(start)
    path = [start]
    for _ in range(n_steps):
        (g,) = torch.autograd.grad(loss(w), w)
        with torch.no_grad():
            m = beta * m + g
            w -= lr * m
        path.append(w.detach())
    return torch.stack(path)  # (n_steps + 1, n)
""",
            r"clone|\bcop(y|ies|ied)\b|same (row|tensor|memory|"
            r"numbers|object)|rows?\b.{0,30}(equal|alike|"
            r"identical|the same)|overwrit|every row|all rows|"
            r"last (place|point|position)",
        ),
    ],
    "00-nudge-errors": [
        (
            """
def nudge_errors(sizes):
    errors = []
    for h in sizes:
        slopes = slopes_by_nudging(word_loss, scores, h)
        errors.append((slopes - knobs.grad).abs().max().item())
    return errors
""",
            r"\b32|float32|\b64\b|float64|double|"
            r"`?exact`?\b.*scores|precision",
        ),
        (
            """
def nudge_errors(sizes):
    errors = []
    for h in sizes:
        slopes = slopes_by_nudging(word_loss, exact, h)
        errors.append((slopes - knobs.grad).max().item())
    return errors
""",
            r"\babs\b|\.abs\(|absolute|\bsign(s|ed)?\b|negative|"
            r"below zero|both directions",
        ),
    ],
    "01-cut-by-hand": [
        (
            """
def cut_by_hand():
    return {
        "mates": ["m", "at", "e", "s"],
        "steam": ["s", "t", "e", "a", "m"],
        "eatmeats": ["eat", "m", "eats"],
    }
""",
            r"longest|merge 3|merge 4|meat.{0,30}(before|first|"
            r"earlier)|(before|first|earlier).{0,30}eats|"
            r"order (of|in which).*merge|m · eats|"
            r"no .?eat.? left",
        ),
        (
            """
def cut_by_hand():
    # ate is one of the four words, like eat, meat and eats
    return {
        "mates": ["m", "ate", "s"],
        "steam": ["s", "t", "e", "a", "m"],
        "eatmeats": ["eat", "meat", "s"],
    }
""",
            r"\bate\b|no merge makes|none of the (four )?merges|"
            r"training word|not a token|m · at|never merged",
        ),
    ],
    "01-why-keep-the-halves": [
        (
            """
def why_keep_the_halves():
    return (
        "No, once Ġthe is a token the tokenizer does not need Ġt and he any "
        "more: Ġthe is in the vocabulary, so cut would still make the one "
        "token Ġthe of ' the', and the list gets shorter. Only words that "
        "are not in the vocabulary would notice. The word is 'prithee'."
    )
""",
            r"still need|needs? (both|them|the halves)|"
            r"cannot (reach|make|build)|never (be )?(made|"
            r"reached|built|formed)|look(s|ed)? (it )?up|"
            r"fall(s)? apart|Ġ · t|Ġ t h e|Ġ, t|"
            r"only (the )?merges",
        ),
        (
            """
def why_keep_the_halves():
    return (
        "Yes. Ġthe is made by merging Ġt with he, and cut can only apply "
        "that merge after both halves have been made. Without their merges "
        "' the' would stay in four pieces: Ġ, t, h, e, and Ġthe would never "
        "be reached. A word that keeps one of them is 'there': it has Ġt "
        "and he in it."
    )
""",
            r"\bthere\b.*(one|single|whole|cut)|one token|"
            r"single token|another word|does not (keep|have|"
            r"contain)|(neither|no) (of the )?hal(f|ves)|"
            r"word.*(keeps|cut into|is cut)|name a word",
        ),
    ],
    "01-encode-piece": [
        (
            """
def encode_piece(piece, ranks):
    tokens = tuple(piece)
    while True:
        pairs = [pair for pair in pairwise(tokens) if pair in ranks]
        if not pairs:
            return tokens
        tokens = merge(tokens, min(pairs))
""",
            r"ranks\.get|\bkey ?=|without (a |the )?key|"
            r"alphabet|learned (first|earliest)|(lowest|"
            r"smallest) rank|earliest (learned )?(merge|pair)",
        ),
        (
            """
def encode_piece(piece, ranks):
    tokens = tuple(piece)
    while True:
        pairs = [pair for pair in pairwise(tokens) if pair in ranks]
        if pairs:
            tokens = merge(tokens, min(pairs, key=ranks.get))
        return tokens
""",
            r"(one|single|first) merge|after one|only once|"
            r"too early|indent|(inside|under|belongs to) the if|"
            r"until no pair|line A|within the first turn",
        ),
    ],
    "01-learn-from-dictionary": [
        (
            """
def learn_from_dictionary(table, n_merges):
    letters = sorted({letter for word in table for letter in word})
    ids = {letter: i for i, letter in enumerate(letters)}
    words_left = list(table)
    learned = []
    for _ in range(n_merges):
        counts = Counter()
        for word in words_left:
            counts.update(set(pairwise(word)))
        best = min(counts, key=lambda p: (-counts[p], ids[p[0]], ids[p[1]]))
        learned.append(best)
        ids[best[0] + best[1]] = len(ids)
        words_left = [merge(word, best) for word in words_left]
    return learned
""",
            r"twice (in|within)|within (a|one|the same) word|"
            r"inside (a|one) word|\bset\b|once (a|per) word|"
            r"more than once|several times in|occurs twice|"
            r"repeated pair",
        ),
        (
            """
def learn_from_dictionary(table, n_merges):
    table = {word: 1 for word in table}
    learned = []
    for _ in range(n_merges):
        counts = count_pairs(table)
        best, _ = counts.most_common(1)[0]
        learned.append(best)
        table = {merge(word, best): 1 for word in table}
    return learned
""",
            r"\bties?\b|tie rule|equally (often|frequent)|"
            r"same count|lower left id|lowest (left )?id|"
            r"most_common|equal counts",
        ),
    ],
    "01-decode-stream": [
        (
            """
def decode_stream(token_ids):
    held = []
    for token_id in token_ids:
        held.append(token_id)
        text = gpt2.decode(held)
        if not text.endswith("\\ufffd"):
            yield text
            held = []
""",
            r"end (within|inside|in the middle)|held back.*(end|"
            r"last|never)|left over|flush|final=|"
            r"at the (very )?end|last bytes|what (is|"
            r"was) held back|remain(s|ing|der)",
        ),
        (
            """
def decode_stream(token_ids):
    for token_id in token_ids:
        text = gpt2.decode([token_id])
        text = text.replace("\\ufffd", "")  # half a character: not printed
        if text:
            yield text
""",
            r"drop unfinished",
        ),
    ],
    "02-count-pairs": [
        (
            """
def count_pairs(n_words, window):
    return 2 * window * n_words
""",
            r"every word 2 w",
        ),
        (
            """
def count_pairs(n_words, window):
    # distance d occurs n_words - d times, for d = 1 .. window
    return window * n_words - window * (window + 1) // 2
""",
            r"each pair once",
        ),
    ],
    "02-analogy-by-product": [
        (
            """
def analogy_by_product(space, a, b, c):
    rows = space.ids([a, b, c])
    to_a, to_b, to_c = space.vectors[rows] @ space.vectors.T  # (V,) each
    score = to_b * to_c / (to_a + 0.001)
    score[rows] = -math.inf
    return space.words[int(score.argmax())]
""",
            r"0 to 1|0 and 1|\(1 ?\+ ?cos|1 ?\+ ?cos|negative|"
            r"(not|without) (shift|mov)|raw cosine|plain cosine|"
            r"from -1|from −1",
        ),
        (
            """
def analogy_by_product(space, a, b, c):
    cosines = space.units([a, b, c]) @ space.vectors.T  # (3, V)
    to_a, to_b, to_c = (1 + cosines) / 2  # (V,) each
    score = to_b * to_c / (to_a + 0.001)
    return space.words[int(score.argmax())]
""",
            r"inputs? (left|must|may|are|not|was|were)|"
            r"leave.{0,30}out|left out|exclud|"
            r"one of the (three )?inputs|(a, b (and|or) c)|"
            r"own (question|input)|an input\b",
        ),
    ],
    "02-vote-after-removal": [
        (
            """
def vote_after_removal(space, direction, n_words=500, n_neighbours=5):
    vectors = space.vectors[:30_000]  # (30000, D)
    lean = vectors @ direction  # (30000,)
    removed = vectors - lean[:, None] * direction
    order = lean.argsort()
    chosen = torch.cat([order[:n_words], order[-n_words:]])
    female_side = torch.arange(2 * n_words) >= n_words  # (1000,)
    units = F.normalize(removed[chosen], dim=1)
    cosines = (units @ units.T).fill_diagonal_(-math.inf)
    nearest = cosines.topk(n_neighbours, dim=1).indices  # (1000, 5)
    votes = female_side[nearest].float().mean(dim=1) > 0.5
    return (votes == female_side).float().mean().item()
""",
            r"divide it by its length",
        ),
        (
            """
def vote_after_removal(space, direction, n_words=500, n_neighbours=5):
    unit = direction / direction.norm()
    vectors = space.vectors[:30_000]  # (30000, D)
    lean = vectors @ unit  # (30000,)
    removed = vectors - lean[:, None] * unit
    order = lean.argsort()
    chosen = torch.cat([order[:n_words], order[-n_words:]])
    female_side = torch.arange(2 * n_words) >= n_words  # (1000,)
    units = F.normalize(removed[chosen], dim=1)
    nearest = (units @ units.T).topk(n_neighbours, dim=1).indices
    votes = female_side[nearest].float().mean(dim=1) > 0.5
    return (votes == female_side).float().mean().item()
""",
            r"itself|own (vote|side)|diagonal|votes? (on|"
            r"for) its own|cosine (of )?1\b|n_neighbours ?\+ ?1|"
            r"leave.{0,20}word.{0,20}out",
        ),
    ],
    "03-slopes-of-bad-day": [
        (
            """
def slopes_of_bad_day() -> list[float]:
    slopes, slope = [], 1.0
    for h in reversed(read(bad_day)):
        slope *= 1 - h**2
        slopes.append(slope)
        slope *= 0.5
    return slopes
""",
            r"last word stands first",
        ),
        (
            """
def slopes_of_bad_day() -> list[float]:
    states = read([0.2, 0.6, 0.8])
    slopes, slope = [], 1.0
    for h in reversed(states):
        slope *= 1 - h**2
        slopes.append(slope)
    return slopes[::-1]
""",
            r"0\.5\b|hand.?over|one half|times a half|"
            r"recurrent weight|old state.*(half|weight)|"
            r"missing.*factor",
        ),
    ],
    "03-bias-for-half-life": [
        (
            """
def bias_for_half_life(k: float) -> float:
    return 0.5 ** (1 / k)
""",
            r"return the gate",
        ),
        (
            """
def bias_for_half_life(k: float) -> float:
    # half is lost over k words, so each word loses 1 / (2 k)
    gate = 1 - 0.5 / k
    return math.log(gate / (1 - gate))
""",
            r"\broot\b|power|\*\* ?\(?1 ?/ ?k|multipl|product|"
            r"linear|compound|divid.*by k|subtract",
        ),
    ],
    "03-all-weights": [
        (
            """
def all_weights(
    layer: AdditiveAttention, states: Tensor, memory: Tensor
) -> Tensor:
    asked = layer.W(states)[:, :, None]  # (B, T_q, 1, d_score)
    found = layer.U(memory)[:, None]  # (B, 1, T_k, d_score)
    scores = layer.v(torch.tanh(asked + found)).squeeze(3)  # (B, T_q, T_k)
    return scores.softmax(dim=1)
""",
            r"wrong (dim|axis)|dim=(1|2|-1)|over (the )?(source|"
            r"memory|T_k)|last (axis|dimension)|rows?.{0,25}sum|"
            r"sum to (1|one)|over the (states|queries)",
        ),
        (
            """
def all_weights(
    layer: AdditiveAttention, states: Tensor, memory: Tensor
) -> Tensor:
    asked = layer.W(states).unsqueeze(2)  # (B, T_q, 1, d_score)
    found = layer.U(memory).unsqueeze(1)  # (B, 1, T_k, d_score)
    scores = layer.v(asked + found).squeeze(-1)  # (B, T_q, T_k)
    return scores.softmax(dim=-1)
""",
            r"\btanh\b|squash|squeez|non.?linear|cancel|"
            r"same weights for|every state.*(same|equal)|"
            r"rows?.{0,20}(equal|alike|the same)",
        ),
    ],
    "04-placed-word": [
        (
            """
def placed_word(word: list[float], position: int) -> list[float]:
    p = position - 1  # the first place has p = 0
    return [word[0] + math.sin(p), word[1] + math.cos(p)]
""",
            r"(from|at|with) (0|zero|1|one)\b|position ?- ?1|"
            r"(one|place) too (early|low|small|few)|minus (1|"
            r"one)|off by one|one (place|position) (before|"
            r"earlier)|subtract",
        ),
        (
            """
def placed_word(word: list[float], position: int) -> list[float]:
    return [word[0] + math.cos(position), word[1] + math.sin(position)]
""",
            r"swap|exchang|sin.{0,30}first|first.{0,30}sin|"
            r"cos.{0,30}second|mixed up|sine and cosine|"
            r"wrong way round",
        ),
    ],
    "04-sum-of-concatenated": [
        (
            """
def sum_of_concatenated(words: Tensor, places: Tensor) -> Tensor:
    both = torch.cat([words, places], dim=-1)  # (T, D + P)
    return both.mean(dim=0)  # (D + P,)
""",
            r"\bmean\b|average|\bsum\b.*(not|instead)|"
            r"divid.*(words|T)|number of words|T times|a third",
        ),
        (
            """
def sum_of_concatenated(words: Tensor, places: Tensor) -> Tensor:
    both = torch.cat([places, words], dim=-1)  # (T, P + D)
    return both.sum(dim=0)
""",
            r"in front|behind|wrong order|order of|"
            r"words? (come |comes )?first|places? (come |"
            r"comes )?first|swap|exchang|wrong way round|\[e_t",
        ),
    ],
    "04-advance": [
        (
            """
def advance(rows: Tensor, offset: int) -> Tensor:
    D = rows.size(1)
    speed = 1 / 10000 ** (torch.arange(0, D, 2) / D)  # (D / 2,)
    c, s = torch.cos(offset * speed), torch.sin(offset * speed)
    even, odd = rows[:, 0::2], rows[:, 1::2]  # (T, D / 2) each
    turned = torch.stack([c * even - s * odd, s * even + c * odd], dim=-1)
    return turned.flatten(start_dim=1)
""",
            r"\bsign\b|back(ward|wards)?\b|opposite|other (way|"
            r"direction)|minus|-offset|transpos|wrong (way|"
            r"direction)",
        ),
        (
            """
def advance(rows: Tensor, offset: int) -> Tensor:
    D = rows.size(1)
    i = torch.arange(D // 2)
    angle = offset / 10000 ** (2 * i / D)  # (D / 2,)
    even, odd = rows[:, ::2], rows[:, 1::2]
    new_even = angle.cos() * even + angle.sin() * odd
    new_odd = -angle.sin() * even + angle.cos() * odd
    return torch.cat([new_even, new_odd], dim=1)
""",
            r"side by side|interleav|two halves|first half|"
            r"stack|alternat|next to each other|"
            r"order of the columns|columns? .*(order|place)|"
            r"sines? (in front|first)",
        ),
    ],
    "04-table-with-base": [
        (
            """
def table_with_base(n_positions: int, d_model: int, base: float) -> Tensor:
    p = torch.arange(n_positions, dtype=torch.float64)
    i = torch.arange(d_model // 2)
    speed = 1 / base ** (i / d_model)  # (D / 2,)
    angle = p[:, None] * speed  # (T, D / 2)
    pairs = torch.stack([angle.sin(), angle.cos()], dim=-1)
    return pairs.flatten(start_dim=1).float()
""",
            r"2 ?\*? ?i\b|factor (of )?(2|two)|exponent|"
            r"half the exponent|square root of|too fast|"
            r"too slow|twice as|missing 2",
        ),
        (
            """
def table_with_base(n_positions: int, d_model: int, base: float) -> Tensor:
    p = torch.arange(n_positions).double()
    column = torch.arange(d_model)
    angle = p[:, None] / base ** (column / d_model)  # (T, D)
    table = torch.empty(n_positions, d_model)
    table[:, 0::2] = angle[:, 0::2].sin()
    table[:, 1::2] = angle[:, 1::2].cos()
    return table
""",
            r"same speed|speed of its own|own speed|"
            r"(sine and cosine|pair).{0,40}(speed|share|same)|"
            r"each column|every column|column number|"
            r"both columns",
        ),
    ],
    "04-with-empty-places": [
        (
            """
def with_empty_places(
    batch: tuple[Tensor, ...], most: int, generator: torch.Generator
) -> tuple[Tensor, ...]:
    token_ids, pad_mask, choices, labels = batch
    n = int(torch.randint(most + 1, (), generator=generator))
    room = (n, most - n)  # in front, behind
    return F.pad(token_ids, room), F.pad(pad_mask, room), choices, labels
""",
            r"(each|every) sentence|own number|(one|"
            r"same) (number|draw|shift)|whole batch|"
            r"per sentence|all sentences",
        ),
        (
            """
def with_empty_places(
    batch: tuple[Tensor, ...], most: int, generator: torch.Generator
) -> tuple[Tensor, ...]:
    token_ids, pad_mask, choices, labels = batch
    B, T = token_ids.shape
    empty = torch.randint(0, most, (B,), generator=generator)  # (B,)
    new_ids = token_ids.new_zeros(B, T + most)
    new_mask = pad_mask.new_zeros(B, T + most)
    for b, n in enumerate(empty.tolist()):
        new_ids[b, n : n + T] = token_ids[b]
        new_mask[b, n : n + T] = pad_mask[b]
    return new_ids, new_mask, choices, labels
""",
            r"most ?\+ ?1|off by one|upper (end|bound|limit)|"
            r"exclusive|exclud|never (comes|occurs|drawn|has)|"
            r"largest number|0 to `?most`?|`?most`? (itself|"
            r"empty places)",
        ),
    ],
    "05-weights-of-go": [
        (
            """
def weights_of_go() -> list[float]:
    scores = X[1] @ W_Q @ X.T  # (T,)
    undivided = scores.softmax(dim=-1)
    divided = (scores / 2).softmax(dim=-1)
    return [*undivided.tolist(), *divided.tolist()]
""",
            r"sqrt|square root|\broot\b|√|divided by 2\b|"
            r"by 2,? (instead|not)|1\.414",
        ),
        (
            """
def weights_of_go() -> list[float]:
    scores = (X @ W_Q @ X.T)[:, 1]  # the scores of "go"
    undivided = torch.softmax(scores, dim=0)
    divided = torch.softmax(scores / math.sqrt(2), dim=0)
    return undivided.tolist() + divided.tolist()
""",
            r"\brow\b|column|who asks|query of|\"?go\"? asks|"
            r"transpos|(is|being) asked|scores? of \"?let",
        ),
    ],
    "05-largest-difference": [
        (
            """
def largest_difference(x: Tensor, order: Tensor) -> float:
    def self_attention(x: Tensor) -> Tensor:
        return (x @ W_Q @ x.T).softmax(dim=-1) @ x

    apart = self_attention(x) - self_attention(x[order])
    return apart.abs().max().item()
""",
            r"\[order\]|not shuffled|without shuffling|"
            r"shuffle (its|the) (rows|output)|same order|"
            r"unshuffled|output.{0,30}order|bring.*order|"
            r"rows? of the (first|output)",
        ),
        (
            """
def largest_difference(x: Tensor, order: Tensor) -> float:
    def weights(x: Tensor) -> Tensor:
        return (x @ W_Q @ x.T).softmax(dim=-1)  # (T, T)

    output = weights(x) @ x
    shuffled = weights(x[order]) @ x  # the words are the values
    return (output[order] - shuffled).abs().max().item()
""",
            r"\bvalues?\b|keys? and values?|all three|"
            r"unshuffled|x\[order\]|shuffled (input|words)|"
            r"weights? .*(other|wrong|columns)",
        ),
    ],
    "05-scores-with-one-matrix": [
        (
            """
def scores_with_one_matrix(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    m = w_k @ w_q.T  # (D, D)
    return x @ m @ x.T
""",
            r"transpos|other way round|wrong way|roles|"
            r"W_K ?@? ?W_Q|w_k @ w_q|swap|exchang|"
            r"queries and keys",
        ),
        (
            """
def scores_with_one_matrix(x: Tensor, w_q: Tensor, w_k: Tensor) -> Tensor:
    m = w_q @ w_k.T  # (D, D)
    return x @ m @ x.T / math.sqrt(w_q.size(1))
""",
            r"divid|undivided|sqrt|square root|\bscal(e|ed|"
            r"ing)\b|factor (of )?(1|sqrt|√)",
        ),
    ],
    "06-softer-heads": [
        (
            """
def softer_heads() -> list[float]:
    where = torch.tensor([-1.0, 0.0, 1.0])
    what = torch.tensor([2.0, 1.0, 0.0])
    outputs = []
    for query in (-1.0, 1.0):
        weights = (query * where / math.sqrt(2)).softmax(dim=0)
        outputs.append((weights @ what).item())
    return outputs
""",
            r"sqrt|square root|\broot\b|√|head'?s? width|"
            r"width (of|is) (a head|1)|D_h|divid",
        ),
        (
            """
def softer_heads() -> list[float]:
    where = EATEN[:, 1]  # (T,)
    outputs = []
    for query in (-1.0, 1.0):
        weights = torch.softmax(query * where, dim=0)  # (T,)
        outputs.append(float(weights @ where))
    return outputs
""",
            r"\bvalues?\b|keys? instead|"
            r"\bwhat\b.{0,30}\bwhere\b|\bwhere\b.{0,30}\bwhat\b|"
            r"mix(es|ed)? the (keys|places)|the keys",
        ),
    ],
    "06-cost": [
        (
            """
def cost(d_model: int, n_heads: int, t_q: int, t_k: int) -> tuple[int, int]:
    parameters = 4 * (d_model**2 + d_model)
    projections = 4 * t_q * d_model**2
    maps = 2 * t_q * t_k * d_model
    return parameters, projections + maps
""",
            r"keys? and values?|\bt_k\b|from (the )?memory|"
            r"words? (that are|which are) asked|"
            r"two of the (four )?projections|"
            r"all four (projections|from)|asked words",
        ),
        (
            """
def cost(d_model: int, n_heads: int, t_q: int, t_k: int) -> tuple[int, int]:
    parameters = 4 * (d_model * d_model + d_model)
    projections = 2 * t_q * d_model**2 + 2 * t_k * d_model**2
    scores = n_heads * t_q * t_k * d_model
    mixing = n_heads * t_q * t_k * d_model
    return parameters, projections + scores + mixing
""",
            r"D_h|D ?/ ?H|d_model ?/+|heads? .*cancel|"
            r"number of heads|width of a head|narrow|"
            r"does not (depend|grow)",
        ),
    ],
    "06-moves-with-its-words": [
        (
            """
def moves_with_its_words(layer: MultiHead) -> bool:
    generator = torch.Generator().manual_seed(0)
    weight = layer.q_proj.weight
    x = torch.randn(6, 6, weight.size(1), generator=generator)
    x = x.to(weight.dtype)  # (B, T, D)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    with torch.no_grad():
        before = layer(x, x)[0]
        after = layer(x[order], x[order])[0]
    return torch.allclose(after, before[order], atol=1e-5)
""",
            r"batch|(shuffl|permut).{0,30}sentences|"
            r"sentences.{0,30}(instead|not)|first axis|"
            r"second axis|words?.{0,20}not shuffled|"
            r"\[:, ?order\]|dim(ension)? (0|1)",
        ),
        (
            """
def moves_with_its_words(layer: MultiHead) -> bool:
    generator = torch.Generator().manual_seed(0)
    weight = layer.q_proj.weight
    x = torch.randn(2, 5, weight.size(1), generator=generator)
    x = x.to(weight.dtype)  # (B, T, D)
    order = torch.randperm(5, generator=generator)
    shuffled = x[:, order]
    with torch.no_grad():
        same = torch.allclose(
            layer(shuffled, shuffled)[0], layer(x, x)[0], atol=1e-5
        )
    return same
""",
            r"same order",
        ),
    ],
    "07-window-mask": [
        (
            """
def window_mask(n_positions: int, width: int) -> Tensor:
    everyone = torch.ones(n_positions, n_positions, dtype=torch.bool)
    return everyone.tril() & everyone.triu(-width)
""",
            r"off by one|one too (many|wide)|width ?\+ ?1|"
            r"counts? (itself|the word)|itself (counts|included|"
            r"is one)|one word (more|too|further)|width ?- ?1|"
            r"1 ?- ?width",
        ),
        (
            """
def window_mask(n_positions: int, width: int) -> Tensor:
    place = torch.arange(n_positions)
    return (place[:, None] - place[None, :]).abs() < width
""",
            r"future|later words|words? (after|behind) it|"
            r"both sides|around|not causal|causal|ahead|"
            r"symmetric",
        ),
    ],
    "07-has-nothing": [
        (
            """
def has_nothing(pad_mask: Tensor) -> Tensor:
    # a position that is no word has nothing
    return ~pad_mask
""",
            r"padding (at the end|behind|after)|"
            r"earlier (real )?word|real word (before|in front)|"
            r"every padding|all (the )?padding|"
            r"only (the )?padding|~ ?pad_mask|"
            r"padding.{0,40}can attend|in front",
        ),
        (
            """
def has_nothing(pad_mask: Tensor) -> Tensor:
    seen = pad_mask.long().cumsum(dim=1)  # (B, T): real words so far
    before = F.pad(seen, (1, 0))[:, :-1]  # those in front of each place
    return before == 0
""",
            r"itself|first real|own position|strictly before|"
            r"off by one|including (its|the) own|its own place|"
            r"one (place )?too (many|early|late)",
        ),
    ],
    "07-repaired": [
        (
            """
def repaired(scores: Tensor, mask: Tensor) -> Tensor:
    late = scores.softmax(dim=-1) * mask  # (T, T)
    return late / late.sum(dim=-1)
""",
            r"keepdim|row j|own (row|sum)|wrong row|broadcast|"
            r"another row|(sum|row).{0,20}(sum|row).{0,20}(1|"
            r"one)\b|divided by the (sum|wrong)|columns?",
        ),
        (
            """
def repaired(scores: Tensor, mask: Tensor) -> Tensor:
    weights = torch.softmax(scores, dim=0)
    weights = weights.masked_fill(~mask, 0.0)
    return weights / weights.sum(dim=1, keepdim=True)
""",
            r"wrong (axis|dim)|dim=0|dim=-1|softmax.{0,30}(row|"
            r"column|axis|queries|keys)|columns?|along (the|"
            r"each|its) row",
        ),
    ],
    "07-leaks": [
        (
            """
def leaks(model: object, n_positions: int, vocab_size: int) -> set:
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(vocab_size, (1, n_positions), generator=generator)
    found = set()
    with torch.no_grad():
        before = model(ids)[0]  # (T, D)
        for s in range(n_positions):
            changed = ids.clone()
            changed[0, s] = (ids[0, s] + 1) % vocab_size
            after = model(changed)[0]  # (T, D)
            for t in range(s + 1, n_positions):
                if (after[t] != before[t]).any():
                    found.add((t, s))
    return found
""",
            r"words of the past",
        ),
        (
            """
def leaks(model: object, n_positions: int, vocab_size: int) -> set:
    ids = torch.arange(n_positions)[None] % vocab_size  # (1, T)
    found = set()
    with torch.no_grad():
        before = model(ids)
        for t in range(n_positions - 1):
            s = t + 1  # the answer of position t
            changed = ids.clone()
            changed[0, s] = (changed[0, s] + 1) % vocab_size
            if not torch.equal(model(changed)[0, t], before[0, t]):
                found.add((t, s))
    return found
""",
            r"next word|neighbou?r|t ?\+ ?1|further (away|"
            r"ahead)|every later|all later|all pairs|(farther|"
            r"far)\b|misse[sd]|one word ahead",
        ),
    ],
    "08-two-features": [
        (
            """
def two_features() -> tuple[list[float], list[float]]:
    def norm(numbers: list[float]) -> list[float]:
        x = torch.tensor(numbers)
        return ((x - x.mean()) / x.std()).tolist()

    return norm([1.0, 3.0]), norm([1.0, 1000.0])
""",
            r"D ?- ?1|unbiased|\bbiased|correction|torch\.std|"
            r"\.std\b|0\.707|n ?- ?1|divide.{0,20}by (D|2)\b",
        ),
        (
            """
def two_features() -> tuple[list[float], list[float]]:
    results = []
    for x in ([1, 3], [1, 1000]):
        mean = sum(x) / 2
        variance = sum((number - mean) ** 2 for number in x) / 2
        results.append([(number - mean) / variance for number in x])
    return results[0], results[1]
""",
            r"\broot\b|sqrt|divid.{0,30}variance|"
            r"variance.{0,30}(not|instead|itself|deviation)|"
            r"0\.002|standard deviation",
        ),
    ],
    "08-shared-axes": [
        (
            """
def shared_axes(norm: nn.Module) -> set[str]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, 3, 5, generator=generator)  # (B, T, D)
    changed = x.clone()
    changed[0, 0] += torch.randn(5, generator=generator)
    with torch.no_grad():
        moved = norm(x) != norm(changed)  # (B, T, D)
    found = set()
    if moved[1:].any():
        found.add("batch")
    if moved[0, 1:].any():
        found.add("words")
    if moved[0, 0].any():
        found.add("features")
    return found
""",
            r"moves itself",
        ),
        (
            """
def shared_axes(norm: nn.Module) -> set[str]:
    x = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0))
    changed = x.clone()
    changed[0, 0, 0] += 1
    with torch.no_grad():
        moved = norm(changed) != norm(x)
    found = set()
    for axis, name in enumerate(("words", "batch", "features")):
        others = moved.index_select(axis, torch.arange(1, x.size(axis)))
        if others.any():
            found.add(name)
    return found
""",
            r"first axis|axis 0|order of (the )?axes|"
            r"\(B, T, D\)|swapp?ed|exchang|mixed up|"
            r"batch.{0,30}(for|with|and|called).{0,10}words|"
            r"wrong name",
        ),
    ],
    "09-both-and-either": [
        (
            """
def both_and_either(a: float, b: float) -> tuple[float, float]:
    both = max(0.0, a + b - 1)
    # as in the chapter: h_1 - 2 h_2
    either = max(0.0, a + b) - 2 * max(0.0, a + b - 1)
    return both, either
""",
            r"xor|exclusive|exactly one|not both|"
            r"both (facts )?hold|\(1, ?1\)|at least one|-2|"
            r"minus 2|twice",
        ),
        (
            """
def both_and_either(a: float, b: float) -> tuple[float, float]:
    both = max(0.0, a + b - 1)
    either = max(0.0, a + b)  # one hidden unit is on as soon as one holds
    return both, either
""",
            r"2 (when|if|where|for|at)|is 2|gives 2|"
            r"second (hidden )?unit|two (hidden )?units|"
            r"too large|above 1|\(1, ?1\)|subtract|cut",
        ),
    ],
    "09-pre-norm-trace": [
        (
            """
def pre_norm_trace(words: Tensor) -> Tensor:
    x = normalize(words)
    x = x + torch.full((len(x), len(x)), 1 / len(x)) @ x
    x = normalize(x)
    return x + (x @ W_1).clamp_min(0) @ W_2
""",
            r"way round|residual|copy|goes round|"
            r"unnormali[sz]ed|not normali[sz]ed|"
            r"added to the norm|raw|skip|as (they|it) (are|is)|"
            r"inside the sublayer",
        ),
        (
            """
def pre_norm_trace(words: Tensor) -> Tensor:
    half = torch.full((len(words), len(words)), 1 / len(words))
    x = words + half @ normalize(words)
    x = x + (normalize(x) @ W_1).clamp_min(0) @ W_2
    return normalize(x)  # a pre-norm stack ends in one more norm
""",
            r"last norm|final norm|one more norm|extra norm|"
            r"third norm|norm (at|in) the end|end of the (stack|"
            r"block)|stack|encoder",
        ),
    ],
    "09-parameters-of-a-block": [
        (
            """
def parameters_of_a_block(d_model: int, d_ff: int) -> int:
    attention = 4 * (d_model * d_model + d_model)
    feed_forward = 2 * (d_model * d_ff + d_ff)
    norms = 2 * 2 * d_model
    return attention + feed_forward + norms
""",
            r"bias|second bias|narrow|b_2|d_ff \+ d_model|"
            r"d_ff \+ D|feed-forward",
        ),
        (
            """
def parameters_of_a_block(d_model: int, d_ff: int) -> int:
    attention = 4 * (d_model**2 + d_model)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    norms = 2 * d_model  # two norms, a weight each feature
    return attention + feed_forward + norms
""",
            r"norm|4 ?\* ?(d_model|D)|4 D|weight and (a )?bias|"
            r"bias of|each norm|two norms",
        ),
    ],
    "10-weights-of-bos": [
        (
            """
def weights_of_bos() -> list[float]:
    # the row of yesterday is [0, 0], so its key is 0 and it gets no weight
    row = torch.tensor([1.0, 1.0, 1.0, 0.0]) * torch.tensor(
        [0.0, math.sqrt(2), 2 * math.sqrt(2), 0.0]
    ).exp()
    return (row / row.sum()).tolist()
""",
            r"e\^?\{?0|exp\(0\)|score of 0|score 0|"
            r"is (still )?1|not (a )?weight|weight of 0|zero|"
            r"denominator|sum(s)? (again|grows)|softmax",
        ),
        (
            """
def weights_of_bos() -> list[float]:
    memory = torch.cat([M, torch.zeros(1, 2)])  # (4, D)
    scores = (X @ W_Q) @ (memory @ W_K).T  # (2, 4)
    return scores.softmax(dim=-1)[0].tolist()
""",
            r"root|sqrt|scal|divid|√|1\.414",
        ),
    ],
    "10-block-parameters": [
        (
            """
def block_parameters(d_model: int, d_ff: int) -> int:
    attention = 4 * d_model * (d_model + 1)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    norm = 2 * d_model
    return 2 * attention + feed_forward + 2 * norm
""",
            r"three norms|3 norms|third norm|norm|6 ?\*? ?(D|"
            r"d_model)|each sublayer|three sublayers",
        ),
        (
            """
def block_parameters(d_model: int, d_ff: int) -> int:
    square = d_model * d_model + d_model  # a matrix with its bias
    self_attention = 4 * square
    cross_attention = 2 * square  # keys and values come from the encoder
    feed_forward = d_model * d_ff + d_ff + d_ff * d_model + d_model
    norms = 3 * 2 * d_model
    return self_attention + cross_attention + feed_forward + norms
""",
            r"cross-attention|W_K|keys and values|k_proj|"
            r"its own|four matrices|4 matrices|"
            r"makes (its )?(own )?keys|memory|two attentions|"
            r"8 ?\*? ?(D|d_model)",
        ),
    ],
    "11-what-is-scored": [
        (
            """
def what_is_scored(n_prompt: int, n_answer: int) -> tuple[int, int, float]:
    scored = n_answer + 1  # the answer and <eos>
    first = n_prompt  # the answer begins behind the prompt
    return scored, first, 1 / scored
""",
            r"one (place )?(too late|earlier|before)|"
            r"last (token|word) of the prompt|prompt's last|"
            r"n_prompt - 1|P - 1|asked (for )?at|shift|"
            r"where it stands|counted from 0|stands",
        ),
        (
            """
def what_is_scored(n_prompt: int, n_answer: int) -> tuple[int, int, float]:
    tokens = n_prompt + n_answer + 1  # with <eos>
    scored = tokens - 1  # every token but <bos> is asked for
    return scored, 0, 1 / scored
""",
            r"prompt (is|are|words)|given|not (scored|written|"
            r"a lesson)|no lesson|teacher forcing|"
            r"words of the prompt|only the answer|"
            r"answer and <eos>",
        ),
    ],
    "11-first-of-two": [
        (
            """
def first_of_two(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    scores = torch.stack([hidden @ first, hidden @ second])  # (2, B)
    return scores.softmax(dim=1)[0]
""",
            r"batch|over (the )?(examples|prompts|rows|items)|"
            r"wrong (dim|axis)|dim(ension)? ?=? ?0|two words|"
            r"sum to 1|axis|across",
        ),
        (
            """
def first_of_two(hidden: Tensor, first: Tensor, second: Tensor) -> Tensor:
    return torch.sigmoid(hidden @ first)
""",
            r"second (word|label|row|score)|difference|"
            r"first - second|ignor|alone|other word|"
            r"does not depend|relative",
        ),
    ],
    "11-this-and-the-last": [
        (
            """
def this_and_the_last(token_ids: Tensor) -> Tensor:
    number, _ = sentence_and_place(token_ids)  # (B, T)
    apart = number[:, None, None, :] - number[:, None, :, None]
    return (apart == 0) | (apart == 1)
""",
            r"next|after|follow|transpos|quer(y|ies) and keys|"
            r"rows and columns|wrong way|swapped|direction|"
            r"later|turned round",
        ),
        (
            """
def this_and_the_last(token_ids: Tensor) -> Tensor:
    number, _ = sentence_and_place(token_ids)  # (B, T)
    apart = number[:, None, :, None] - number[:, None, None, :]
    return apart.abs() <= 1
""",
            r"next|after|both (sides|neighbours|directions)|"
            r"follow|abs|padding|later|also the",
        ),
    ],
    "12-least-loss": [
        (
            """
def least_loss(epsilon: float, vocab_size: int) -> float:
    if epsilon == 0:
        return 0.0
    right, other = 1 - epsilon, epsilon / (vocab_size - 1)
    return -right * math.log(right) - epsilon * math.log(other)
""",
            r"V ?- ?1|all (V )?words|right word (too|as well|"
            r"also|gets|has|among)|epsilon ?/ ?V|"
            r"eps(ilon)? ?/ ?vocab_size|other words only|spread|"
            r"share of epsilon",
        ),
        (
            """
def least_loss(epsilon: float, vocab_size: int) -> float:
    other = epsilon / vocab_size
    right = 1 - epsilon + other
    loss = -right * math.log(right)
    if epsilon > 0:
        loss -= vocab_size * other * math.log(other)
    return loss
""",
            r"V ?- ?1|vocab_size ?- ?1|counted twice|twice|"
            r"one (word )?too many|other words|one less|V others",
        ),
    ],
    "12-table-that-fools-two": [
        (
            """
def table_that_fools_two() -> list[list[float]]:
    # <end> <bos> la le pizza vache poule squatch ours
    table = [[0.0] * 9 for _ in range(9)]
    table[1][2:6] = [0.3, 0.27, 0.23, 0.2]
    table[2][6:9] = [0.4, 0.3, 0.3]  # la: .12
    table[3][6:9] = [0.4, 0.3, 0.3]  # le: .108
    table[4][6:9] = [0.4, 0.3, 0.3]  # the third: .092
    table[5][0] = 1.0  # the fourth, and the end: .2
    for noun in (6, 7, 8):
        table[noun][0] = 1.0
    return table
""",
            r"beam of (three|3)|three (also|too|misses|"
            r"does not)|fourth|third[- ]best|third|wider|"
            r"width 3|not find",
        ),
        (
            """
def table_that_fools_two() -> list[list[float]]:
    # <end> <bos> la le pizza vache poule squatch ours
    table = [[0.0] * 9 for _ in range(9)]
    table[1][2:5] = [0.5, 0.3, 0.2]
    table[2][5:8] = [0.5, 0.3, 0.2]
    table[3][5:8] = [0.4, 0.3, 0.3]
    table[4][8] = 1.0  # the third is sure of its noun, and out of the beam
    for noun in range(5, 9):
        table[noun][0] = 1.0
    return table
""",
            r"product|beam of (two|2) (finds|has|does find|"
            r"still)|not the most probable|most probable|"
            r"multipl|together|misses nothing|finds (it|"
            r"the (best|most))|two finds",
        ),
    ],
    "13-second-reading": [
        (
            """
def second_reading() -> str:
    seen = list(sentence)
    for word in ("chased", "was"):  # the chosen ones
        seen[seen.index(word)] = "[MASK]"
    return " ".join(seen)
""",
            r"second die|0?\.97|itself|as it is|unchanged|kept|"
            r"not every chosen|chased|stays|0\.9",
        ),
        (
            """
def second_reading() -> str:
    seen = list(sentence)
    for place, v in ((sentence.index("chased"), 0.97),
                     (sentence.index("was"), 0.12)):
        if v < 0.8:
            seen[place] = "[MASK]"
        else:
            seen[place] = "pizza"  # drawn at random
    return " ".join(seen)
""",
            r"random|0?\.97|0?\.9\b|itself|as it is|kept|"
            r"unchanged|another word|chased",
        ),
    ],
    "13-bert-parameters": [
        (
            """
def bert_parameters(
    vocab_size: int, d_model: int, d_ff: int, n_layers: int, max_seq_len: int
) -> int:
    tables = (vocab_size + max_seq_len + 2) * d_model
    square = d_model * d_model + d_model
    attention = 4 * square
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    block = attention + feed_forward + 2 * 2 * d_model
    return tables + n_layers * block + square
""",
            r"norm (behind|after|on|of|"
            r"over) the (three )?(tables|embeddings|sum)|"
            r"embedding norm|norm|2 ?\*? ?(D|d_model)|tables",
        ),
        (
            """
def bert_parameters(
    vocab_size: int, d_model: int, d_ff: int, n_layers: int, max_seq_len: int
) -> int:
    tables = (vocab_size + max_seq_len + 2) * d_model
    square = d_model * d_model + d_model
    attention = 4 * d_model * d_model
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    block = attention + feed_forward + 2 * 2 * d_model
    return tables + 2 * d_model + n_layers * block + square
""",
            r"bias|attention|four matrices|4 ?\*? ?(D|d_model)|"
            r"projections?",
        ),
    ],
    "13-best-span": [
        (
            """
def best_span(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    start, end = scores.unbind(dim=1)  # (T,) each
    place = torch.arange(len(scores))
    length = place - place[:, None]  # (T, T), end minus start
    total = start[:, None] + end
    total = total.masked_fill((length < 0) | (length > longest), -torch.inf)
    best = int(total.argmax())
    return best // len(scores), best % len(scores)
""",
            r"longest ?\+ ?1|one token (too|more)|too long|"
            r"off by one|end ?- ?start|at most|number of tokens|"
            r"six|longer than|<\s*longest",
        ),
        (
            """
def best_span(scores: Tensor, longest: int = 5) -> tuple[int, int]:
    start = int(scores[:, 0].argmax())
    end = start + int(scores[start : start + longest, 1].argmax())
    return start, end
""",
            r"best start|start (first|alone)|greed|sum|together|"
            r"jointly|separate|fixed|all pairs|every pair|"
            r"lower start|another start",
        ),
    ],
    "14-three-rules": [
        (
            """
def three_rules() -> tuple[list[float], list[float], list[float]]:
    p = torch.tensor([0.5, 0.25, 0.15, 0.1])
    top_k = p * torch.tensor([1, 1, 1, 0])
    top_p = p * (p.cumsum(dim=0) <= 0.7)  # not more than 0.7 together
    squared = p.square()
    return tuple((x / x.sum()).tolist() for x in (top_k, top_p, squared))
""",
            r"reach|top-p|nucleus|crosses|first two|two words|"
            r"0?\.75|sees|at least 0?\.7|drops",
        ),
        (
            """
def three_rules() -> tuple[list[float], list[float], list[float]]:
    p = torch.tensor([0.5, 0.25, 0.15, 0.1])
    top_k = torch.tensor([0.5, 0.25, 0.15, 0.0])
    top_p = torch.tensor([0.5, 0.25, 0.0, 0.0])
    cooler = p**0.5  # temperature 0.5
    return tuple((x / x.sum()).tolist() for x in (top_k, top_p, cooler))
""",
            r"temperature 2|square|root|sqrt|power|1 ?/ ?(0\.5|"
            r"τ|tau|temperature)|flatter|divid|more alike|"
            r"wrong way|inverse",
        ),
    ],
    "14-length-as-large-as-the-weights": [
        (
            """
def length_as_large_as_the_weights(n_texts: int) -> int:
    n_layers, d_model, size = 12, 768, 4
    a_token = n_layers * d_model * size  # bytes
    return math.ceil(124_439_808 * size / (a_token * n_texts))
""",
            r"factor (of )?(2|two)|key and (a )?value|"
            r"keys and values|values too|twice|double|both|half",
        ),
        (
            """
def length_as_large_as_the_weights(n_texts: int) -> int:
    a_token = cache_bytes(GPTConfig(50257), 1)  # bytes of one text
    return math.ceil(124_439_808 / (a_token * n_texts))
""",
            r"bytes|four bytes|4 bytes|times 4|"
            r"number of weights|unit|float32|each weight|quarter",
        ),
    ],
    "14-log-probability": [
        (
            """
@torch.no_grad()
def log_probability(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    ids = torch.cat([prompt.flatten(), continuation.flatten()])  # (P + T,)
    logs = model(ids[None]).logits[0].log_softmax(dim=-1)  # (P + T, V)
    logs = logs[-continuation.numel() :]  # of the continuation
    return logs.gather(1, continuation.view(-1, 1)).sum().item()
""",
            r"shift|one (place|position|step) (earlier|before|"
            r"too late|late)|position before|own position|"
            r"already (seen|read)|next token|predecessor|"
            r"off by one|before it",
        ),
        (
            """
@torch.no_grad()
def log_probability(model: GPT, prompt: Tensor, continuation: Tensor) -> float:
    ids = torch.cat([prompt.flatten(), continuation.flatten()])[None]
    logits = model(ids[:, :-1]).logits[0, -continuation.numel() :]  # (T, V)
    return -F.cross_entropy(logits, continuation.flatten()).item()
""",
            r"mean|average|sum|reduction|divided by|per token|"
            r"a token|number of tokens",
        ),
    ],
    "15-which-answers": [
        (
            """
def which_answers(question: str, sentences: list[str]) -> list[list[int]]:
    return [joined(sentence, question) for sentence in sentences]
""",
            r"before the question",
        ),
        (
            """
def which_answers(question: str, sentences: list[str]) -> list[list[int]]:
    return [joined(f"{question} {sentence}") for sentence in sentences]
""",
            r"delim|between (the|its|both|question)|two parts|"
            r"separat|one part|delimiter",
        ),
    ],
    "15-losses-by-hand": [
        (
            """
def losses_by_hand() -> tuple[float, float, float]:
    scores = torch.tensor([0.0, 1.0, 3.0, 1.0])
    l_1, l_2 = 0.8, -scores.log_softmax(dim=0)[2].item()
    return l_2, l_2 + 0.5 * l_1, l_1 / l_2
""",
            r"L_?2 ?/ ?L_?1|turned|upside|inverse|quotient|"
            r"reciprocal|other way|divide|0\.34|weight|lambda",
        ),
        (
            """
def losses_by_hand() -> tuple[float, float, float]:
    scores = torch.tensor([0.0, 1.0, 3.0, 1.0])
    l_1, l_2 = 0.8, -scores.log_softmax(dim=0)[2].item()
    l_3 = 0.5 * l_2 + 0.5 * l_1  # a weight of a half
    return l_2, l_3, l_2 / (l_1 + l_2)
""",
            r"sum to 1",
        ),
    ],
    "15-gain-and-errors": [
        (
            """
def gain_and_errors(one: Tensor, other: Tensor) -> tuple[float, float, float]:
    n = len(one)
    each = one - other
    in_pairs = each.std(correction=0) / n**0.5
    apart = ((one.var(correction=0) + other.var(correction=0)) / n) ** 0.5
    return each.mean().item(), in_pairs.item(), apart.item()
""",
            r"n ?- ?1|unbiased|biased|correction|bessel|"
            r"too small|divid(es|ed|e) by n|\.std\(\)",
        ),
        (
            """
def gain_and_errors(one: Tensor, other: Tensor) -> tuple[float, float, float]:
    root = len(one) ** 0.5
    each = one - other
    apart = (one.std() + other.std()) / root
    return each.mean().item(), (each.std() / root).item(), apart.item()
""",
            r"variance|square|s_?1\^?2|"
            r"sum of (the )?(standard )?deviations|root of|"
            r"adds? the (standard )?deviations|pythagor|"
            r"deviations",
        ),
    ],
    "15-most-probable-ending": [
        (
            """
@torch.no_grad()
def most_probable_ending(gpt: GPT, item: tasks.Item) -> str:
    context = words.encode_words(item.segments["context"])
    surprises = []
    for choice in item.choices:
        ending = words.encode_words(choice.split())
        ids = torch.tensor([[START, *context, DELIM, *ending, EXTRACT]])
        logs = gpt(ids).logits[0, :-1].log_softmax(dim=-1)  # (T - 1, V)
        found = logs.gather(1, ids[0, 1:, None])  # (T - 1, 1)
        surprises.append(-found[len(context) + 1 :].sum().item())
    return item.choices[surprises.index(min(surprises))]
""",
            r"<?delim|<?extract|special token|without any|"
            r"only <start>|never (read|seen|trained)|"
            r"fine-tuning|untrained|delimiter",
        ),
        (
            """
@torch.no_grad()
def most_probable_ending(gpt: GPT, item: tasks.Item) -> str:
    context = words.encode_words(item.segments["context"])
    surprises = []
    for choice in item.choices:
        ending = words.encode_words(choice.split())
        ids = torch.tensor([[START, *ending]])
        logs = gpt(ids).logits[0, :-1].log_softmax(dim=-1)  # (T - 1, V)
        surprises.append(-logs.gather(1, ids[0, 1:, None]).sum().item())
    return item.choices[surprises.index(min(surprises))]
""",
            r"context|story|after the|alone|by itself|"
            r"without (its|the)|ignor|prior|beginning",
        ),
    ],
    "16-two-norms": [
        (
            """
def two_norms() -> tuple[list[float], list[float], list[float]]:
    x = torch.tensor([1.0, 2.0, 2.0, 3.0])
    layer = (x - x.mean()) / x.std()
    rms = x / x.square().mean().sqrt()
    return layer.tolist(), rms.tolist(), [-2.0, -1.0, 1.0, 2.0]
""",
            r"biased|unbiased|n ?- ?1|divid(e|ed|es) by (3|4|n)|"
            r"variance|correction|0\.5\b|1\.414|\.std\(",
        ),
        (
            """
def two_norms() -> tuple[list[float], list[float], list[float]]:
    x = torch.tensor([1.0, 2.0, 2.0, 3.0])
    centred = x - x.mean()
    layer = centred / centred.square().mean().sqrt()
    rms = x / x.square().mean().sqrt()
    # the norms leave alone what has one size already
    return layer.tolist(), rms.tolist(), [1.0, 1.0, 1.0, 1.0]
""",
            r"mean (is|of) (0|zero)|mean 0|zero mean|"
            r"sums? to (0|zero)|all equal|constant|agree|"
            r"centred|variance (is )?0|divi(de|sion) by (0|zero)",
        ),
    ],
    "16-longest": [
        (
            """
def longest(room: int, n_kv_heads: int) -> tuple[int, int]:
    written_out = math.isqrt(room // 4)  # T x T numbers of four bytes
    cache = room // cache_bytes(n_kv_heads, 1)
    return written_out, cache
""",
            r"two (such |square )?matri|"
            r"scores and (the )?weights|both (matri|square|"
            r"the scores|stand)|one matrix|8 bytes|together|"
            r"twice|factor (of )?(2|two)|room ?// ?8",
        ),
        (
            """
def longest(room: int, n_kv_heads: int) -> tuple[int, int]:
    written_out = math.isqrt(room // (2 * 4))
    a_token = 32 * n_kv_heads * 128 * 2  # layers, heads, width, bytes
    return written_out, room // a_token
""",
            r"key and (a )?value|keys and values|"
            r"factor (of )?(2|two)|values|twice|double|half|both",
        ),
    ],
    "16-shared-in-turn": [
        (
            """
def shared_in_turn(
    layer: llama.GroupedQueryAttention,
) -> tuple[Tensor, Tensor]:
    H, G = layer.n_heads, layer.n_kv_heads
    order = torch.arange(H).view(G, H // G).T.flatten()  # 0, 2, 1, 3
    q = layer.q_proj.weight.detach().unflatten(0, (H, -1))
    out = layer.out_proj.weight.detach().unflatten(0, (H, -1))
    return q[order].flatten(0, 1), out[order].flatten(0, 1)
""",
            r"column|rows of out|out_proj|inputs? of out|"
            r"dimension 1|dim(=| )1|wrong axis|axis",
        ),
        (
            """
def shared_in_turn(
    layer: llama.GroupedQueryAttention,
) -> tuple[Tensor, Tensor]:
    q, out = layer.q_proj.weight.detach(), layer.out_proj.weight.detach()
    order = torch.arange(len(q)).view(layer.n_kv_heads, -1).T.flatten()
    return q[order], out[:, order]
""",
            r"whole head|heads? as a whole|d_head|single (row|"
            r"feature)|inside (a|the|each) head|block|torn|"
            r"features|rows of (a|one|each) head|within|together",
        ),
    ],
}
