"""Documents of two languages in one index, of which the embedder knows one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.searching import SearchReader
from ragkit.flows.ingest_parts import IngestOptions
from ragkit.flows.ingesting import ingest
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.search import Retriever
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus

Found = dict[str, dict[str, float]]
"""By path, best first: the parts of a score."""
Find = Callable[[str], Found]

NOTES = 20
_COMPLAINTS = ("fever", "cough", "headache", "nausea", "rash", "vertigo", "swelling", "fatigue")
_PLACES = ("knee", "chest", "elbow", "throat", "shoulder")


def _note(number: int) -> str:
    complaint, place = _COMPLAINTS[number % 8], _PLACES[number % 5]
    return (
        f"The woman came to us with {complaint} and with a pain in the {place} that had been there for"
        f" {number + 2} days. She was seen by the nurse and was then sent home with a leaflet."
    )


_SPANISH = (
    "La paciente acudió a la consulta por fiebre y con un dolor en la rodilla derecha que había empezado"
    " hace tres días. Se le pautó reposo y se le dio el alta con una hoja de recomendaciones."
)


@pytest.fixture(scope="module")
def find(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[bool], Find]]:
    """With or without the Spanish note: what a question finds."""
    catalogs: list[Catalog] = []

    @cache
    def opened(is_mixed: bool) -> Find:
        corpus = Corpus(tmp_path_factory.mktemp("mixed" if is_mixed else "alone"))
        corpus.embedder.languages = ("en",)
        for number in range(NOTES):
            corpus.write(f"note_{number:02}.txt", _note(number))
        if is_mixed:
            corpus.write("nota.txt", _SPANISH)
        analyse = replace(
            corpus.parts(), analyse=lambda text, language: " ".join(terms(text, language))
        )
        ingest(analyse, IngestOptions())
        catalog = Catalog.open_for_reading(corpus.pipeline.store)
        catalogs.append(catalog)

        def found(question: str) -> Found:
            with catalog.snapshot():
                reader = SearchReader(catalog)
                index = ExactIndex(*reader.vectors_after(corpus.embedder_version, 0))
                ranked = Retriever(reader, corpus.embedder, [index]).find(question, 60).ranked
                documents = reader.documents_by_id({item.document for item in ranked})
                return {documents[item.document].path: dict(item.parts) for item in ranked}

        return found

    yield opened
    for catalog in catalogs:
        catalog.close()


QUESTION = "Who came with a cough and a pain in the elbow?"


def test_one_foreign_document_does_not_change_how_the_others_are_ranked(
    find: Callable[[bool], Find],
) -> None:
    alone, mixed = find(False)(QUESTION), find(True)(QUESTION)
    assert next(iter(mixed)) == next(iter(alone))
    for path, parts in alone.items():
        kept = mixed[path]
        assert not kept.get("same words")
        assert not kept.get("similar words")
        for name in ("words", "document"):  # the range of cosines is another one
            assert kept[name] == pytest.approx(parts[name], abs=0.05)


def test_each_is_found_by_a_question_in_its_own_language(find: Callable[[bool], Find]) -> None:
    mixed = find(True)
    assert next(iter(mixed("¿Quién acudió con fiebre y dolor en la rodilla?"))) == "nota.txt"
    assert next(iter(mixed("Who was seen with vertigo and pain in the chest?"))) != "nota.txt"


def test_a_foreign_document_is_compared_by_its_words(find: Callable[[bool], Find]) -> None:
    found = find(True)("¿Quién acudió con fiebre y dolor en la rodilla?")
    assert found["nota.txt"]["same words"] > 0
    assert all(
        not parts.get("same words") and not parts.get("similar words")
        for path, parts in found.items()
        if path != "nota.txt"
    )
