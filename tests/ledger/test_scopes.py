"""Filters in the ledger: by keyed hash only, and lines without any are as they always were."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.config import Pipeline
from ragkit.flows.noting import Noting
from ragkit.ledger import Ledger
from ragkit.ledger.chain import hash_of, line_of, parse
from ragkit.settings import PipelineSettings
from ragkit.types import SearchResult
from ragkit.types.ledger import LedgerEntry
from ragkit.types.scope import Scope, Scoped
from tests.ledger.book import entry


def test_a_line_without_filters_is_as_before_there_were_any() -> None:
    data = entry().as_dict()
    assert "scope" not in data
    assert LedgerEntry.from_dict(data) == entry()


def test_a_line_with_filters_has_one_form_only() -> None:
    made = replace(entry(), n=1, before="0" * 64, scope="aa" * 32)
    line = line_of(replace(made, hash=hash_of(made)))
    assert parse(line) == replace(made, hash=hash_of(made))
    data = json.loads(line)
    with pytest.raises(ValueError, match="no scope"):
        LedgerEntry.from_dict({**data, "scope": ""})
    with pytest.raises(ValueError, match="another kind"):
        LedgerEntry.from_dict({**data, "scope": 3})
    del data["scope"]
    assert parse((json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n").encode()) is None


def test_a_search_notes_its_filters_and_no_word_of_them(tmp_path: Path) -> None:
    store = tmp_path / ".ragkit" / "p"
    store.mkdir(parents=True)
    settings = PipelineSettings(folders=("docs",))
    noting = Noting(Pipeline("p", (tmp_path,), store, settings, tmp_path / "pipelines.yaml"))
    scope = Scope(where={"client": "Wintergreen"})
    for told in (None, Scoped(scope, 1, 2)):
        result = SearchResult("Who?", (), 0.1, scope=told)
        noting.search(result, asked="Who?", with_pipelines=(), exported="")
    without, limited = Ledger(store).read()
    assert without.scope == ""
    assert limited.scope == Ledger(store).question("--where client=Wintergreen")
    assert "Wintergreen" not in (store / "ledger.jsonl").read_text()
    assert Ledger(store).verify("p").sound
