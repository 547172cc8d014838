"""Words that most health news shares, by how often it uses them: they tell no story apart. Pure; newsroom.

Without them, four headlines about four cancers would look like one story, only because nobody else was there to show
that "cancer" is a common word. Stems as `profile.stems` makes them; the share of items that use each is rounded.
"""

from __future__ import annotations

_BY_SHARE = {
    0.25: "cancer help patient researcher study",
    0.14: "diseas drug find found heart peopl reduc research risk show suggest test therapy treat treatment women",
    0.08: "american benefit blood brain breast call clinical develop doctor early effect effectiv health high improv "
    "journal long lower medicin prevent promis publish report result scientist surgery trial university used",
    0.04: "adult advanc age alzheimer appear approv attack back based better body caus cell center chang children "
    "common company condition death depression detect devic diabet diet disorder dose even evidenc experimental fda "
    "fight food form gene good healthy hospital includ known lead left less level life likely link live look loss low "
    "lung medical medication men million need now offer often old older pain part percent pill present problem "
    "procedur prostat screen side significantly small strok suffer symptom take taking term tumor type u.s use using "
    "way weight work",
}

SHARE: dict[str, float] = {word: share for share, words in _BY_SHARE.items() for word in words.split()}
"""Stem → share of items with it; a word that is not here is taken for rare."""
