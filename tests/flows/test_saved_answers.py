"""Saved answers that somebody else may have written: read, or refused in one sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ragkit.errors import UsageFault
from ragkit.flows import saved_answers
from ragkit.flows.saved_answers import read_saved
from ragkit.flows.statements import unsupported_in

CITATION: dict[str, Any] = {
    "mark": 1, "document": "a.txt", "sha256": "0" * 64, "page": None, "start": 0, "end": 4,
    "quote": "Rent", "read_as": "file", "confidence": None,
}  # fmt: skip
SENTENCE: dict[str, Any] = {"text": "Rent", "citations": [1], "status": "quoted"}
ANSWER: dict[str, Any] = {
    "version": 1, "pipeline": "a", "question": "What?", "outcome": "found", "text": "Rent [1]",
    "sentences": [SENTENCE], "facts": [{"kind": "date", "text": "Rent", "citations": [1]}],
    "citations": [CITATION], "nearest": [],
}  # fmt: skip


def saved(data: object, name: str = "a.json") -> Any:
    return read_saved(json.dumps(data).encode(), name)


def changed(**fields: object) -> dict[str, Any]:
    return {**ANSWER, "citations": [{**CITATION, **fields}]}


def test_an_answer_is_read_with_all_that_is_checked() -> None:
    (answer,) = saved(ANSWER)
    assert (answer.place, answer.pipeline, answer.text) == ("a.json", "a", "Rent [1]")
    assert answer.citations[0].quote == "Rent"
    assert answer.sentences[0].citations == (1,)
    assert answer.facts[0].kind == "date"


def test_a_mark_of_byte_order_before_it_does_no_harm() -> None:
    assert len(read_saved(b"\xef\xbb\xbf" + json.dumps(ANSWER).encode(), "a")) == 1


def test_lines_of_many_questions_are_read_and_those_that_failed_claim_nothing() -> None:
    failed = {"version": 1, "id": "2", "line": 2, "error": "UsageFault", "message": "It is empty."}
    lines = "\n".join(json.dumps({"id": "1", **ANSWER}) for _ in range(2))
    answers = read_saved(f"{lines}\n{json.dumps(failed)}\n".encode(), "many.jsonl")
    assert [answer.place for answer in answers] == ["many.jsonl, line 1", "many.jsonl, line 2"]


def test_answers_of_several_pipelines_keep_their_names() -> None:
    answers = saved({"version": 1, "results": [ANSWER, {**ANSWER, "pipeline": "b"}]})
    assert [answer.pipeline for answer in answers] == ["a", "b"]


def test_a_summary_is_one_claim_for_the_folder_and_one_for_each_document() -> None:
    fact = {"name": "date", "value": "Rent", "citations": [1]}
    body = {"facts": [fact], "sentences": [SENTENCE], "citations": [CITATION]}
    whole = {"pipeline": "a", "folder": body, "documents": [{"document": "a.txt", **body}]}
    assert [answer.place for answer in saved(whole)] == ["a.json", "a.json, a.txt"]
    assert saved(whole)[1].facts[0].text == "Rent"


def test_a_row_of_a_sweep_has_its_quote_and_one_without_has_none() -> None:
    row = {**CITATION, "question": "What?", "verdict": "found", "confidence": 0.4}
    (found,) = saved(row)
    (nothing,) = saved({**row, "verdict": "not found", "quote": "", "start": None, "end": None})
    assert (found.citations[0].quote, found.citations[0].confidence) == ("Rent", None)
    assert nothing.citations == ()


def test_the_value_of_a_row_is_a_fact_that_must_stand_in_its_quote() -> None:
    row = {
        **CITATION,
        "question": "What?",
        "verdict": "yes",
        "quote": "It is 900 euros.",
        "end": 16,
    }
    told = [list(unsupported_in(saved({**row, "value": value})[0])) for value in ("900 euros", "")]
    assert told == [[], []]
    (forged,) = saved({**row, "value": "900,000 euros"})
    assert [each.why for each in unsupported_in(forged)] == ["it does not stand in its quotes"]
    (bare,) = saved({**row, "quote": "", "value": "900 euros"})
    assert [each.what for each in unsupported_in(bare)] == ["short fact"]


def test_answers_at_one_place_are_numbered() -> None:
    answers = saved({"version": 1, "results": [ANSWER, {**ANSWER, "pipeline": "b"}, ANSWER]})
    assert [answer.place for answer in answers] == [
        "a.json, a, answer 1",
        "a.json, b",
        "a.json, a, answer 2",
    ]


def test_nearest_passages_are_quotes_with_marks_below_zero() -> None:
    near = {"document": "a.txt", "page": None, "start": 0, "end": 4, "text": "Rent", "sha256": ""}
    (answer,) = saved({**ANSWER, "citations": [], "sentences": [], "text": "", "nearest": [near]})
    assert [(cited.mark, cited.quote) for cited in answer.citations] == [(-1, "Rent")]


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"Dear Sir",
    "not UTF-8": b'{"citations": "\xff\xfe"}',
    "half a character": b'{"citations": [], "question": "\\ud800"}',
    "a list": b"[1, 2]",
    "other JSON": b'{"a": 1}',
    "very deep": b'{"citations":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep lists of answers": b'{"results":[' * 300 + b"]}" * 300,
    "a number of 10,000 digits": b'{"citations": [{"start": ' + b"9" * 10_000 + b"}]}",
    "not a number": b'{"citations": [], "seconds": NaN}',
    "a key twice": b'{"citations": [], "citations": []}',
    "only what failed": b'{"id": 1, "error": "UsageFault"}',
    "lines of which one is broken": json.dumps(ANSWER).encode() + b'\n{"id": 2,',
    **{
        name: json.dumps(value).encode()
        for name, value in {
            "citations that are text": {**ANSWER, "citations": "none"},
            "a citation that is a number": {**ANSWER, "citations": [7]},
            "no quote": changed(quote=None),
            "an empty quote": changed(quote="  "),
            "an end before its start": changed(start=9, end=3),
            "a start below 0": changed(start=-1),
            "a start that is true": changed(start=True),
            "a start that is a fraction": changed(start=0.5),
            "a start beyond any file": changed(start=0, end=2**60),
            "page 0": changed(page=0),
            "a page in words": changed(page="one"),
            "a confidence of 7": changed(confidence=7),
            "a document that is a list": changed(document=["a"]),
            "two marks alike": {**ANSWER, "citations": [CITATION, CITATION]},
            "a status that there is not": {**ANSWER, "sentences": [{**SENTENCE, "status": "true"}]},
            "marks in words": {**ANSWER, "sentences": [{**SENTENCE, "citations": ["1"]}]},
            "no marks": {**ANSWER, "facts": [{"kind": "date", "text": "Rent"}]},
        }.items()
    },
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_answer_is_refused_in_a_sentence_without_its_words(data: bytes) -> None:
    with pytest.raises(UsageFault, match="is no saved answer of ragkit: ") as caught:
        read_saved(data, "a.json")
    assert "Rent" not in caught.value.message
    assert len(caught.value.message) < 200


def test_what_is_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.dumps(ANSWER).encode()
    monkeypatch.setattr(saved_answers, "MOST_BYTES", len(data))
    assert len(read_saved(data, "a.json")) == 1
    with pytest.raises(UsageFault, match="is no saved answer of ragkit: it is larger than"):
        read_saved(data + b" ", "a.json")
