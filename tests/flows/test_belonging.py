"""What belongs to a chosen contract: its amendments and newer versions, as far as the filters let in."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.flows.belonging import belonging
from ragkit.types.scope import Scope
from tests.flows.corpus import Corpus

BETWEEN = 'between {} ("Supplier") and Pellgate plc ("Customer").'
ORRIN, ORWIN = (BETWEEN.format(name) for name in ("Orrin Ltd", "Orwin GmbH"))
BASE = "SERVICES AGREEMENT\n\nThis Services Agreement is made on 1 February 2022 {}\n\n1. Liability. {}\n"
AMENDMENT = (
    "AMENDMENT No. {} TO THE SERVICES AGREEMENT\n\ndated 1 March 202{} {}\n\n1. Clause 1 is new.\n"
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    corpus = Corpus(Path(tmp_path_factory.mktemp("belonging")))
    corpus.write("orrin.txt", BASE.format(ORRIN, "EUR 250,000."))
    corpus.write("orwin.txt", BASE.format(ORWIN, "EUR 100,000."))
    corpus.write("changes/first.txt", AMENDMENT.format(1, 3, ORRIN))
    corpus.write("second.txt", AMENDMENT.format(2, 4, ORRIN))
    corpus.write("policy_v1.txt", "POLICY\n\nLeave is 20 days.\n")
    corpus.write("policy_v2.txt", "POLICY\n\nLeave is 22 days.\n")
    corpus.write("policy_v3.txt", "POLICY\n\nLeave is 25 days.\n")
    corpus.ingest()
    return corpus


@pytest.mark.parametrize(
    ("chosen", "along"),
    [
        ("orrin.txt", {"changes/first.txt", "second.txt"}),
        ("orwin.txt", set()),
        ("second.txt", set()),
        ("policy_v1.txt", {"policy_v2.txt", "policy_v3.txt"}),
        ("policy_v3.txt", set()),
        ("nowhere.txt", set()),
    ],
)
def test_amendments_and_newer_versions_come_along(
    corpus: Corpus, chosen: str, along: set[str]
) -> None:
    assert set(belonging(corpus.pipeline, chosen, None)) == along


def test_only_what_fits_the_filters(corpus: Corpus) -> None:
    within = Scope(documents=("orrin.txt", "changes"))
    assert belonging(corpus.pipeline, "orrin.txt", within) == ("changes/first.txt",)
