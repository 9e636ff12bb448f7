"""Quoting: which sentences of the evidence are shown as the answer, in the documents' own words.

The shortest that suffice, in reading order: the sentence that holds the fact that is asked for, else
the best ones by the shape of their scores, each with the neighbour that it cannot be read without.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ragkit.flows.affirming import is_polar
from ragkit.flows.citing import cite
from ragkit.flows.fronting import telling
from ragkit.flows.labelling import labelled
from ragkit.shortfacts.finding import LABELLED, NAMED
from ragkit.types import CELL_SEPARATOR, AnswerSentence, Citation, Evidence

QUOTED_SHARE = 0.75
"""A sentence is quoted beside the best one if its score is at least this share of the best score. With
0.70 the quotes meet the gold of 0.673 of 931 contract questions in 623 characters, with 0.75 of 0.662 in
587, with 0.80 of 0.649 in 544, with 0.90 of 0.599 in 436."""
ROW_SHARE = 0.92
"""The same of rows of one table: rows beside each other share nearly all their words."""
MOST_CHARACTERS = 900
"""Of all quotes together, the most that an answer may show; the best one is always shown. Set as what a
reader takes in at one look, not as the best figure: with 600 the quotes meet the gold of 0.57 of 113
contract questions in 442 characters on average, with 900 of 0.60 in 611, with 1,200 of 0.63 in 702."""
VERY_LONG = 500
"""Characters from which on a sentence is cut, where its clauses end. With 700 the quotes meet the gold
of 0.652 of those questions, as others do not fit any more, with 350 of 0.660 and more of them are cut."""
TOLD_AGAIN = 0.8
"""The share of a sentence's words that another has, from which on it adds nothing: one of two lines
that differ in a word. Of 1,241 questions the quotes meet the gold of 2 fewer, and are as long."""
FEW = 6
"""Words up to which a sentence is compared whole: two dates, or two names, differ in one."""
LONG_WORD = 5
"""Letters from which on a small first letter tells a sentence from a title: "of", "and", "with"."""
NEIGHBOUR = 350
"""Characters of the longest sentence that is shown only because another needs it."""
GAP = 12
"""Characters between two sentences that stand side by side: blanks, an empty line, a list's mark."""

_DEPENDENT = re.compile(
    r"(?:It|Its|They|Their|He|She|His|Her|However|Therefore|Accordingly|Moreover|Furthermore|Thereafter"
    r"|Otherwise|In (?:such|that|this|either) (?:case|event)|(?:This|These|Those|Such"
    r"|That)(?: [a-z]\w+)?(?= [a-z]))\b"
    r"|(?:Este|Esta|Estos|Estas|Ese|Esa|Dich[oa]s?|Tal(?:es)?|Ello|Esto|Eso|Asimismo"
    r"|Sin embargo|Por (?:ello|tanto)"
    r"|En (?:tal|este|dicho|ese) caso)\b(?= [a-z])"
)
_BY_ITSELF = re.compile(
    r"(?:This|These|Such|Est[ea]) (?:agreement|contract|lease|license|amendment|letter|report"
    r"|document|study"
    r"|contrato|acuerdo|informe|documento|estudio)\b",
    re.IGNORECASE,
)
_CONCLUSION = re.compile(
    r"(?:in conclusion|(?:conclusions?|interpretation|impression|en conclusi[óo]n"
    r"|conclusi[óo]n(?:es)?)\b\W{0,4}:)"
    r"|(?:we conclude|concluimos)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:(?:Section|Article|Cl[áa]usula|Art[íi]culo) )?\(?(?:\d+(?:\.\d+)*[.)]*|[a-zA-Z][.)]+)\s+"
)
_KEYWORDS = re.compile(
    r"(?:MeSH terms|key ?words|palabras clave|descriptores)\b\W{0,3}:", re.IGNORECASE
)
_ITEM = re.compile(r"\(?(?:[a-z]|[ivx]{1,4}|\d{1,2})\)\s|[-•·*–]\s")
_CLAUSE_END = re.compile(
    r"[;:]\s|,\s(?=(?:and|or|but|provided|except|unless|which|y|o|pero|salvo|que)\b)|\.\s"
)


