"""Questions of every kind, made of any index."""

from __future__ import annotations

from pathlib import Path

from ragkit.bench.kinds import questions_of_kinds
from ragkit.catalog import Catalog
from ragkit.retrieval.asking import kind_asked
from tests.flows.corpus import Corpus


def test_there_is_a_question_of_every_kind_and_they_stay_the_same(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    for number in range(6):
        corpus.write(f"lease_{number}.txt", f"LEASE {number}\n\nThe rent is {number}00 euros. " * 9)
    corpus.ingest()
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        kinds, again = (questions_of_kinds(catalog, 7) for _ in range(2))
    assert kinds == again
    assert {len(questions) for questions in kinds.values()} == {7}
    assert all(kind_asked(one.text) == "date" for one in kinds["when, of a named document"])
    assert {len(one.scope.documents) for one in kinds["filtered"] if one.scope} == {3}
    assert "rent" in " ".join(one.text for one in kinds["common words only"])
    assert len({one.text for one in kinds["words of a passage"]}) >= 3
