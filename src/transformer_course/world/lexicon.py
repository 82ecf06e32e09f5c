"""The words of Squatch World in two languages, and the rule of the colours.

Nouns belong to four classes. Free verbs take any noun in any role; typed
predicates fit one class only. Every noun and every predicate wears one of five
colours, its place in its list modulo 5, and the colours decide what is held
out: see ``split_of``.
"""

from __future__ import annotations

from dataclasses import dataclass

N_COLOURS = 5
SPLITS = ("train", "validation", "test")
# How many colours the noun is ahead of the predicate.
_OFFSETS = {"train": (2, 3, 4), "validation": (1,), "test": (0,)}


@dataclass(frozen=True)
class Noun:
    """A noun with its French.

    Args:
        english: One English word.
        french: One French word.
        gender: Gender of the French word, ``"m"`` or ``"f"``.
        kind: ``"creature"``, ``"person"``, ``"food"`` or ``"machine"``.
        colour: 0 to 4, for the rule of the colours.
    """

    english: str
    french: str
    gender: str
    kind: str
    colour: int


@dataclass(frozen=True)
class Verb:
    """A verb with a doer and someone or something it is done to.

    Args:
        base: Base form, which also names the verb: ``"eat"``.
        present: Third person: ``"eats"``.
        past: ``"chased"``; for verbs that are told in the present only, "".
        participle: ``"eaten"``; where there is no passive, "".
        french: Present tense (or, for frames, the whole past form).
        french_participle: Masculine participle; its "e" marks the feminine.
        kind: ``"plain"``, ``"hunt"``, ``"help"`` or a frame's kind.
        colour: 0 to 4, for the rule of the colours.
    """

    base: str
    present: str
    past: str
    participle: str
    french: str
    french_participle: str
    kind: str
    colour: int


@dataclass(frozen=True)
class Predicate:
    """Something said of one noun, such as "was hungry" or "broke down".

    Args:
        name: The English words after the copula, or all of them: "hungry".
        lead: English words before the name: ``"was"``, or "".
        french: French in the masculine, "|", French in the feminine.
        kind: ``"hunter"``, ``"hunted"``, ``"helper"``, ``"helped"``,
            ``"food"``, ``"machine"``, ``"good"``, ``"bad"`` or ``"deed"``.
        colour: 0 to 4, for the rule of the colours.
    """

    name: str
    lead: str
    french: str
    kind: str
    colour: int


_NOUNS = {
    "creature": """mouse souris f, dragon dragon m, squatch squatch m,
        wolf loup m, cow vache f,
        bear ours m, goat chèvre f, owl chouette f, frog grenouille f,
        fox renard m,
        hen poule f, spider araignée f, dog chien m, cat chat m,
        turtle tortue f,
        lion lion m, duck canard m, bee abeille f, giraffe girafe f,
        rabbit lapin m""",
    "person": """boy garçon m, girl fille f, king roi m, queen reine f,
        baker boulanger m""",
    "food": """soup soupe f, cake gâteau m, pizza pizza f, bread pain m,
        salad salade f,
        cheese fromage m, waffle gaufre f, burger burger m,
        omelette omelette f, rice riz m,
        pie tarte f, egg œuf m, pancake crêpe f, chicken poulet m,
        sausage saucisse f""",
    "machine": """fridge frigo m, stove cuisinière f, oven four m,
        kettle bouilloire f, grill gril m,
        fryer friteuse f, toaster grille-pain m, juicer centrifugeuse f,
        mixer mixeur m, machine machine f""",
}

# base, present, past, participle, French present, French participle
_VERBS = {
    "plain": """eat eats - eaten mange mangé, see sees - seen voit vu,
        hear hears - heard entend entendu, find finds - found trouve trouvé,
        call calls - called appelle appelé""",
    "hunt": """chase chases chased chased poursuit poursuivi,
        hunt hunts hunted hunted chasse chassé,
        attack attacks attacked attacked attaque attaqué,
        follow follows followed followed suit suivi,
        scratch scratches scratched scratched griffe griffé""",
    "help": """help helps helped helped aide aidé,
        wash washes washed washed lave lavé,
        cure cures cured cured soigne soigné,
        carry carries carried carried porte porté,
        hug hugs hugged hugged embrasse embrassé""",
}

# How food and machine meet, told in the past: English; French; the last French
# word is "de", "à" or another preposition, or "+" for none. "(e)" agrees.
_FRAMES = {
    "food first": """came out of; est sorti(e) de,
        went into; est allé(e) dans, fell into; est tombé(e) dans,
        jumped out of; a sauté hors de, stuck to; a collé à""",
    "machine first": """heated; a chauffé +, spoiled; a gâté +,
        shook; a secoué +, held; contenait +, touched; a touché +""",
}

