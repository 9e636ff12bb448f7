"""Learning from questions: used where it helps on other documents, left off where it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, WriterLock
from ragkit.errors import Busy, Interrupted, StorageFault
from ragkit.flows import tuning
from ragkit.flows.adapting import adapter_status
from ragkit.flows.feedback import Marks, mark
from ragkit.flows.stating import status_of
from ragkit.flows.tuning import tune, undo
from ragkit.flows.tuning_cases import NO_DOCUMENT, NOT_THERE
from ragkit.gold import GoldQuestion
from ragkit.rendering.status import show_status
from ragkit.rendering.tuning import show_tuning
from ragkit.retrieval.learned import LEARNED
from ragkit.types import Step
from ragkit.types.tuning import TuningReport
from tests.tuning.taught import QUICK, Taught, taught


@pytest.fixture
def contracts(tmp_path: Path) -> Taught:
    return taught(tmp_path)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Taught:
    """Contracts with an adapter in use; not to be changed."""
    contracts = taught(tmp_path_factory.mktemp("learned"))
    assert contracts.tune().adopted
    return contracts


def test_what_recurs_is_learned_and_used(contracts: Taught) -> None:
    before = contracts.right_first()
    report = contracts.tune()
    assert report.adopted, report.reason
    assert contracts.right_first() > before + 0.2
    shown = show_tuning(report)
    assert report.adapter in shown
    assert "span_hit@1" in shown
    helped = [measure for measure in report.measures if measure.name in tuning.WANTED]
    assert any(0 < measure.low <= measure.gain <= measure.high for measure in helped)


def test_what_does_not_recur_is_not_used(tmp_path: Path) -> None:
    strange = taught(tmp_path, recurs=False)
    report = strange.tune()
    assert not report.adopted
    assert "does not help" in report.reason or "worse" in report.reason
    assert strange.adapter() is None


def test_it_is_judged_on_documents_it_was_not_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: judged on its own examples, what cannot help would seem to."""
    strange = taught(tmp_path, recurs=False)
    real = tuning._matrix

    def of_all(cases, chosen, on_step, stage):  # type: ignore[no-untyped-def]
        return real(cases, cases.cases, on_step, stage)

    monkeypatch.setattr(tuning, "_matrix", of_all)
    report = strange.tune(schedule=replace(QUICK, fewest_steps=80))
    gained = {measure.name: measure for measure in report.measures}
    assert gained["span_hit@1"].low > 0


def test_too_few_examples_are_not_learned_from(contracts: Taught) -> None:
    report = contracts.tune(contracts.questions[:12])
    assert not report.adopted
    assert report.measures == ()
    assert f"{tuning.FEWEST_QUESTIONS - 12} more questions" in report.reason
    assert "7 more documents" in report.reason  # 12 questions are on three of them


def test_marks_are_learned_from_like_gold(contracts: Taught) -> None:
    for question in contracts.questions:
        document = question.places[0].document
        text = (contracts.corpus.root / "docs" / document).read_text(encoding="utf-8")
        start = text.index(question.places[0].spans[0].text)
        place = f"{document}:{start}-{start + 30}"
        mark(contracts.corpus.pipeline, question.question, Marks((place,), ()), None)
    assert contracts.tune(()).adopted


def test_a_question_whose_document_has_changed_is_left_out_and_told(contracts: Taught) -> None:
    document = contracts.questions[0].places[0].document
    mark(contracts.corpus.pipeline, "What?", Marks((f"{document}:0-30",), ()), None)
    contracts.corpus.write(document, "Something else.")
    contracts.corpus.ingest()
    assert "changed since" in dict(contracts.tune(()).unused).popitem()[0]


def test_gold_without_its_words_is_left_out_and_told(contracts: Taught) -> None:
    first = contracts.questions[0]
    strange = replace(first.places[0].spans[0], text="words that stand nowhere at all in it")
    questions = tuple(
        replace(each, places=(replace(each.places[0], spans=(strange,)),)) for each in (first,)
    )
    report = contracts.tune((*questions, GoldQuestion("x", "Where?", ())))
    assert dict(report.unused) == {NOT_THERE: 1, NO_DOCUMENT: 1}


