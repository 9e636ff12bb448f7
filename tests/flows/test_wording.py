"""A list of one's own: how one's documents say what people ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.config import load_config
from ragkit.errors import ConfigFault
from ragkit.flows.wording import load_wording
from ragkit.retrieval.analysis import question_words
from ragkit.retrieval.wording import Wording

LIST = """
retainer: [advance fee, on account]
out of office: parental leave
RTO: return to office
"""


def said(wording: Wording, question: str) -> tuple[str, ...]:
    return wording.said(question, question_words(question, "en"), ("contract",))


def test_a_list_adds_to_those_of_the_trades(tmp_path: Path) -> None:
    file = tmp_path / "words.yaml"
    file.write_text(LIST, encoding="utf-8")
    wording = load_wording(file, is_built_in=True)
    assert said(wording, "What of the retainers?") == ("advance fee", "on account")
    assert "parental leave" in said(wording, "Who is out of the office?")
    assert said(wording, "Who sets the RTO?") == ("return to office",)
    assert said(wording, "Who sets the rto?") == ()
    assert "merger" in said(wording, "Is there a takeover?")


def test_the_trades_can_be_left_out(tmp_path: Path) -> None:
    assert said(load_wording(None, is_built_in=False), "Is there a takeover?") == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("- retainer", "must map what is asked"),
        ("retainer:", "a phrase, or a list of phrases"),
        ("retainer: []", "a phrase, or a list of phrases"),
        ("retainer: [fee, {a: b}]", "a phrase, or a list of phrases"),
        ("of the: fee", "no word to be found by"),
        ("a: [b", "not valid YAML"),
    ],
)
def test_a_faulty_list_is_told_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "words.yaml"
    file.write_text(f"fee: charge\n{text}\n" if text[0] not in "-" else text, encoding="utf-8")
    with pytest.raises(ConfigFault) as raised:
        load_wording(file, is_built_in=True)
    told = [raised.value.message, *(str(each) for each in raised.value.faults)]
    assert fault in " ".join(told)
    assert all(each.line for each in raised.value.faults)


def test_a_missing_list_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="There is no file"):
        load_wording(tmp_path / "words.yaml", is_built_in=True)


def test_its_place_is_relative_to_the_settings(tmp_path: Path) -> None:
    (tmp_path / "pipelines.yaml").write_text(
        "pipelines:\n  legal: {folders: [docs], search: {words: lists/words.yaml}}\n"
    )
    pipeline = load_config(tmp_path / "pipelines.yaml").pipeline("legal")
    assert pipeline.words_file == tmp_path / "lists" / "words.yaml"
