"""kill -9 at random moments of a sweep and of summaries: what was made is kept, nothing is made twice."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from ragkit.catalog import CATALOG_NAME
from tests.crash.scene import REPOSITORY
from tests.flows.corpus import Corpus
from tests.flows.summarizing import LEASE
from tests.sweeps.batch_child import PAUSE, QUESTIONS

DOCUMENTS = 16
PROGRESS = ("judged", "summarized", "write")
"""Steps of which a run that goes on takes none again, but for files, which are all written anew."""
STEPS = 2 * DOCUMENTS + 3 * DOCUMENTS
KILLS = 5
ROWS = (DOCUMENTS + 1) * len(QUESTIONS)
"""Of the document that cannot be read too."""


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    corpus = Corpus(tmp_path_factory.mktemp("kills"))
    for number in range(DOCUMENTS - 1):
        corpus.write(f"{number:02}.txt", LEASE.replace("4,200", f"{number + 10},200"))
    corpus.write("broken.txt", "UNREADABLE")
    corpus.write("pets.txt", "The tenant keeps pets: two cats.")
    corpus.ingest()
    return corpus


@pytest.fixture
def corpus(indexed: Corpus) -> Iterator[Corpus]:
    """As it was indexed: nothing swept, nothing summarized."""
    yield indexed
    with closing(sqlite3.connect(indexed.pipeline.store / CATALOG_NAME)) as catalog, catalog:
        catalog.execute("DELETE FROM findings")
        catalog.execute("DELETE FROM summaries")
    for path in sorted(indexed.root.glob("summaries/**/*"), reverse=True):
        path.unlink()
    (indexed.root / "rows.jsonl").unlink(missing_ok=True)


def test_killed_five_times_nothing_is_made_twice(corpus: Corpus) -> None:
    _kill_and_go_on(corpus, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 6))
def test_killed_twenty_times_nothing_is_made_twice(corpus: Corpus, seed: int) -> None:
    _kill_and_go_on(corpus, seed)


def _kill_and_go_on(corpus: Corpus, seed: int) -> None:
    """Each run goes on where the one before was killed; the last one is let be."""
    chance = random.Random(seed)
    moments = sorted(chance.sample(range(1, STEPS), KILLS))
    runs: list[list[list[str]]] = []
    for before, moment in zip([0, *moments], moments, strict=False):
        _require_kept_alone(runs, corpus)
        runs.append(_killed(corpus, moment - before, chance.uniform(0, 2 * PAUSE)))
        _require_whole_or_absent(corpus)
    runs.append(_undisturbed(corpus))
    assert runs[-1][-1] == ["done", str(DOCUMENTS)]
    _require_counts(corpus, runs[-1])
    _require_nothing_twice(runs)
    _require_whole(corpus)


def _killed(corpus: Corpus, steps: int, later: float) -> list[list[str]]:
    """Killed so many steps on, and a moment later. What it told."""
    told: list[list[str]] = []
    with _started(corpus) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told.append(line.split())
            if sum(words[0] in PROGRESS for words in told) == steps:
                time.sleep(later)
                process.send_signal(signal.SIGKILL)
                break
        told += [line.split() for line in process.stdout]
    assert process.returncode == -signal.SIGKILL, "it ended before it was killed"
    return told


def _undisturbed(corpus: Corpus) -> list[list[str]]:
    with _started(corpus) as process:
        assert process.stdout is not None
        told = [line.split() for line in process.stdout]
    assert process.returncode == 0
    return told


def _started(corpus: Corpus) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.sweeps.batch_child", str(corpus.root)]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def _require_kept_alone(runs: Sequence[list[list[str]]], corpus: Corpus) -> None:
    """What was told to be kept is there: a kill takes nothing back."""
    with closing(sqlite3.connect(corpus.pipeline.store / CATALOG_NAME)) as catalog:
        swept = {str(row[0]) for row in catalog.execute("SELECT content_id FROM findings")}
        summarized = {str(row[0]) for row in catalog.execute("SELECT content_id FROM summaries")}
    assert _of("judged", *runs) <= swept
    assert _of("summarized", *runs) <= summarized


def _require_nothing_twice(runs: Sequence[list[list[str]]]) -> None:
    """No document is begun again once it was kept; only what was in work at a kill is."""
    for begin, keep, at_once in (("judge", "judged", 1), ("choose", "summarized", DOCUMENTS)):
        kept: set[str] = set()
        again: Counter[str] = Counter()
        for run in runs:
            begun = [words[1] for words in run if words[0] == begin]
            assert len(begun) == len(set(begun))
            assert kept.isdisjoint(begun)
            in_work = set(begun) - _of(keep, run)
            assert len(in_work) <= at_once
            again.update(begun)
            kept |= _of(keep, run)
        assert kept <= set(again)
        assert len(again) == DOCUMENTS
        assert len(set(again) - kept) <= KILLS  # killed between keeping it and telling so


def _of(kind: str, *runs: list[list[str]]) -> set[str]:
    return {words[1] for run in runs for words in run if words[0] == kind}


def _require_whole_or_absent(corpus: Corpus) -> None:
    """Under its name a file is whole."""
    if (corpus.root / "rows.jsonl").exists():
        _require_all_rows(corpus)
    for path in corpus.root.glob("summaries/**/*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    for path in corpus.root.glob("summaries/**/[!.]*.md"):
        assert path.read_text(encoding="utf-8").startswith("# ")


def _require_all_rows(corpus: Corpus) -> Counter[tuple[str, str]]:
    """How many rows there are of each question and verdict."""
    lines = (corpus.root / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) == ROWS
    assert len({(row["id"], row["document"]) for row in rows}) == ROWS
    return Counter((row["id"], row["verdict"]) for row in rows)


def _require_counts(corpus: Corpus, told: Sequence[list[str]]) -> None:
    """What the sweep counts are the rows of its file, and all of them."""
    rows = _require_all_rows(corpus)
    counts = {words[1]: list(map(int, words[2:])) for words in told if words[0] == "count"}
    assert sum(map(sum, counts.values())) == ROWS
    for name, told_of in counts.items():
        verdicts = ("yes", "no", "unclear", "unreadable")
        assert told_of == [rows[name, verdict] for verdict in verdicts]


def _require_whole(corpus: Corpus) -> None:
    """All is there, and nothing half-written beside it."""
    _require_whole_or_absent(corpus)
    folder = corpus.root / "summaries"
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert len(summary["documents"]) == DOCUMENTS
    assert len(list(folder.glob("*.txt.json"))) == DOCUMENTS
    left = [path for path in corpus.root.rglob(".*") if ".new" in path.name]
    assert left == []