def test_undo_goes_back_one_by_one(contracts: Taught) -> None:
    first = contracts.tune()
    second = contracts.tune(contracts.questions[4:])
    assert second.adopted
    assert second.adapter != first.adapter
    back = undo(contracts.corpus.pipeline)
    assert (back.undone, back.adapter) == (True, first.adapter)
    assert undo(contracts.corpus.pipeline).adapter == ""
    nothing = undo(contracts.corpus.pipeline)
    assert (nothing.undone, nothing.adapter) == (False, "")


def test_answers_tell_what_was_learned(learned: Taught) -> None:
    entry = learned.adapter()
    assert entry is not None
    with learned.searching() as searching:
        found = searching.search(learned.questions[0].question, 3)
        with searching.view(is_adapted=False) as view:
            plain = view.find(learned.questions[0].question, 3)
    assert found.as_dict()["adapter"] == found.adapter == entry.fingerprint
    assert any(name == LEARNED for name, _ in found.passages[0].parts)
    assert not any(name == LEARNED for item in plain.ranked for name, _ in item.parts)


def test_the_parts_still_add_up(learned: Taught) -> None:
    with learned.searching() as searching:
        for passage in searching.search(learned.questions[1].question, 8).passages:
            assert passage.score == pytest.approx(sum(v for _, v in passage.parts), abs=1e-3)


def test_status_tells_what_is_in_use(learned: Taught) -> None:
    status = status_of(learned.corpus.pipeline)
    entry = learned.adapter()
    assert entry is not None
    assert status.adapter.is_used
    assert status.adapter.fingerprint == entry.fingerprint
    assert f"learned {entry.fingerprint} from 48 questions on 12 documents" in show_status(status)
    json.dumps(status.as_dict())


def test_with_another_embedder_it_is_off_and_that_is_told(contracts: Taught) -> None:
    contracts.tune()
    contracts.corpus.embedder_version = "another"
    contracts.corpus.ingest()
    with contracts.searching() as searching:
        assert searching.search(contracts.questions[0].question, 1).adapter == ""
    assert "it is for another embedder" in show_status(status_of(contracts.corpus.pipeline))
    assert contracts.tune().adopted  # and learns anew


def test_interrupted_the_former_one_stays(contracts: Taught) -> None:
    former = contracts.tune().adapter

    def interrupt(step: Step) -> None:
        if step.stage == "learning from all":
            raise KeyboardInterrupt

    with contracts.searching() as searching, pytest.raises(Interrupted):
        tune(contracts.corpus.pipeline, searching, contracts.questions[4:], interrupt)
    entry = contracts.adapter()
    assert entry is not None
    assert entry.fingerprint == former


def test_what_was_purged_meanwhile_does_not_come_back(contracts: Taught) -> None:
    document = contracts.corpus.root / "docs" / contracts.questions[0].places[0].document

    def remove(step: Step) -> None:
        if step.stage == "learning from all" and document.exists():
            document.unlink()
            contracts.corpus.ingest()

    with contracts.searching() as searching, pytest.raises(Busy, match="changed while it learned"):
        tune(contracts.corpus.pipeline, searching, contracts.questions, remove)
    assert contracts.adapter() is None


def test_while_another_writes_nothing_is_kept(contracts: Taught) -> None:
    with WriterLock(contracts.corpus.pipeline.store), pytest.raises(Busy):
        contracts.tune()
    assert contracts.adapter() is None


def test_the_index_is_not_touched(contracts: Taught) -> None:
    before = contracts.corpus.state()
    contracts.tune()
    assert contracts.corpus.state() == before


def test_the_same_examples_give_the_same_adapter(contracts: Taught) -> None:
    first = contracts.tune()
    assert contracts.tune().adapter == first.adapter
    with Catalog.open_for_reading(contracts.corpus.pipeline.store) as catalog:
        assert adapter_status(catalog.connection, "hash").former == 0


def test_what_cannot_be_noted_is_not_kept(contracts: Taught) -> None:
    def full(report: TuningReport) -> None:
        raise StorageFault("The disk is full.")

    with pytest.raises(StorageFault):
        contracts.tune(note=full)
    assert contracts.adapter() is None
    contracts.tune()
    with pytest.raises(StorageFault):
        undo(contracts.corpus.pipeline, full)
    assert contracts.adapter() is not None