# English name; French (masculine and feminine where they differ, by "|").
_WAS = {
    "hunter": """hungry; avait faim, angry; était en colère,
        greedy; était gourmand|était gourmande,
        brave; était courageux|était courageuse, wild; était sauvage,
        fierce; était féroce, proud; était fier|était fière,
        mean; était méchant|était méchante,
        strong; était fort|était forte,
        curious; était curieux|était curieuse""",
    "hunted": """scared; avait peur, weak; était faible,
        slow; était lent|était lente,
        tasty; était appétissant|était appétissante,
        lost; était perdu|était perdue,
        tired; était fatigué|était fatiguée, alone; était seul|était seule,
        small; était petit|était petite,
        noisy; était bruyant|était bruyante,
        lame; était boiteux|était boiteuse""",
    "helper": """kind; était gentil|était gentille,
        gentle; était doux|était douce,
        generous; était généreux|était généreuse,
        friendly; était amical|était amicale,
        clever; était intelligent|était intelligente""",
    "helped": """grateful; était reconnaissant|était reconnaissante,
        sick; était malade, cold; avait froid, poor; était pauvre,
        young; était jeune""",
}
_SAID = {
    "food": """tasted good; avait bon goût,
        was salty; était salé|était salée,
        was delicious; était délicieux|était délicieuse,
        was sweet; était sucré|était sucrée,
        tasted bad; avait mauvais goût,
        was spicy; était épicé|était épicée,
        was burnt; était brûlé|était brûlée, was raw; était cru|était crue,
        was crispy; était croustillant|était croustillante,
        smelled nice; sentait bon""",
    "machine": """was switched off; a été éteint|a été éteinte,
        broke down; est tombé en panne|est tombée en panne,
        was repaired; a été réparé|a été réparée,
        stopped working; a cessé de fonctionner,
        was plugged in; a été branché|a été branchée,
        was switched on; a été allumé|a été allumée, beeped; a sonné,
        hummed; a ronronné, was unplugged; a été débranché|a été débranchée,
        exploded; a explosé""",
    "deed": """went; est parti|est partie, slept; a dormi,
        waited; a attendu, smiled; a souri, danced; a dansé""",
}
_IS = {
    "good": """happy; est heureux|est heureuse, glad; est content|est contente,
        calm; est calme, cheerful; est joyeux|est joyeuse,
        hopeful; est confiant|est confiante,
        pleased; est satisfait|est satisfaite, merry; est gai|est gaie,
        relaxed; est détendu|est détendue, thrilled; est ravi|est ravie,
        serene; est serein|est sereine""",
    "bad": """sad; est triste, upset; est bouleversé|est bouleversée,
        worried; est inquiet|est inquiète, gloomy; est morose,
        nervous; est nerveux|est nerveuse, miserable; est misérable,
        anxious; est anxieux|est anxieuse, bitter; est amer|est amère,
        ashamed; est honteux|est honteuse,
        desperate; est désespéré|est désespérée""",
}


def _entries(table: str) -> list[str]:
    return [" ".join(entry.split()) for entry in table.split(",")]


def _nouns() -> dict[str, Noun]:
    found = {}
    for kind, table in _NOUNS.items():
        for i, entry in enumerate(_entries(table)):
            english, french, gender = entry.split()
            found[english] = Noun(english, french, gender, kind, i % N_COLOURS)
    return found


def _verbs() -> dict[str, Verb]:
    found = {}
    for kind, table in _VERBS.items():
        for i, entry in enumerate(_entries(table)):
            base, present, past, participle, french, of_french = (
                "" if form == "-" else form for form in entry.split()
            )
            found[base] = Verb(
                base, present, past, participle, french, of_french, kind,
                i % N_COLOURS,
            )  # fmt: skip
    for kind, table in _FRAMES.items():
        for i, entry in enumerate(_entries(table)):
            past, french = entry.split("; ")
            found[past] = Verb(
                past, "", past, "", french, "", kind, i % N_COLOURS
            )
    return found


def _predicates() -> dict[str, Predicate]:
    found = {}
    for lead, tables in (("was", _WAS), ("", _SAID), ("is", _IS)):
        for kind, table in tables.items():
            for i, entry in enumerate(_entries(table)):
                name, french = entry.split("; ")
                found[name] = Predicate(
                    name, lead, french, kind, i % N_COLOURS
                )
    return found


# English word or name -> entry, in the lexicon's order: the order in which
# choices stand wherever nouns are the choices.
NOUNS = _nouns()
VERBS = _verbs()
PREDICATES = _predicates()
RANK = {noun: rank for rank, noun in enumerate(NOUNS)}


FRAME_KINDS = tuple(_FRAMES)


def nouns(*kinds: str) -> list[str]:
    """List the nouns of some classes in the lexicon's order."""
    return [n.english for n in NOUNS.values() if n.kind in kinds]


def verbs(*kinds: str) -> list[str]:
    """List the verbs of some kinds by their base forms."""
    return [v.base for v in VERBS.values() if v.kind in kinds]


def predicates(*kinds: str) -> list[str]:
    """List the predicates of some kinds by their names."""
    return [p.name for p in PREDICATES.values() if p.kind in kinds]


def colour(word: str) -> int:
    """Look up the colour of a noun, a verb or a predicate.

    Raises:
        ValueError: ``word`` is none of these.
    """
    entry = NOUNS.get(word) or VERBS.get(word) or PREDICATES.get(word)
    if entry is None:
        raise ValueError(f"word {word!r} is no noun, verb or predicate")
    return entry.colour


def split_of(noun: str, predicate: str) -> str:
    """Say to which split a noun together with a predicate belongs.

    A pair of one colour is kept for the test, a pair whose noun is one colour
    further is kept for validation, and the other three fifths train. A story
    belongs to a split only if every noun in it does with every predicate in
    it, verbs included; so no test pair is ever trained on, while every word
    is.

    >>> split_of("squatch", "eat"), split_of("mouse", "eat")
    ('train', 'test')

    Args:
        noun: An English noun.
        predicate: A verb's base form or a predicate's name.

    Returns:
        ``"train"``, ``"validation"`` or ``"test"``.
    """
    offset = (colour(noun) - colour(predicate)) % N_COLOURS
    return next(split for split in SPLITS if offset in _OFFSETS[split])


def noun_colours(predicate_colour: int, split: str) -> set[int]:
    """List the colours of the nouns that go with a predicate in a split."""
    return {
        (predicate_colour + offset) % N_COLOURS for offset in _OFFSETS[split]
    }
