"""What all tests share. No test touches the user's own data, settings or models folder for writing."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
EVALUATION_ARCHIVE = REPOSITORY.parent / "shared" / "data" / "dev.zip"
STARTERS = ("all-MiniLM-L6-v2", "SmolLM2-135M-Instruct")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long harnesses run only when they are asked for: `pytest -m long`."""
    if "long" in (config.option.markexpr or ""):
        return
    skip = pytest.mark.skip(reason="a long harness: run `make test-long`")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAGKIT_CONFIG", raising=False)


@pytest.fixture(scope="session")
def ragkit_command() -> list[str]:
    """The command as a new process."""
    return [sys.executable, "-m", "ragkit"]


@pytest.fixture(scope="session")
def starter_models() -> dict[str, Path]:
    """Folders of the starter models; skips where `ragkit models pull` has not brought them."""
    from ragkit.errors import ModelMissing
    from ragkit.models import ModelStore, default_models_folder, load_registry

    store = ModelStore(default_models_folder(), load_registry())
    try:
        return {name: store.path(name) for name in STARTERS}
    except ModelMissing as missing:
        pytest.skip(f"{missing.message} {missing.hint}")


@pytest.fixture(scope="session")
def evaluation_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The evaluation data: RAGKIT_EVAL_DATA, or its archive beside the repository, or a skip."""
    given = os.environ.get("RAGKIT_EVAL_DATA")
    if given:
        yield Path(given)
        return
    if not EVALUATION_ARCHIVE.is_file():
        pytest.skip("no evaluation data: RAGKIT_EVAL_DATA is not set")
    folder = tmp_path_factory.mktemp("evaluation")
    with zipfile.ZipFile(EVALUATION_ARCHIVE) as archive:
        archive.extractall(folder)
    yield folder
