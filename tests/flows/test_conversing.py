"""Conversations over a workspace that answers what a test has written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ragkit.config import Config, load_config
from ragkit.conversation.history import History
from ragkit.errors import StorageFault, UnknownPipeline, UsageFault
from ragkit.flows.conversing import Conversation
from ragkit.flows.rewording import reword
from ragkit.llm.fake import ScriptedGenerator
from ragkit.types import Answer, Citation, Coverage
from ragkit.types.conversation import StillShown
from ragkit.types.scope import Scope

CAP = "What is the liability cap in the agreement with Northwind?"
DIGEST = "d" * 64


def answer(question: str, *documents: str, candidates: tuple[str, ...] = ()) -> Answer:
    cited = tuple(
        Citation(mark, document, DIGEST, None, 0, 5, f"words of {document}")
        for mark, document in enumerate(documents, start=1)
    )
    outcome: Any = "ambiguous" if candidates else "found" if documents else "not_found"
    return Answer(
        question, outcome, "quote", (), cited, Coverage(2, 2), "", 1, 0.1, candidates=candidates
    )


@dataclass
class Scripted:
    """Stands for a workspace. answers: by question; others cite a.txt. asked: what arrived, in order."""

    config: Config
    answers: dict[str, Answer] = field(default_factory=dict)
    gone: set[tuple[str, str]] = field(default_factory=set)
    generation: int = 1
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    saved: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    model: str = ""
    shown_to_model: list[tuple[str, ...]] = field(default_factory=list)
    fault: Exception | None = None
    amendments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    within: list[Scope | None] = field(default_factory=list)

    def ask(self, pipeline: str, question: str, **given: Any) -> Answer:
        if self.fault:
            raise self.fault
        self.asked.append((question, given))
        return self.answers.get(question, answer(question, "a.txt"))

    def still_shown(self, pipeline: str, shown: Iterable[tuple[str, str]] = ()) -> StillShown:
        return StillShown(self.generation, tuple(set(shown) & self.gone))

    def names_among(self, pipeline: str, words: Iterable[str]) -> tuple[str, ...]:
        return tuple(word for word in words if word == "calderbrook")

    def belonging(
        self, pipeline: str, document: str, *, scope: Scope | None = None
    ) -> tuple[str, ...]:
        self.within.append(scope)
        return self.amendments.get(document, ())

    def reword(self, pipeline: str, question: str, earlier: Iterable[str]) -> str:
        self.shown_to_model.append(tuple(earlier))
        return self.model

    def note_saved(self, pipeline: str, documents: Iterable[str], *, exported: str) -> None:
        self.saved.append((tuple(documents), exported))


@pytest.fixture
def scripted(tmp_path: Path) -> Scripted:
    (tmp_path / "files").mkdir()
    path = tmp_path / "pipelines.yaml"
    path.write_text("pipelines: {p: {folders: [files]}}\n", encoding="utf-8")
    return Scripted(load_config(path))


@pytest.fixture
def talk(scripted: Scripted) -> Conversation:
    return Conversation(scripted, "p")


def questions(scripted: Scripted) -> list[str]:
    return [question for question, _ in scripted.asked]


def test_only_the_rewritten_question_is_asked(scripted: Scripted, talk: Conversation) -> None:
    talk.ask(CAP)
    turn = talk.ask("and for Calderbrook?")
    assert questions(scripted)[1] == "What is the liability cap in the agreement with Calderbrook?"
    assert (turn.typed, turn.by) == ("and for Calderbrook?", "rules")
    assert turn.asked == turn.answer.question
    _, given = scripted.asked[1]
    assert not given["scope"]
    assert given["exported"] == ""


def test_how_it_is_asked_is_told_before_it_is(scripted: Scripted, talk: Conversation) -> None:
    talk.ask(CAP)
    told: list[tuple[str, int]] = []
    talk.ask("when was it signed?", on_asked=lambda a: told.append((a.asked, len(scripted.asked))))
    assert told == [("When was the agreement with Northwind signed?", 1)]


def test_as_typed_rewrites_nothing(scripted: Scripted) -> None:
    talk = Conversation(scripted, "p", as_typed=True)
    talk.ask(CAP)
    assert talk.ask("and for Calderbrook?").by == ""
    assert questions(scripted) == [CAP, "and for Calderbrook?"]


def test_a_new_topic_takes_nothing_along(scripted: Scripted, talk: Conversation) -> None:
    talk.ask(CAP)
    talk.ask("How is sepsis treated?")
    talk.ask("who does it?")
    assert not any("Northwind" in question for question in questions(scripted)[1:])


def test_names_in_small_letters_are_known_from_the_index(
    scripted: Scripted, talk: Conversation
) -> None:
    talk.ask(CAP)
    assert "calderbrook" in talk.ask("and for calderbrook?").asked


@pytest.mark.parametrize("typed", ["2", "the second one", "b.txt"])
def test_a_candidate_is_asked_alone(scripted: Scripted, talk: Conversation, typed: str) -> None:
    question = "What dose does García take?"
    scripted.answers[question] = answer(question, candidates=("a.txt", "b.txt"))
    talk.ask(question)
    turn = talk.ask(typed)
    assert (turn.asked, turn.only, turn.by) == (question, "b.txt", "choice")
    assert scripted.asked[1][1]["scope"] == Scope(documents=("b.txt",))
    again = talk.ask("since when?")  # García is still the one that was chosen
    assert again.only == "b.txt"
    assert talk.ask("What dose does Ana Ruiz take?").only == ""


def test_what_belongs_to_a_chosen_document_is_asked_with_it(scripted: Scripted) -> None:
    within = Scope(documents=("contracts",))
    talk = Conversation(scripted, "p", scope=within)
    scripted.answers[CAP] = answer(CAP, candidates=("a.txt", "b.txt"))
    scripted.amendments = {"b.txt": ("b_amendment.txt",)}
    talk.ask(CAP)
    told: list[tuple[str, ...]] = []
    turn = talk.ask("the second one", on_asked=lambda asked: told.append(asked.documents))
    assert turn.only == "b.txt"
    assert told == [("b.txt", "b_amendment.txt")]
    assert scripted.asked[1][1]["scope"] == Scope(documents=("b.txt", "b_amendment.txt"))
    assert scripted.within == [within]  # only what the session's filters let in


def test_what_is_said_of_the_conversation_is_in_its_language(
    scripted: Scripted, talk: Conversation
) -> None:
    with pytest.raises(UsageFault, match="There is no turn 9; remembered: none"):
        talk.forget(9)
    talk.ask("¿Cuál es la renta de Torrealta?")
    with pytest.raises(UsageFault, match="No hay ningún turno 9; se recuerdan: 1"):
        talk.forget(9)
    with pytest.raises(UsageFault, match="No se ha enumerado ningún documento"):
        talk.ask("2")
    scripted.gone = {("a.txt", DIGEST)}
    talk.refresh()
    assert talk.notes[0].startswith("Se olvida el turno 1: ")
    talk.ask(CAP)
    with pytest.raises(UsageFault, match="There is no turn 9"):
        talk.forget(9)


def test_one_initial_more_is_another_person(scripted: Scripted, talk: Conversation) -> None:
    question = "When was John B. Smith discharged?"
    scripted.answers[question] = answer(question, candidates=("a.txt", "b.txt"))
    talk.ask(question)
    assert talk.ask("1").only == "a.txt"
    assert talk.ask("Is he allergic to penicillin?").only == "a.txt"
    turn = talk.ask("and John A.?")
    assert turn.asked == "Is John A. Smith allergic to penicillin?"
    assert turn.only == ""


def test_the_other_one_after_a_choice(scripted: Scripted, talk: Conversation) -> None:
    question = "What dose does García take?"
    scripted.answers[question] = answer(question, candidates=("a.txt", "b.txt"))
    for typed in (question, "2", "and the other one?"):
        talk.ask(typed)
    assert scripted.asked[2][1]["scope"] == Scope(documents=("a.txt",))


def test_the_second_document_of_an_answer(scripted: Scripted, talk: Conversation) -> None:
    scripted.answers[CAP] = answer(CAP, "a.txt", "b.txt", "a.txt")
    talk.ask(CAP)
    assert talk.ask("and the second one?").only == "b.txt"


def test_a_choice_of_nothing_is_a_sentence(scripted: Scripted, talk: Conversation) -> None:
    with pytest.raises(UsageFault, match=r"left no choice|No documents were listed"):
        talk.ask("2")
    assert scripted.asked == []


def test_filters_hold_for_every_question(scripted: Scripted) -> None:
    within = Scope(types=("contract",), since="2020")
    talk = Conversation(scripted, "p", scope=within)
    scripted.answers[CAP] = answer(CAP, candidates=("a.txt", "b.txt"))
    talk.ask(CAP)
    talk.ask("1")
    assert scripted.asked[0][1]["scope"] == within
    assert scripted.asked[1][1]["scope"] == Scope(("a.txt",), ("contract",), "2020")


def test_turns_go_with_their_documents(scripted: Scripted, talk: Conversation) -> None:
    talk.ask(CAP)
    other = "Who signed the lease of Ana Ruiz?"
    scripted.answers[other] = answer(other, "b.txt")
    talk.ask(other)
    scripted.gone = {("a.txt", DIGEST)}
    assert [turn.number for turn in talk.turns] == [2]
    assert "Turn 1 is forgotten" in talk.notes[0]
    scripted.gone |= {("b.txt", DIGEST)}
    assert talk.last is None
    assert talk.ask("and for Calderbrook?").by == ""  # nothing is left that it could point to


def test_candidates_that_are_gone_cannot_be_chosen(scripted: Scripted, talk: Conversation) -> None:
    scripted.answers[CAP] = answer(CAP, candidates=("a.txt", "b.txt"))
    talk.ask(CAP)
    scripted.gone = {("b.txt", "")}
    with pytest.raises(UsageFault, match=r"left no choice|No documents were listed"):
        talk.ask("2")


def test_the_history_is_bounded_and_says_so(scripted: Scripted) -> None:
    talk = Conversation(scripted, "p", history=History(turns=2))
    for number in range(3):
        talk.ask(f"What is clause {number} about?")
    assert [turn.number for turn in talk.turns] == [2, 3]
    assert talk.notes == ["Turn 1 is forgotten: the history is full, the oldest goes first."]


def test_forgetting_one_and_all(scripted: Scripted, talk: Conversation) -> None:
    for number in range(3):
        talk.ask(f"What is clause {number} about?")
    assert talk.forget(2) == 1
    assert [turn.number for turn in talk.turns] == [1, 3]
    with pytest.raises(UsageFault, match="no turn 2; remembered: 1, 3"):
        talk.forget(2)
    assert talk.forget() == 2
    assert talk.ask("and for Calderbrook?").number == 4  # numbers are never given twice


def test_a_question_that_fails_is_not_remembered(scripted: Scripted, talk: Conversation) -> None:
    scripted.fault = StorageFault("full")
    with pytest.raises(StorageFault):
        talk.ask(CAP)
    scripted.fault = None
    assert talk.turns == ()
    asked = talk.ask("and for Calderbrook?").asked  # it may be pointed back to
    assert asked == "What is the liability cap in the agreement with Calderbrook?"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_saving_notes_the_export_and_goes_on(
    scripted: Scripted, talk: Conversation, tmp_path: Path
) -> None:
    talk.ask(CAP)
    place = talk.save(tmp_path / "talk.jsonl")
    assert scripted.saved == [((DIGEST,), str(place))]
    talk.ask("and for Calderbrook?")
    assert scripted.asked[1][1]["exported"] == str(place)
    kept = lines_of(place)
    assert [line["typed"] for line in kept] == [CAP, "and for Calderbrook?"]
    assert kept[1]["question"] == "What is the liability cap in the agreement with Calderbrook?"
    assert kept[0]["citations"][0]["quote"] == "words of a.txt"
    assert "explanation" not in kept[0]


@pytest.mark.parametrize("name", ["files/x.jsonl", ".ragkit/p/x.jsonl", "x.txt", "there.jsonl"])
def test_places_that_nothing_is_saved_to(
    scripted: Scripted, talk: Conversation, tmp_path: Path, name: str
) -> None:
    (tmp_path / "there.jsonl").write_text("mine")
    with pytest.raises(UsageFault):
        talk.save(tmp_path / name)
    assert (tmp_path / "there.jsonl").read_text() == "mine"
    assert talk.saving.path is None


def test_a_file_is_not_written_twice(talk: Conversation, tmp_path: Path) -> None:
    talk.ask(CAP)
    first = talk.save(tmp_path / "a.jsonl")
    assert talk.save(first) == first
    talk.save(tmp_path / "b.jsonl")
    with pytest.raises(UsageFault, match="holds turns already"):
        talk.save(first)
    assert len(lines_of(first)) == len(lines_of(tmp_path / "b.jsonl")) == 1


def test_a_line_that_could_not_be_written_comes_with_the_next(
    scripted: Scripted, talk: Conversation, tmp_path: Path
) -> None:
    written: list[str] = []
    full = [False]

    def write(path: Path, lines: Iterable[str]) -> None:
        if full[0]:
            raise StorageFault("full")
        written.extend(lines)

    talk.saving.write = write
    talk.save(tmp_path / "a.jsonl")
    full[0] = True
    with pytest.raises(StorageFault):
        talk.ask(CAP)
    full[0] = False
    talk.ask("Who pays?")
    assert [json.loads(line)["typed"] for line in written] == [CAP, "Who pays?"]
    full[0] = True
    with pytest.raises(StorageFault):
        talk.ask("Who signs?")
    full[0] = False
    scripted.gone = {("a.txt", DIGEST)}
    talk.refresh()
    scripted.gone = set()
    talk.ask("Who leaves?")
    typed = [json.loads(line)["typed"] for line in written]
    assert typed == [CAP, "Who pays?", "Who leaves?"]  # not what quotes a document that went


def test_what_is_purged_while_the_ledger_is_waited_for_is_not_written(
    scripted: Scripted, talk: Conversation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.ask(CAP)
    monkeypatch.setattr(
        scripted, "note_saved", lambda *_, **__: scripted.gone.add(("a.txt", DIGEST))
    )
    assert lines_of(talk.save(tmp_path / "talk.jsonl")) == []


def test_an_unknown_pipeline_is_told_at_once(scripted: Scripted) -> None:
    with pytest.raises(UnknownPipeline):
        Conversation(scripted, "q")


# The model, where the rules find nothing

UNCLEAR = "what does she take?"


def test_the_model_is_asked_only_where_the_rules_find_nothing(
    scripted: Scripted, talk: Conversation
) -> None:
    scripted.model = "What is taken for sepsis?"
    talk.ask("How is sepsis treated?")
    turn = talk.ask(UNCLEAR)
    assert (turn.asked, turn.by) == (scripted.model, "model")
    assert scripted.shown_to_model == [("How is sepsis treated?",)]  # questions, no answer


def test_without_a_model_it_is_asked_as_typed(scripted: Scripted, talk: Conversation) -> None:
    talk.ask("How is sepsis treated?")
    turn = talk.ask(UNCLEAR)
    assert (turn.asked, turn.by, turn.is_unclear) == (UNCLEAR, "", True)


@dataclass
class Parts:
    """What of AnswerParts a rewording uses."""

    generator: ScriptedGenerator
    reads: bool = True

    def model_reads(self) -> bool:
        return self.reads

    @property
    def open_generator(self) -> Callable[[], ScriptedGenerator]:
        return lambda: self.generator


def rewordings() -> Iterator[tuple[str, str]]:
    yield "What does Ana Ruiz take for sepsis?", "What does Ana Ruiz take for sepsis?"
    yield "What does Ana Ruiz take? She takes ibuprofen.", ""  # "ibuprofen" was never said
    yield UNCLEAR, ""
    yield "", ""
    yield "What does the she take for sepsis?", ""  # no question
    yield "Is it treated?", ""  # the one before, again


@pytest.mark.parametrize(("written", "used"), list(rewordings()))
def test_what_a_model_writes_is_used_only_if_it_invents_nothing(written: str, used: str) -> None:
    parts: Any = Parts(ScriptedGenerator([written]))
    assert reword(parts, UNCLEAR, ["Has Ana Ruiz sepsis?", "Is it treated?"]) == used
    assert parts.generator.open_generations == 0


def test_a_model_that_is_no_reader_is_not_even_opened() -> None:
    parts: Any = Parts(ScriptedGenerator(["What does Ana Ruiz take?"]), reads=False)
    assert reword(parts, UNCLEAR, ["Has Ana Ruiz sepsis?"]) == ""
    assert parts.generator.prompts == []
