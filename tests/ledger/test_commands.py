"""What the commands note: each, before it shows anything, without a word of question or document."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ragkit.errors import CheckFailed, StorageFault, UsageFault
from ragkit.flows.answering import Answering
from ragkit.flows.searching import Searching
from ragkit.ledger import Ledger
from ragkit.types.ledger import LedgerEntry
from ragkit.workspace import Workspace
from tests.hygiene.desk import LEASE, LETTER, RENT, Desk
from tests.hygiene.models import FakeBuilder

LEASE_DIGEST = hashlib.sha256(LEASE.encode()).hexdigest()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two pipelines, of which `a` is ingested in this process, with fake models."""
    monkeypatch.setattr("ragkit.workspace.base.Builder", FakeBuilder)
    desk = Desk(tmp_path, ("a", "b"))
    desk.write("a", "lease.md", LEASE)
    desk.write("b", "letter.md", LETTER)
    with opened(desk) as workspace:
        workspace.ingest("a")
    return desk


def opened(desk: Desk) -> Workspace:
    return Workspace(desk.root / "pipelines.yaml", models=desk.root / "home", accepted_weak=True)


def last(desk: Desk) -> dict[str, Any]:
    return desk.entries()[-1]


def test_every_command_that_shows_documents_notes_itself(desk: Desk) -> None:
    with opened(desk) as workspace:
        workspace.search("a", RENT, with_pipelines=("b",))
        workspace.ask("a", RENT, exported="/home/ana/answers.jsonl")
        workspace.ask("a", "Who is the xylophone teacher?")
        workspace.summarize("a", focus=RENT)
        workspace.nightly("a")
        workspace.nightly_report("a")
        workspace.status()
    entries = desk.entries()
    noted = [(entry["command"], entry["outcome"]) for entry in entries]
    assert noted == [
        ("ingest", "done"),
        ("search", "found"),
        ("ask", "found"),
        ("ask", "not_found"),
        ("summarize", "found"),
        ("nightly", "done"),
        ("report", "done"),
    ]
    shown = [entry["documents"] for entry in entries]
    assert shown == [[], *[[LEASE_DIGEST]] * 6]  # the nearest passages of what was not found too
    assert [bool(entry["question"]) for entry in entries] == [
        False,
        True,
        True,
        True,
        True,
        False,
        False,
    ]
    assert (entries[1]["with_pipelines"], entries[2]["exported"]) == (
        ["b"],
        "/home/ana/answers.jsonl",
    )
    assert all(entry["accepted_weak"] and entry["pipeline"] == "a" for entry in entries)
    assert all(entry["generation"] == 1 for entry in entries)
    assert Ledger(desk.store()).verify("a").sound


def test_everything_that_is_named_or_explained_by_is_noted(desk: Desk) -> None:
    """Also candidates beyond the nearest passages, and what an answer was not made from."""
    digests = {"lease.md": LEASE_DIGEST}
    for name in ("Ana Vega Ruiz", "Luis Vega Ortiz", "Ines Vega Cano", "Hugo Vega Sanz"):
        text = f"Discharge letter\n\nPatient: {name}\n\n{name} has an allergy to latex.\n"
        desk.write("a", f"{name}.md", text)
        digests[f"{name}.md"] = hashlib.sha256(text.encode()).hexdigest()
    with opened(desk) as workspace:
        workspace.ingest("a")
        unclear = workspace.ask("a", "What allergy does Vega have?")
        assert (unclear.outcome, len(unclear.candidates)) == ("ambiguous", 4)
        assert set(last(desk)["documents"]) >= {digests[name] for name in unclear.candidates}
        found = workspace.ask("a", "What allergy does Ana Vega Ruiz have?", explain=True)
        assert found.explanation is not None
        assert found.explanation.decision is not None
        shown = {item.document for item in found.explanation.decision.evidence}
        shown |= {each.document for each in found.explanation.asked.preferred}
        assert len(shown) > len({cited.document for cited in found.citations})
        assert set(last(desk)["documents"]) >= {digests[name] for name in shown}
        passages = workspace.search("a", "What allergy does Ana Vega Ruiz have?", k=1, explain=True)
        assert passages.explanation is not None
        preferred = {each.document for each in passages.explanation.asked.preferred}
        assert set(last(desk)["documents"]) >= {digests[name] for name in preferred}