def quote(
    evidence: Sequence[Evidence],
    most: int,
    *,
    question: str = "",
    around: Sequence[Evidence] = (),
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    """The sentences that answer, at most `most`, in the order in which they stand in their documents.

    evidence: best first, at least one. around: all that was found, in which neighbours are looked for,
    and the fact that the question asks for.
    """
    chosen = _chosen(evidence, most, question, around or evidence)
    first: dict[str, int] = {}
    for place, item in enumerate(chosen):
        first.setdefault(item.document, place)
    chosen.sort(key=lambda item: (first[item.document], item.start))
    marked = list(enumerate(chosen, start=1))
    sentences = (
        AnswerSentence(" ".join(item.text.split()), (mark,), "quoted") for mark, item in marked
    )
    return tuple(sentences), tuple(cite(mark, item) for mark, item in marked)


def _chosen(
    evidence: Sequence[Evidence], most: int, question: str, around: Sequence[Evidence]
) -> list[Evidence]:
    """The sentences to show, the most important first."""
    holding, suffices = _holding(question, around) if question else ([], False)
    best = holding if suffices else _by_score(evidence, holding)
    chosen: list[Evidence] = []
    for item in best:
        for one in (_cut(item), *_needed_by(item, around)):
            if _adds(one, chosen) and len(chosen) < most and _fits(one, chosen):
                chosen.append(one)
    return chosen or [_cut(best[0])]


def _holding(question: str, around: Sequence[Evidence]) -> tuple[list[Evidence], bool]:
    """Sentences with the fact that is asked for, the surest first, and whether they suffice."""
    home = [item for item in around if item.document_id == around[0].document_id]
    found = telling(question, home)
    if not found or found[0].sure < NAMED:
        return (_concluding(home) if is_polar(question) else labelled(question, home)[:1]), False
    equal = [each for each in found if int(each.sure) == int(found[0].sure)]
    sentences = [home[at] for at in dict.fromkeys(each.at for each in equal)]
    suffices = found[0].sure >= LABELLED
    return sentences[: 2 if suffices else 1], suffices


def _concluding(home: Sequence[Evidence]) -> list[Evidence]:
    """The sentence in which the document draws its conclusion: what a yes or no is read from."""
    return [item for item in home if _CONCLUSION.match(item.text)][:1]


def _by_score(evidence: Sequence[Evidence], holding: Sequence[Evidence]) -> list[Evidence]:
    first = evidence[0]
    near = [item for item in evidence if item.score >= _least(first, item)]
    held = {(item.document_id, item.start) for item in holding}
    return [*holding, *(item for item in near if (item.document_id, item.start) not in held)]


def _least(first: Evidence, item: Evidence) -> float:
    """The score from which a sentence is quoted beside the first."""
    are_rows = first.heading == item.heading and CELL_SEPARATOR in item.heading
    return (ROW_SHARE if are_rows else QUOTED_SHARE) * first.score


def _adds(item: Evidence, chosen: Sequence[Evidence]) -> bool:
    """Whether a sentence says something that those before it do not."""
    if _says_nothing(item):
        return False
    if any(one.document == item.document and one.start <= item.start < one.end for one in chosen):
        return False
    words = set(item.text.casefold().split())
    for one in chosen:
        if one.document != item.document or CELL_SEPARATOR in item.text:
            continue
        said = set(one.text.casefold().split())
        if words == said or (len(words) > FEW and len(words & said) >= TOLD_AGAIN * len(words)):
            return False
    return True


def _says_nothing(item: Evidence) -> bool:
    """Whether a sentence is the number and title of a section, or a list of keywords."""
    title = _NUMBERED.sub("", item.text, count=1)
    words = title.strip(" .:").split()
    if _KEYWORDS.match(item.text):
        return True
    if title == item.text or not 0 < len(words) <= FEW or ": " in title:
        return False
    return all(not word[0].islower() or len(word) < LONG_WORD for word in words)


def _fits(item: Evidence, chosen: Sequence[Evidence]) -> bool:
    return not chosen or sum(len(one.text) for one in (*chosen, item)) <= MOST_CHARACTERS


def _needed_by(item: Evidence, around: Sequence[Evidence]) -> list[Evidence]:
    """The sentence without which another cannot be read: before it, or the item that it leads to."""
    beside = [
        one
        for one in around
        if one.document_id == item.document_id and len(one.text) <= NEIGHBOUR and one is not item
    ]
    if item.text.rstrip().endswith(":"):
        return [one for one in beside if 0 <= one.start - item.end <= GAP][:1]
    if _ITEM.match(item.text):
        before = [
            one
            for one in beside
            if one.end <= item.start and one.text.rstrip().endswith((":", "—"))
        ]
        nearest = max(before, key=lambda one: one.end, default=None)
        return [nearest] if nearest and nearest.heading == item.heading else []
    if item.text[:1].islower() or (_DEPENDENT.match(item.text) and not _BY_ITSELF.match(item.text)):
        return [one for one in beside if 0 <= item.start - one.end <= GAP][:1]
    return []


def _cut(item: Evidence) -> Evidence:
    """The sentence; of a very long one its beginning, up to where a clause ends."""
    if len(item.text) <= VERY_LONG:
        return item
    ends = [match.end() for match in _CLAUSE_END.finditer(item.text, 1, VERY_LONG)]
    text = item.text[: ends[-1] if ends else VERY_LONG].rstrip()
    return replace(item, text=text, end=item.start + len(text))
