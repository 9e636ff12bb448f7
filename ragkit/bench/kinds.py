"""Questions of every kind that a search treats specially, made of what stands in an index.

Whether the documents answer them is of no account: how long it takes to search for them is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ragkit.catalog import Catalog, DocumentEntry, Reader
from ragkit.types.scope import Scope

_OPENING = 300
"""Characters of a passage, from which the words of a question are taken."""
_WORDS = 8
_COMMONEST = 24
_SEED = 1
_SPANISH = (
    "¿Qué ley rige el contrato?",
    "¿Cuál es el plazo de preaviso para resolver el contrato?",
    "¿Qué tratamiento se pautó al alta?",
    "¿Qué alergias tiene la paciente y qué se encontró en la exploración física?",
    "¿Quién firmó el documento y en qué fecha?",
)


@dataclass(frozen=True, slots=True)
class KindQuestion:
    """A question and what it is asked of, None for everything."""

    text: str
    scope: Scope | None = None


def questions_of_kinds(catalog: Catalog, count: int) -> dict[str, list[KindQuestion]]:
    """By the name of its kind, `count` questions. To be asked within a snapshot, which shows a document."""
    making = _Making(catalog)
    kinds: dict[str, Callable[[], KindQuestion]] = {
        "words of a passage": making.of_a_passage,
        "naming a document": making.naming,
        "when, of a named document": making.when,
        "common words only": making.of_common_words,
        "filtered": making.filtered,
        "in Spanish": making.in_spanish,
    }
    return {name: [made() for _ in range(count)] for name, made in kinds.items()}


class _Making:
    """Makes the same questions of the same index every time."""

    def __init__(self, catalog: Catalog) -> None:
        self._reader = Reader(catalog)
        self._chance = random.Random(_SEED)
        self._documents = list(self._reader.documents())
        self._common = _commonest(catalog)
        self._spanish: Iterator[str] = iter(())

    def of_a_passage(self) -> KindQuestion:
        return KindQuestion(self._words(self._document()))

    def naming(self) -> KindQuestion:
        document = self._document()
        return KindQuestion(f"What does {called(document)} say about {self._words(document)}?")

    def when(self) -> KindQuestion:
        return KindQuestion(f"When does {called(self._document())} end?")

    def of_common_words(self) -> KindQuestion:
        """Of the words that stand in the most chunks."""
        return KindQuestion(" ".join(self._chance.choices(self._common, k=_WORDS)))

    def filtered(self) -> KindQuestion:
        """Of half of the documents, by turns one half and the other."""
        half = tuple(sorted(document.path for document in self._documents)[::2])
        document = self._document()
        return KindQuestion(self._words(document), Scope(documents=half))

    def in_spanish(self) -> KindQuestion:
        text = next(self._spanish, None)
        if text is None:
            self._spanish = iter(_SPANISH)
            text = next(self._spanish)
        return KindQuestion(text)

    def _document(self) -> DocumentEntry:
        return self._chance.choice(self._documents)

    def _words(self, document: DocumentEntry) -> str:
        start = self._chance.randint(0, max(0, self._reader.length(document.content_id) - _OPENING))
        text = self._reader.text(document.content_id, start, start + _OPENING)
        return " ".join(text.split()[1:-1][:_WORDS]) or document.title


def _commonest(catalog: Catalog) -> list[str]:
    """The words that stand in the most chunks, as they are indexed."""
    query = "SELECT term FROM entry_vocabulary ORDER BY doc DESC LIMIT ?"
    return [term for (term,) in catalog.connection.execute(query, (_COMMONEST,))]


def called(document: DocumentEntry) -> str:
    """How a question names a document: by its title and its first names."""
    return " ".join(("the", document.title or document.path, *document.names[:2]))