def test_it_can_be_asked_what_was_asked_and_what_was_shown(desk: Desk) -> None:
    with opened(desk) as workspace:
        workspace.ask("a", RENT)
        workspace.search("a", "Birch Foods")

        def found(**query: str) -> list[str]:
            return [entry.command for entry in workspace.ledger("a", **query).entries]  # type: ignore[arg-type]

        assert found(question=RENT.upper()) == ["ask"]
        assert found(question="Who pays?") == []
        assert found(document="lease.md") == found(document=LEASE_DIGEST[:12]) == ["ask", "search"]
        assert found(user="nobody else") == found(since="2999-01-01") == []
        assert len(found(since="2020-01-01")) == 3
        view = workspace.ledger("a", newest=1)
        assert [entry.command for entry in view.entries] == ["search"]
        assert (view.names, view.matching) == ({LEASE_DIGEST: ("lease.md",)}, 3)


def test_a_document_that_is_erased_leaves_its_digest_only(desk: Desk) -> None:
    with opened(desk) as workspace:
        workspace.ask("a", RENT)
        (desk.root / "a/lease.md").unlink()
        desk.write("a", "other.md", LETTER)
        workspace.ingest("a")
        view = workspace.ledger("a", document=LEASE_DIGEST)
        assert [entry.command for entry in view.entries] == ["ask"]
        assert view.names == {}


def test_no_word_of_questions_documents_or_their_names_stands_in_it(desk: Desk) -> None:
    with opened(desk) as workspace:
        workspace.ask("a", RENT)
        workspace.summarize("a", focus="Birch Foods")
        workspace.nightly("a")
    files = [path.read_bytes().lower() for path in desk.store().glob("ledger.*")]
    assert len(files) == 4
    words = {word for word in f"{LEASE} {RENT} lease.md".lower().split() if len(word) > 4}
    found = [word for word in words for data in files if word.encode() in data]
    assert found == []
    assert b"lease.md" in b"".join(  # the control: a report does name it
        path.read_bytes() for path in (desk.store() / "runs").iterdir()
    )


@pytest.mark.parametrize("fault", [StorageFault("full"), CheckFailed("changed")])
def test_what_cannot_be_noted_is_not_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def full(self: Ledger, entry: LedgerEntry) -> LedgerEntry:
        raise fault

    monkeypatch.setattr(Ledger, "append", full)
    monkeypatch.setattr(Ledger, "prepare", lambda self: full(self, None))  # type: ignore[arg-type]
    with opened(desk) as workspace:
        for ask in (
            lambda: workspace.search("a", RENT),
            lambda: workspace.ask("a", RENT),
            lambda: workspace.summarize("a"),
            lambda: workspace.ingest("b"),
        ):
            with pytest.raises(type(fault)):
                ask()
        assert not (desk.store("b") / "catalog.db").exists()


def test_with_the_ledger_off_nothing_is_noted_and_all_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.workspace.base.Builder", FakeBuilder)
    desk = Desk(tmp_path, settings=", ledger: off, parsing: {ocr: off}")
    desk.write("a", "lease.md", LEASE)
    with opened(desk) as workspace:
        workspace.ingest("a")
        assert workspace.ask("a", RENT).outcome == "found"
    assert not list(desk.store().glob("ledger*"))


