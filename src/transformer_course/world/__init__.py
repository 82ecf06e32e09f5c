"""Squatch World: the course's own laboratory, a small language with truth.

Every story here starts as a list of facts (who did what to whom, who is
hungry, who feels how); the words are made from the facts, and so are the right
answers. ``lexicon`` has the words, ``facts`` the facts, ``english`` and
``french`` tell them, ``grammar`` recognises what was told, ``tasks`` asks
about it, and ``baselines`` measures how far one gets without understanding.
"""
