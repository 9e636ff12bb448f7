"""True sentences of documents, with the names their documents are about: what faults are made from.

The evaluation data has a folder for each set; any other folder is taken as one set.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ragkit.errors import UsageFault

EVALUATION_SETS = (
    "legal/docs",
    "medical/pubmedqa/docs",
    "medical/medquad/docs",
    "multilingual/meddocan_es/docs",
    "multilingual/casimedicos_es/docs",
)
_MOST_OF_A_DOCUMENT = 12
_MOST_DOCUMENTS = 90
_LEAST_SMALL_WORDS = 4
"""Words written small that a sentence has, and a heading has not."""
_OPENING = 4000
"""Characters in which a document names its patient or its parties."""

_GAP = re.compile(r"(?<=[.;])\s+(?=[A-ZÁÉÍÓÚ¿])|\n+")
_WORD = r"[A-ZÁÉÍÓÚÑ][\w'’&-]+"
_SPANISH_NAME = re.compile(
    rf"Nombre:\s*(?P<given>{_WORD}(?: {_WORD})?)[ .]*\s+Apellidos:\s*(?P<family>{_WORD}(?: {_WORD})?)"
)
_TITLE = re.compile(rf"^title: .* - (?P<name>{_WORD}(?: {_WORD}){{1,3}})$", re.MULTILINE)
_COMPANY = re.compile(
    rf"\b(?P<name>{_WORD}(?: {_WORD}){{0,3}}),? (?:Inc|LLC|Ltd|Corp|Corporation|Limited|Company|LP|PLC)\b"
)


@dataclass(frozen=True, slots=True)
class TrueSentence:
    """One sentence of a document, white space folded.

    names: whom or what the document is about. near: other sentences of it, for citations that miss.
    """

    document: str
    text: str
    names: tuple[str, ...] = ()
    near: tuple[str, ...] = ()

    @property
    def context(self) -> str:
        """What is known of its document, as the flow knows it."""
        return " ".join((Path(self.document).name, *self.names))


def true_sentences(folder: Path, seed: int) -> list[TrueSentence]:
    """Sentences of the documents below `folder`, in a seeded order that takes the sets in turn.

    Raises UsageFault if none is there.
    """
    sets = [folder / name for name in EVALUATION_SETS if (folder / name).is_dir()] or [folder]
    drawn = [_of_a_set(folder, place, seed) for place in sets]
    mixed = [row[at] for at in range(max(map(len, drawn))) for row in drawn if at < len(row)]
    if not mixed:
        raise UsageFault(f"No .txt or .md document with whole sentences lies below {folder}.")
    return mixed


def _of_a_set(folder: Path, place: Path, seed: int) -> list[TrueSentence]:
    name = place.relative_to(folder).as_posix()
    chance = random.Random(f"{seed} {name}")
    paths = sorted(path for kind in ("*.txt", "*.md") for path in place.rglob(kind))
    found: list[TrueSentence] = []
    for path in chance.sample(paths, min(len(paths), _MOST_DOCUMENTS)):
        own = list(_of_a_document(path, path.relative_to(folder).as_posix()))
        found += chance.sample(own, min(len(own), _MOST_OF_A_DOCUMENT))
    chance.shuffle(found)
    return found


def _of_a_document(path: Path, name: str) -> Iterator[TrueSentence]:
    text = read_document(path)
    sentences = list(_sentences(text))
    names = _names(text[:_OPENING])
    for sentence in sentences:
        yield TrueSentence(name, sentence, names, tuple(s for s in sentences if s != sentence))


def read_document(path: Path) -> str:
    """Its text with newlines untouched, so that ranges of characters hold."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _sentences(text: str) -> Iterator[str]:
    for sentence in _GAP.split(text):
        plain = " ".join(sentence.replace("**", "").split())
        lower = sum(word[0].islower() for word in plain.split())
        if 7 <= len(plain.split()) <= 70 and lower >= _LEAST_SMALL_WORDS and _is_prose(plain):
            yield plain


def _is_prose(plain: str) -> bool:
    """Not a row of a table or a line of figures."""
    return "|" not in plain and sum(c.isalpha() for c in plain) > 0.6 * len(plain)


def _names(opening: str) -> tuple[str, ...]:
    """The patient of a note, or the parties of a contract: at most two."""
    patients = [f"{m['given']} {m['family']}" for m in _SPANISH_NAME.finditer(opening)]
    others = [
        m["name"].removeprefix("The ")
        for pattern in (_TITLE, _COMPANY)
        for m in pattern.finditer(opening)
    ]
    return tuple(dict.fromkeys(patients[:1] or [name for name in others if name != "The"]))[:2]


def shared_words(one: str, other: str) -> float:
    """Share of the words of `one` that `other` has too, 0 to 1."""
    words, theirs = set(one.casefold().split()), set(other.casefold().split())
    return len(words & theirs) / max(1, len(words))


def most_alike(sentence: str, others: Sequence[str]) -> str | None:
    """The other sentence that shares most words, but does not say the same; None if there is none."""
    different = [other for other in others if shared_words(sentence, other) < 0.6]
    return max(different, key=lambda other: shared_words(sentence, other), default=None)