@pytest.mark.parametrize("command", ["search", "ask", "summarize"])
def test_what_could_not_be_noted_is_told_before_a_model_is_opened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """An answer takes minutes to write, and then could not be shown."""
    begun: list[str] = []
    for name in ("searching", "answering", "batch_parts"):
        monkeypatch.setattr(FakeBuilder, name, lambda *given, opened=name: begun.append(opened))
    path = desk.store() / "ledger.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"done"', b'"lost"'))
    calls: dict[str, Callable[[Workspace], object]] = {
        "search": lambda workspace: workspace.search("a", RENT),
        "ask": lambda workspace: workspace.ask("a", RENT),
        "summarize": lambda workspace: workspace.summarize("a"),
    }
    with opened(desk) as workspace, pytest.raises(CheckFailed, match="last line was altered"):
        calls[command](workspace)
    assert begun == []


@pytest.mark.parametrize("command", ["search", "ask"])
def test_nor_is_an_opened_one_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    with opened(desk) as workspace:
        workspace.ask("a", RENT)
        path = desk.store() / "ledger.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"found"', b'"lost "'))
        for kind in (Searching, Answering):
            for name in ("search", "answer"):
                monkeypatch.setattr(kind, name, _asked_in_vain, raising=False)
        with pytest.raises(CheckFailed, match="last line was altered"):
            getattr(workspace, command)("a", RENT)


def _asked_in_vain(*given: object, **named: object) -> None:
    raise AssertionError("it was asked, though its answer cannot be noted")


@pytest.mark.parametrize("shown", ["on_quote", "on_sentence"])
def test_an_answer_that_ends_early_has_noted_what_it_may_have_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, shown: str
) -> None:
    """Quotes and sentences are shown while the rest is written; then Ctrl-C, or a kill."""
    noted: list[dict[str, Any]] = []

    def interrupted(quoted_or_written: object) -> None:
        noted.append(last(desk))
        raise KeyboardInterrupt

    with opened(desk) as workspace:
        with pytest.raises(KeyboardInterrupt):
            workspace.ask(
                "a",
                RENT,
                style="compose",
                on_sentence=interrupted if shown == "on_sentence" else None,
                on_quote=interrupted if shown == "on_quote" else None,
                with_pipelines=("b",),
            )
        asked = workspace.ledger("a", question=RENT).entries
    (begun,) = noted  # when the first sentence was shown
    assert (begun["command"], begun["outcome"]) == ("ask", "begun")
    assert (begun["documents"], begun["generation"]) == ([LEASE_DIGEST], 1)
    assert begun["with_pipelines"] == ["b"]
    assert [entry.outcome for entry in asked] == ["begun", "interrupted"]


def test_an_ask_that_fails_is_noted_as_such(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object, **named: object) -> None:
        raise StorageFault("the index is gone")

    monkeypatch.setattr(Answering, "answer", broken)
    with opened(desk) as workspace, pytest.raises(StorageFault):
        workspace.ask("a", RENT)
    entry = last(desk)
    assert (entry["command"], entry["outcome"], bool(entry["question"])) == ("ask", "failed", True)


@pytest.mark.parametrize("question", ["\udcff", "How much \ud800 is it?"])
def test_a_question_that_is_no_text_is_refused_in_words(desk: Desk, question: str) -> None:
    with opened(desk) as workspace:
        for call in (
            lambda: workspace.ask("a", question),
            lambda: workspace.search("a", question),
            lambda: workspace.summarize("a", focus=question),
            lambda: workspace.ledger("a", question=question),
        ):
            with pytest.raises(UsageFault, match="not valid UTF-8"):
                call()


def test_the_command_refuses_what_is_no_text(desk: Desk) -> None:
    (desk.root / "questions.jsonl").write_text('{"id": 1, "question": "\\ud800"}\n')
    for done in (
        desk.run("search", "a", "\udcff"),
        desk.run("search", "a", "-", typed="\udcff", LANG="en_US.UTF-8", PYTHONUTF8="1"),
        desk.run("search", "a", "--questions", "questions.jsonl"),
    ):
        assert (done.returncode, done.stdout) == (2, ""), done
        assert "is not valid U" in done.stderr


