"""`ragkit verify` and `ask --evidence` as processes, and every gold answer of the sample corpora."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Samples
from tests.hygiene.desk import LEASE, RENT, Desk
from tests.parsers.samples import pdf

NOTICE = "Either party may terminate this lease with ninety days' written notice."


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A lease as Markdown and a contract as PDF, indexed, with an answer that quotes the lease."""
    desk = Desk(tmp_path_factory.mktemp("verify"))
    desk.write("a", "lease.md", LEASE)
    (desk.root / "a" / "contract.pdf").write_bytes(pdf([f"Contract of hire\n{NOTICE}"]))
    assert desk.run("ingest").returncode == 0
    done = desk.run("ask", "a", RENT, "--json")
    assert done.returncode == 0, done.stderr
    (desk.root / "answer.json").write_text(done.stdout, encoding="utf-8")
    return desk


@pytest.fixture
def desk(indexed: Desk, tmp_path: Path) -> Iterator[Desk]:
    """The same for each test: what one changes is put back. A copy of a store is refused."""
    kept = ("a", "answer.json")
    for name in kept:
        _copy(indexed.root / name, tmp_path / name)
    yield indexed
    shutil.rmtree(indexed.root / "a")
    for name in kept:
        _copy(tmp_path / name, indexed.root / name)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def answer_of(desk: Desk) -> dict[str, Any]:
    return json.loads((desk.root / "answer.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def write_answer(desk: Desk, answer: dict[str, Any]) -> None:
    (desk.root / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


def verify(desk: Desk, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return desk.run("verify", *words, typed=typed)


def test_an_untouched_answer_stands_and_the_ledger_says_that_it_was_checked(desk: Desk) -> None:
    assert answer_of(desk)["pipeline"] == "a"
    done = verify(desk, "answer.json", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["stands"] is True
    assert [quote["state"] for quote in report["answers"][0]["quotes"]] == ["stands"] * len(
        answer_of(desk)["citations"]
    )
    entry = desk.entries()[-1]
    assert (entry["command"], entry["outcome"]) == ("verify", "stands")
    assert sha256(LEASE.encode()).hexdigest() in entry["documents"]


def test_one_changed_byte_is_named_with_its_place_and_beginning(desk: Desk) -> None:
    desk.write("a", "lease.md", LEASE.replace("4,200", "4,300"))
    done = verify(desk, "answer.json")
    assert done.returncode == 9
    assert "lease.md: no longer stands: the file has changed" in " ".join(done.stdout.split())
    assert "The monthly rent is" in done.stdout
    assert "[1]" in done.stdout
    assert desk.entries()[-1]["outcome"] == "does not stand"


def test_a_changed_file_whose_quotes_stand_fails_only_where_that_is_asked(desk: Desk) -> None:
    desk.write("a", "lease.md", f"Copy for the tenant.\n\n{LEASE}")
    done = verify(desk, "answer.json")
    assert done.returncode == 0
    assert "still stands (now characters" in " ".join(done.stdout.split())
    assert verify(desk, "answer.json", "--strict").returncode == 9


def test_a_renamed_file_is_gone_and_found_by_its_bytes(desk: Desk) -> None:
    (desk.root / "a" / "lease.md").rename(desk.root / "a" / "lease-2021.md")
    done = verify(desk, "answer.json")
    assert done.returncode == 9
    assert "the same file now lies at lease-2021.md" in " ".join(done.stdout.split())


def test_an_answer_that_was_edited_fails(desk: Desk) -> None:
    answer = answer_of(desk)
    answer["sentences"][0]["text"] = "The monthly rent is 9,200 euros."
    write_answer(desk, answer)
    done = verify(desk, "answer.json")
    assert done.returncode == 9
    assert "A sentence: it is not, word for word" in " ".join(done.stdout.split())


def test_an_edited_quote_fails(desk: Desk) -> None:
    answer = answer_of(desk)
    for citation in answer["citations"]:
        citation["quote"] = citation["quote"].replace("4,200", "9,200")
    write_answer(desk, answer)
    assert verify(desk, "answer.json").returncode == 9


def test_a_document_that_cannot_be_read_any_more_is_exit_code_3(desk: Desk) -> None:
    (desk.root / "a" / "lease.md").write_bytes(bytes(range(256)) * 40)
    done = verify(desk, "answer.json")
    assert done.returncode == 3
    assert "could not be checked" in done.stdout


def test_neither_the_index_nor_a_store_is_needed_and_none_is_made(desk: Desk) -> None:
    store = desk.root / ".ragkit"
    store.rename(desk.root / "away")
    try:
        typed = (desk.root / "answer.json").read_text(encoding="utf-8")
        done = verify(desk, "-", typed=typed)
        assert done.returncode == 0, done.stderr
        assert "Everything stands." in done.stdout
        assert not store.exists()
    finally:
        (desk.root / "away").rename(store)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b'{"a": 1}', b"[" * 200_000], ids=["", "bytes", "other", "deep"]
)
def test_what_is_no_answer_is_one_sentence(indexed: Desk, data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(data)
    done = verify(indexed, str(file))
    assert done.returncode == 2
    assert "is no saved answer of ragkit" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 2  # the sentence and the next command


def test_a_file_that_is_not_there_is_told(indexed: Desk) -> None:
    done = verify(indexed, "none.json", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["message"].startswith("none.json cannot be read")


# Evidence


def ask_with(desk: Desk, file: str, *words: str) -> subprocess.CompletedProcess[str]:
    return desk.run("ask", "a", "How may the lease be terminated?", "--evidence", file, *words)


def test_an_evidence_page_is_private_and_its_export_is_in_the_ledger(desk: Desk) -> None:
    done = ask_with(desk, "out.html", "--json")
    assert done.returncode == 0, done.stderr
    page = desk.root / "out.html"
    text = page.read_text(encoding="utf-8")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert [path.name for path in desk.root.glob(".*.new")] == []
    for citation in json.loads(done.stdout)["citations"]:
        assert citation["sha256"] in text
    assert 'href="data:image/png;base64,' in text
    assert '<rect class="hit"' in text
    assert desk.entries()[-1]["exported"] == str(page)


def test_nothing_that_is_there_is_written_over_and_no_document_is_made(indexed: Desk) -> None:
    (indexed.root / "there.html").write_text("mine", encoding="utf-8")
    (indexed.root / "link.html").symlink_to(indexed.root / "a" / "lease.md")
    before = len(indexed.entries())
    for file, why in (
        ("there.html", "already there"),
        ("link.html", "already there"),
        ("a/page.html", "among"),
        (".ragkit/a/page.html", "among"),
        ("page.pdf", "web page"),
        ("none/page.html", "no folder"),
    ):
        done = ask_with(indexed, file)
        assert (done.returncode, why in done.stderr) == (2, True), (file, done.stderr)
    assert (indexed.root / "there.html").read_text(encoding="utf-8") == "mine"
    assert not (indexed.root / "a" / "page.html").exists()
    assert len(indexed.entries()) == before, "nothing was asked"


def test_it_is_for_one_question(indexed: Desk) -> None:
    questions = indexed.root / "q.jsonl"
    questions.write_text('{"id": 1, "question": "Who?"}\n', encoding="utf-8")
    done = indexed.run("ask", "a", "--questions", "q.jsonl", "--evidence", "page.html")
    assert done.returncode == 2
    assert "one question" in done.stderr


# The sample corpora


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("legal", 5),
        ("medical", 5),
        pytest.param("legal", 1000, marks=pytest.mark.long),
        pytest.param("medical", 1000, marks=pytest.mark.long),
    ],
)
def test_every_citation_of_the_gold_questions_stands(
    samples: Samples, name: str, most: int
) -> None:
    from ragkit.flows.saved_answers import read_saved
    from ragkit.gold import read_gold
    from ragkit.workspace import Workspace

    samples.indexed(name)
    gold = read_gold(samples.folder / "corpora" / name / "questions.yaml")[:most]
    with Workspace(samples.settings) as workspace:
        answers = [workspace.ask(name, question.question) for question in gold]
        saved = [
            each for one in answers for each in read_saved(json.dumps(one.as_dict()).encode(), "a")
        ]
        recheck = workspace.verify_answers(tuple(saved))
    assert len(recheck.answers) == len(gold)
    assert {quote.state for quote in recheck.quotes()} == {"stands"}
    assert [text for answer in recheck.answers for text in answer.unsupported] == []
