"""The measures of answers by name: what was shown, and how it meets the gold. All are means."""

from __future__ import annotations

CITATIONS_VALID = "citations_valid"
QUOTE_OVERLAP = "quote_overlap"
GOLD_QUOTED = "gold_quoted"
QUOTE_PRECISION = "quote_precision"
SHORT_EXACT = "short_exact"
SHORT_CONTAINS = "short_contains"
SHORT_QUOTED = "short_quoted"
FRONT_RIGHT = "yes_no_told_right"
YES_RIGHT = "yes_right"
NO_RIGHT = "no_right"
YES_NO_BALANCED = "yes_no_balanced"
OWN_WORDS = "own_words"
ASKED_BACK = "asked_back"
SENTENCES = "sentences"
CHARACTERS = "characters"

OF_ANSWERS = (
    *(CITATIONS_VALID, QUOTE_OVERLAP, QUOTE_PRECISION, GOLD_QUOTED),
    *(SHORT_EXACT, SHORT_CONTAINS, SHORT_QUOTED),
    *(YES_NO_BALANCED, YES_RIGHT, NO_RIGHT, FRONT_RIGHT),
    *(OWN_WORDS, ASKED_BACK, SENTENCES, CHARACTERS),
)
"""In the order in which they are shown."""
LABELS = {
    CITATIONS_VALID: "citations valid",
    QUOTE_OVERLAP: "quotes meet the gold",
    QUOTE_PRECISION: "gold in what is shown",
    GOLD_QUOTED: "gold text shown",
    SHORT_EXACT: "short answer in front",
    SHORT_CONTAINS: "in front, contained",
    SHORT_QUOTED: "short answer in a quote",
    YES_NO_BALANCED: "yes/no balanced",
    YES_RIGHT: "yes where it is yes",
    NO_RIGHT: "no where it is no",
    FRONT_RIGHT: "yes/no told is right",
    OWN_WORDS: "sentences not replaced",
    ASKED_BACK: "asked which is meant",
    SENTENCES: "sentences shown",
    CHARACTERS: "characters shown",
}
MEANINGS = {
    CITATIONS_VALID: "quote, page, characters and digest are what the catalog and the file hold",
    QUOTE_OVERLAP: "a shown quote has a part of the gold text; what is refused has none",
    QUOTE_PRECISION: "the share of the shown quotes' characters that are gold",
    GOLD_QUOTED: "the share of the gold text's characters that are shown",
    SHORT_EXACT: "the first fact in front of the answer is an accepted one, or the same date",
    SHORT_CONTAINS: "a fact in front has an accepted answer in it",
    SHORT_QUOTED: "a sentence that is shown has an accepted answer in it",
    YES_NO_BALANCED: "the mean of the two below: of guessing one half",
    YES_RIGHT: "of questions whose answer is yes: it is answered, and no 'no' stands in front",
    NO_RIGHT: "of questions whose answer is no: 'no' stands in front, or nothing is found",
    FRONT_RIGHT: "of the yes and no that stand in front, the share that is right",
    OWN_WORDS: "of the sentences that a model wrote, the share not replaced by their quotes",
    ASKED_BACK: "the question fits several documents, and the answer asks which is meant",
    SENTENCES: "how many sentences an answer has",
    CHARACTERS: "how many characters its sentences have",
}
COUNTS = frozenset({SENTENCES, CHARACTERS})
"""Means of counts, not of shares."""
FEWER_IS_BETTER = frozenset({SENTENCES, CHARACTERS, ASKED_BACK})