def test_it_can_be_asked_by_folder_and_pattern_and_a_strange_time_is_no_fault(desk: Desk) -> None:
    with opened(desk) as workspace:
        workspace.search("a", RENT)
        for document in ("*.md", "lease.*"):
            entries = workspace.ledger("a", document=document).entries
            assert [entry.command for entry in entries] == ["search"]
        with pytest.raises(UsageFault, match="no document"):
            workspace.ledger("a", document="*.pdf")
        Ledger(desk.store()).append(replace(entry_of(desk), at="yesterday"))
        found = workspace.ledger("a", since="2020-01-01").entries
    assert [entry.at == "yesterday" for entry in found] == [False, False, True]


def entry_of(desk: Desk) -> LedgerEntry:
    return LedgerEntry.from_dict(last(desk))


def test_an_empty_head_is_no_head(desk: Desk) -> None:
    """An empty variable of a script would else be taken for a proof."""
    done = desk.run("audit", "verify", "a", "--head", "")
    assert (done.returncode, done.stdout) == (2, "")
    assert "The head is empty" in done.stderr


def test_an_emptied_index_says_so(desk: Desk) -> None:
    (desk.root / "a/lease.md").unlink()
    with opened(desk) as workspace:
        workspace.ingest("a", allow_empty=True)
    done = desk.run("ask", "a", RENT)
    assert done.returncode == 6
    assert "ragkit ingest a" in done.stderr


def test_the_command_shows_and_checks(desk: Desk) -> None:
    with opened(desk) as workspace:
        workspace.ask("a", RENT)
        head = workspace.ledger("a").head.hash
    shown = desk.run("audit", "show", "a", "--question", "-", typed=RENT)
    assert shown.returncode == 0
    assert "ask: found" in shown.stdout
    assert "ingest" not in shown.stdout
    assert head in shown.stdout
    assert desk.run("audit", "verify", "a", "--head", head).returncode == 0
    path = desk.store() / "ledger.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"found"', b'"lost "'))
    broken = desk.run("audit", "verify", "a", "--json")
    assert broken.returncode == 9
    verdict = json.loads(broken.stdout)
    assert (verdict["sound"], verdict["fault"]["problem"], verdict["fault"]["line"]) == (
        False,
        "altered",
        2,
    )
    refused = desk.run("ask", "a", RENT)
    assert (refused.returncode, refused.stdout) == (9, "")


def test_many_questions_are_noted_one_by_one_and_several_pipelines_each(desk: Desk) -> None:
    with opened(desk) as workspace:
        workspace.ingest("b")
    questions = [json.dumps({"id": n, "question": RENT}) for n in range(3)]
    (desk.root / "questions.jsonl").write_text("\n".join(questions), encoding="utf-8")
    done: subprocess.CompletedProcess[str] = desk.run(
        "ask", "a", "--questions", "questions.jsonl", "--output", "out.jsonl"
    )
    assert done.returncode == 0
    exported = [entry["exported"] for entry in desk.entries()]
    assert exported == ["", *[str(desk.root / "out.jsonl")] * 3]
    both = desk.run("ask", "a", RENT, "--also", "b", "--json")
    results = json.loads(both.stdout)["results"]
    assert [(each["pipeline"], each["outcome"]) for each in results] == [
        ("a", "found"),
        ("b", "not_found"),
    ]
    assert both.returncode == 6
    assert desk.entries("a")[-1]["with_pipelines"] == ["b"]
    assert desk.entries("b")[-1]["with_pipelines"] == ["a"]
    assert LEASE_DIGEST not in desk.entries("b")[-1]["documents"]
    unknown = desk.run("ask", "a", RENT, "--also", "zz")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "'zz'" in unknown.stderr
    assert "zz" not in [name for entry in desk.entries("a") for name in entry["with_pipelines"]]
