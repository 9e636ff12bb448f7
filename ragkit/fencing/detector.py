"""Finding passages that read like instructions to a machine. Pure: text in, stretches of it out.

Rules only, no model: what is fenced must not depend on something that the passage could talk to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ragkit.fencing import rules
from ragkit.fencing.encodings import decoded
from ragkit.fencing.folding import Folded, fold_disguises
from ragkit.fencing.reaching import reach
from ragkit.types import Fenced

DETECTOR = "2"
"""Counted up with every change of what is found: what was looked at by another is looked at again."""
_APART = re.compile(r"(?<![a-z])(?:[a-z][\W_]{1,3}){9,}[a-z](?![a-z])")
_BEFORE_ANCHOR, _AFTER_ANCHOR = 160, 240
"""Characters before and after an anchor in which rules are tried: twelve words fit."""
_WORD = re.compile("[a-z]+")


def find_instructions(text: str) -> tuple[Fenced, ...]:
    """Stretches that read like instructions to a machine, in reading order, none twice.

    Offsets are those of `text`. A stretch is its sentence with what carries it on (reaching.py).
    """
    folded = fold_disguises(text)
    found = [*_found_in(folded), *_found_encoded(text)]
    return _merged(sorted((*reach(text, start, end), kind) for start, end, kind in found))


def _found_in(folded: Folded) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind), places of the original text."""
    spoken = rules.spoken()
    for first, last in _near_anchors(folded.text):
        for match in spoken.pattern.finditer(folded.text, first, last):
            yield (*folded.original(match.start(), match.end()), spoken.kind_of(match))
    drawn = rules.drawn()
    for match in drawn.pattern.finditer(folded.text):
        yield (*folded.original(match.start(), match.end()), drawn.kind_of(match))
    compact = re.compile(rules.COMPACT)
    for match in _APART.finditer(folded.text):
        if compact.search(re.sub(r"[\W_]", "", match[0])):
            yield (*folded.original(match.start(), match.end()), rules.ENCODED)


def _found_encoded(text: str) -> Iterator[tuple[int, int, str]]:
    for start, end, said in decoded(text):
        if next(_found_in(fold_disguises(said)), None) is not None:
            yield start, end, rules.ENCODED


def _near_anchors(text: str) -> Iterator[tuple[int, int]]:
    """Stretches around anchors, joined where they touch."""
    first = last = -1
    anchors = rules.anchors()
    is_anchor = {word: anchors.match(word) is not None for word in set(_WORD.findall(text))}
    for match in _WORD.finditer(text):
        if not is_anchor[match[0]]:
            continue
        if match.start() - _BEFORE_ANCHOR > last:
            if last >= 0:
                yield first, last
            first = max(0, match.start() - _BEFORE_ANCHOR)
        last = match.end() + _AFTER_ANCHOR
    if last >= 0:
        yield first, min(last, len(text))


def _merged(found: Sequence[tuple[int, int, str]]) -> tuple[Fenced, ...]:
    """Overlapping stretches as one, with the reasons of all."""
    done: list[Fenced] = []
    for start, end, kind in found:
        if done and start < done[-1].end:
            last = done.pop()
            kinds = dict.fromkeys((*last.kinds, kind))
            done.append(Fenced(last.start, max(last.end, end), tuple(kinds)))
        else:
            done.append(Fenced(start, end, (kind,)))
    return tuple(done)
