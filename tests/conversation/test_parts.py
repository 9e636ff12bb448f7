"""Choices, the budget of the history, files, and what a model may write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ragkit.conversation.choosing import choice_of
from ragkit.conversation.history import History, line_of
from ragkit.conversation.rewriting import (
    LONGEST_FOLLOW_UP,
    Said,
    Standing,
    stand_alone_after,
)
from ragkit.conversation.saving import SavedFiles, place_named
from ragkit.conversation.wordcheck import is_allowed
from ragkit.errors import StorageFault, UsageFault
from ragkit.types import Answer, Citation, Coverage
from ragkit.types.conversation import Turn

OPTIONS = ("letters/garcia_lopera.pdf", "letters/garcia_lopez.pdf", "es/notas.txt")


def turn(number: int, quote: str = "words") -> Turn:
    cited = Citation(1, "a.txt", "d" * 64, None, 0, len(quote), quote)
    answer = Answer("q", "found", "quote", (), (cited,), Coverage(1, 1), "", 1, 0.1)
    return Turn(number, "q", "q", answer)


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("2", 1),
        ("[3]", 2),
        ("the second", 1),
        ("and the second one?", 1),
        ("la primera", 0),
        ("¿y el segundo?", 1),
        ("the last one", 2),
        ("el último", 2),
        ("lopez", 1),
        ("letters/garcia_lopera.pdf", 0),
        ("es/notas.txt", 2),
    ],
)
def test_a_choice_in_many_words(typed: str, at: int) -> None:
    choice = choice_of(typed, OPTIONS, listed=True)
    assert choice is not None
    assert choice.at == at


@pytest.mark.parametrize("typed", ["4", "0", "the fourth", "the other one", "el otro"])
def test_a_choice_of_what_is_not_there(typed: str) -> None:
    choice = choice_of(typed, OPTIONS, listed=True)
    assert choice is not None
    assert choice.at is None


@pytest.mark.parametrize(
    "typed", ["Who signed the second lease?", "garcia", "the tenant", "What is the first date?", ""]
)
def test_a_question_is_no_choice(typed: str) -> None:
    assert choice_of(typed, OPTIONS, listed=True) is None


def test_the_other_of_two() -> None:
    choice = choice_of("and the other one?", OPTIONS[:2], OPTIONS[1], listed=True)
    assert choice is not None
    assert choice.at == 0


def test_the_oldest_turn_is_forgotten_first() -> None:
    history = History(turns=2)
    assert [t.number for number in (1, 2, 3) for t in history.add(turn(number))] == [1]
    assert [t.number for t in history] == [2, 3]


def test_characters_count_too_and_the_newest_stays() -> None:
    history = History(characters=3000)
    history.add(turn(1))
    forgotten = history.add(turn(2, "x" * 5000))
    assert [t.number for t in forgotten] == [1]
    assert history.last == turn(2, "x" * 5000)


def test_a_saved_file_grows_by_whole_lines_for_its_owner_alone(tmp_path: Path) -> None:
    save, path = SavedFiles(), tmp_path / "a.jsonl"
    save(path, [line_of(turn(1))])
    save(path, [line_of(turn(2)), line_of(turn(3))])
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["turn"] for line in lines] == [1, 2, 3]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["a.jsonl"]


def test_no_file_that_was_there_is_written(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text("mine")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "c.txt")
    for name in ("b.jsonl", "link.jsonl", "c.txt", ".bashrc"):
        with pytest.raises(UsageFault):
            SavedFiles()(tmp_path / name, ["{}"])
    with pytest.raises(StorageFault, match="cannot be written"):
        SavedFiles()(tmp_path / "none" / "a.jsonl", ["{}"])
    assert (tmp_path / "b.jsonl").read_text() == "mine"
    assert not (tmp_path / "c.txt").exists()


SAID = ["Why was tramadol stopped for Ana Ruiz?", "and the dose?"]


@pytest.mark.parametrize(
    ("written", "is_fine"),
    [
        ("What was the dose of tramadol for Ana Ruiz?", True),
        ("What was the dose of ibuprofen for Ana Ruiz?", False),
        ("Why was tramadol stopped for Ana Ruiz?", False),
        ("What was the dose\nof tramadol?", False),
        ("What was the dose of tramadol for Ana Ruiz in 2024?", False),
        ("the dose " * 20, False),
        ("", False),
    ],
)
def test_a_model_may_only_use_words_that_were_said(written: str, is_fine: bool) -> None:
    assert is_allowed(written, SAID) is is_fine


@pytest.mark.parametrize("name", ["~nosuchuser-at-all/a.jsonl", "a\0b.jsonl"])
def test_what_names_no_file_is_told(name: str) -> None:
    with pytest.raises(UsageFault):
        place_named(Path(name))


def test_a_line_longer_than_a_person_types_stands_alone() -> None:
    before = [Said("What is the liability cap in the agreement with Northwind?")]
    assert stand_alone_after("and for Calderbrook?", before).verdict == "rewritten"
    typed = "and for " * LONGEST_FOLLOW_UP + "Calderbrook?"
    assert stand_alone_after(typed, before) == Standing("alone", typed)
