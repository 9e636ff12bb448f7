"""What `doctor` says of the models that the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.config import load_config
from ragkit.doctor.models import look_at_models
from ragkit.models import ModelStore, load_registry
from ragkit.types.doctor import Finding
from tests.rerankers.test_folder import BERT, made_folder


def about(tmp_path: Path, reranker: str) -> Finding:
    """The finding of the reranker; the other models are not here either."""
    (tmp_path / "files").mkdir()
    config = tmp_path / "pipelines.yaml"
    config.write_text(f"pipelines: {{p: {{folders: [files], reranker: {{model: {reranker}}}}}}}\n")
    store = ModelStore(tmp_path / "models", load_registry())
    pipelines = load_config(config).pipelines.values()
    (found,) = (finding for finding in look_at_models(store, pipelines) if finding.name == reranker)
    return found


def test_a_reranker_that_is_not_here_is_a_fault(tmp_path: Path) -> None:
    found = about(tmp_path, "ms-marco-MiniLM-L6-v2")
    assert found.state == "fault"
    assert "not on this machine (reranker of p)" in found.text
    assert found.mend == "ragkit models pull ms-marco-MiniLM-L6-v2"


@pytest.mark.parametrize(
    ("config", "state", "says"),
    [
        (BERT, "ok", "(reranker of p)"),
        ({**BERT, "id2label": {"0": "no", "1": "yes"}}, "fault", "it gives 2 labels"),
        ({**BERT, "architectures": ["BertModel"]}, "fault", "names BertModel"),
    ],
)
def test_a_folder_is_looked_into(
    tmp_path: Path, config: dict[str, object], state: str, says: str
) -> None:
    folder = made_folder(tmp_path / "mine", config)
    (folder / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "models" / ".prepared").mkdir(parents=True)
    found = about(tmp_path, str(folder))
    assert (found.state, says in found.text) == (state, True), found


def test_none_is_needed(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models", load_registry())
    (tmp_path / "files").mkdir()
    config = tmp_path / "pipelines.yaml"
    config.write_text("pipelines: {p: {folders: [files]}}\n")
    findings = look_at_models(store, load_config(config).pipelines.values())
    assert not [finding for finding in findings if "reranker" in finding.text]
