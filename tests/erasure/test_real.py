"""With the real models, through the workspace: everything a user does, then a purge."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.catalog.holdings import undeclared_files
from ragkit.workspace import Workspace
from tests.erasure.made_up import write_document


@pytest.mark.real
@pytest.mark.parametrize("count", [4, pytest.param(20, marks=pytest.mark.long)])
def test_after_all_that_can_be_done_a_purge_leaves_nothing(
    tmp_path: Path, starter_models: dict[str, Path], count: int
) -> None:
    (tmp_path / "files").mkdir()
    paths = [write_document(tmp_path / "files", number) for number in range(count)]
    config = tmp_path / "pipelines.yaml"
    config.write_text("pipelines: {p: {folders: [files]}}\n", encoding="utf-8")
    store = tmp_path / ".ragkit/p"
    with Workspace(config) as workspace:
        workspace.nightly("p")
        workspace.ask("p", "Which number is confidential?")
        workspace.summarize("p")
        assert undeclared_files(store) == []
        for start in range(0, count // 2, 5):
            going = paths[: count // 2][start : start + 5]
            for path in going:
                (tmp_path / "files" / path).unlink()
            certificate = workspace.purge("p", going)
            assert certificate.is_clean, certificate.scan.findings
            assert "summaries" in {item.holding for item in certificate.erased}
            assert certificate.scan.needles["token ids, int32"] > 100
        assert undeclared_files(store) == []
        assert workspace.ingest("p").removed == 0
