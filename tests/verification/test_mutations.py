"""Rates on seeded changes of true sentences: faults caught, faithful sentences withheld.

The sample corpora are always here; the evaluation data where RAGKIT_EVAL_DATA names its folder.
"""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path

import pytest

from ragkit.bench.fault_cases import faithful_cases, fault_cases
from ragkit.bench.faults import FAULTS
from ragkit.bench.true_sentences import most_alike, true_sentences
from ragkit.bench.verifying import (
    Rate,
    VerificationResult,
    bench_verification,
    show_verification,
)
from ragkit.errors import UsageFault

SOURCES = Path(__file__).resolve().parents[2] / "corpora" / "sources"
LEAST_CAUGHT = 0.97
LEAST_CAUGHT_OF_A_KIND = 0.9
MOST_WITHHELD = 0.05
LEAST_CAUGHT_IN_OTHER_WORDS = 0.9
KINDS = {*FAULTS, "wrong page", "merged persons"}


@pytest.fixture(scope="module")
def samples() -> VerificationResult:
    return bench_verification(SOURCES)


@pytest.fixture(scope="module")
def measured() -> VerificationResult:
    folder = os.environ.get("RAGKIT_EVAL_DATA")
    if not folder:
        pytest.skip("RAGKIT_EVAL_DATA is not set: the evaluation data is not here")
    return bench_verification(Path(folder))


def _both(result: VerificationResult, group: str) -> Rate:
    halves = [result.total(group, half) for half in ("open", "held out")]
    return Rate(sum(one.withheld for one in halves), sum(one.cases for one in halves))


def _of_kind(result: VerificationResult, group: str, kind: str) -> Rate:
    halves = [rates[kind] for rates in result.rates[group].values() if kind in rates]
    return Rate(sum(one.withheld for one in halves), sum(one.cases for one in halves))


def test_faults_in_the_sample_corpora_are_caught(samples: VerificationResult) -> None:
    assert _both(samples, "faults").share >= LEAST_CAUGHT
    assert _both(samples, "faults in other words").share >= LEAST_CAUGHT_IN_OTHER_WORDS
    for kind in samples.rates["faults"]["open"]:
        assert _of_kind(samples, "faults", kind).share >= LEAST_CAUGHT_OF_A_KIND, kind


def test_faithful_sentences_of_the_sample_corpora_pass(samples: VerificationResult) -> None:
    assert _both(samples, "faithful").share <= MOST_WITHHELD


@pytest.mark.eval_data
def test_faults_are_caught(measured: VerificationResult) -> None:
    """Four hundred, forty of each kind."""
    print(show_verification(measured))
    assert _both(measured, "faults").cases >= 390
    assert _both(measured, "faults").share >= LEAST_CAUGHT
    assert {kind for rates in measured.rates["faults"].values() for kind in rates} == KINDS
    for kind in KINDS:
        assert _of_kind(measured, "faults", kind).share > LEAST_CAUGHT_OF_A_KIND, kind


@pytest.mark.eval_data
def test_faithful_sentences_pass(measured: VerificationResult) -> None:
    """Two hundred made by rule and two hundred written by hand."""
    assert _of_kind(measured, "faithful", "written by hand").cases >= 200
    assert _both(measured, "faithful").cases >= 390
    assert _both(measured, "faithful").share <= MOST_WITHHELD


def test_no_sentence_of_a_document_is_kept_with_the_rewordings() -> None:
    """What was written by hand comes with places only, and is not what stands there."""
    lines = (files("ragkit.bench") / "faithful.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 250
    for line in lines:
        written = json.loads(line)
        assert set(written) == {"document", "start", "end", "text"}
        path = SOURCES / written["document"]
        if path.is_file():
            there = path.read_bytes().decode()[written["start"] : written["end"]]
            assert there.strip() not in written["text"]


def test_the_same_seed_makes_the_same_cases(tmp_path: Path) -> None:
    text = "The Supplier shall pay 30 days after delivery of all goods.\n"
    for place in range(20):
        (tmp_path / f"{place}.txt").write_text(text.replace("30", str(30 + place)))
    sentences = true_sentences(tmp_path, 7)
    assert fault_cases(sentences, 7) == fault_cases(true_sentences(tmp_path, 7), 7)
    assert all(case.claim != case.cited[0].text for case in fault_cases(sentences, 7))
    assert not any(case.is_fault for case in faithful_cases(sentences, 7))


def test_a_folder_without_documents_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=r"No \.txt or \.md"):
        bench_verification(tmp_path)


def test_the_most_alike_is_never_the_same_statement() -> None:
    others = ["The Buyer shall pay the price within 31 days.", "The Buyer may inspect the goods."]
    assert most_alike("The Buyer shall pay the price within 30 days.", others) == others[1]
    assert most_alike("The Buyer shall pay the price within 30 days.", others[:1]) is None


def test_a_table_for_people_has_each_kind_once(samples: VerificationResult) -> None:
    lines = show_verification(samples).splitlines()
    assert sum(line.startswith("  negation") for line in lines) == 2
    assert "held out" in lines[0]
    data = samples.as_dict()
    assert data["version"] == 1
    assert json.loads(json.dumps(data)) == data
