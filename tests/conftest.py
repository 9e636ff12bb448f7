"""What all tests share. No test touches the user's own data, settings or models folder for writing."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ragkit.types import IngestReport

REPOSITORY = Path(__file__).resolve().parent.parent
EVALUATION_ARCHIVE = REPOSITORY.parent / "shared" / "data" / "dev.zip"
STARTERS = ("all-MiniLM-L6-v2", "SmolLM2-135M-Instruct")


def pytest_configure(config: pytest.Config) -> None:
    """No settings of the user's; where the evaluation data lies beside the repository, unpack it."""
    os.environ.pop("RAGKIT_CONFIG", None)
    os.umask(0o077)  # stores that tests make by hand are the owner's alone, as all must be
    if "RAGKIT_EVAL_DATA" in os.environ or not EVALUATION_ARCHIVE.is_file():
        return
    unpacked = tempfile.TemporaryDirectory(prefix="ragkit-evaluation-")
    config.add_cleanup(unpacked.cleanup)
    with zipfile.ZipFile(EVALUATION_ARCHIVE) as archive:
        archive.extractall(unpacked.name)
    os.environ["RAGKIT_EVAL_DATA"] = unpacked.name


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long harnesses run only when they are asked for: `pytest -m long`."""
    if "long" in (config.option.markexpr or ""):
        return
    skip = pytest.mark.skip(reason="a long harness: run `make test-long`")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)


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


@dataclass
class Samples:
    """A copy of the sample corpora with their settings; each is indexed when it is first asked for."""

    folder: Path
    _reports: dict[str, IngestReport] = field(default_factory=dict)

    @property
    def settings(self) -> Path:
        return self.folder / "pipelines.yaml"

    def documents(self, name: str) -> Path:
        return self.folder / "corpora" / name / "documents"

    def indexed(self, name: str) -> IngestReport:
        from ragkit import Workspace

        if name not in self._reports:
            with Workspace(self.settings) as workspace:
                self._reports[name] = workspace.ingest(name)
        return self._reports[name]


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory, starter_models: dict[str, Path]) -> Samples:
    folder = tmp_path_factory.mktemp("samples")
    shutil.copytree(REPOSITORY / "corpora", folder / "corpora")
    shutil.copy(REPOSITORY / "pipelines.yaml", folder)
    return Samples(folder)


@pytest.fixture(scope="session")
def evaluation_data() -> Path:
    """The evaluation data, or a skip."""
    given = os.environ.get("RAGKIT_EVAL_DATA")
    if not given:
        pytest.skip("no evaluation data: RAGKIT_EVAL_DATA is not set")
    return Path(given)
