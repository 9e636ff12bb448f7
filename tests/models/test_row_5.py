"""Row 5: models by path and digest only. One flipped byte is refused by name, and pulling opens no store."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragkit.models import ModelStore
from tests.models.samples import (
    CONFIG,
    EMBEDDER,
    EMBEDDER_FILES,
    GENERATOR,
    GGUF,
    REGISTRY,
    install,
)

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ragkit"
FILES = {"tiny.gguf": GGUF, "notes.json": CONFIG}
MODELS = {GENERATOR.name: FILES, EMBEDDER.name: EMBEDDER_FILES}

COMMAND = """
import sys
from pathlib import Path
from ragkit.cli import models
from ragkit.cli.main import run
from ragkit.models import ModelStore
from tests.models.samples import REGISTRY
root = Path(sys.argv.pop(1))
models._store = lambda: ModelStore(root, REGISTRY)
run()
"""


def ragkit(root: Path, *words: str, code: str = COMMAND) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, str(root), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def flips() -> Iterator[tuple[str, str, int]]:
    """First, middle and last byte of every file of both models."""
    for model, files in MODELS.items():
        for path, content in files.items():
            yield from (
                (model, path, place) for place in sorted({0, len(content) // 2, len(content) - 1})
            )


@pytest.mark.parametrize(("model", "path", "place"), list(flips()))
def test_one_flipped_byte_is_refused_by_name_though_size_and_time_are_the_same(
    tmp_path: Path, model: str, path: str, place: int
) -> None:
    for name, files in MODELS.items():
        install(REGISTRY[name], tmp_path, files)
    store = ModelStore(tmp_path, REGISTRY)
    store.trusted_path(model)
    damaged = tmp_path / model / path
    before = damaged.stat()
    content = bytearray(damaged.read_bytes())
    content[place] ^= 0xFF
    damaged.write_bytes(content)
    os.utime(damaged, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert damaged.stat().st_size == before.st_size
    with pytest.raises(Exception, match="is not what it should be") as caught:
        store.resolve(model)
    assert getattr(caught.value, "exit_code", None) == 9
    assert str(damaged) in str(caught.value)
    assert getattr(caught.value, "hint", "") == f"ragkit models pull {model}"


def test_the_command_names_the_file_and_what_mends_it(tmp_path: Path) -> None:
    install(GENERATOR, tmp_path, FILES)
    assert ragkit(tmp_path, "models", "verify").returncode == 0
    content = bytearray(GGUF)
    content[-1] ^= 1
    (tmp_path / GENERATOR.name / "tiny.gguf").write_bytes(content)
    done = ragkit(tmp_path, "models", "verify")
    assert done.returncode == 9
    assert "tiny.gguf is not what it should be" in done.stderr
    assert f"-> ragkit models pull {GENERATOR.name}" in done.stderr


def test_verify_without_a_name_checks_own_and_prepared_models_too(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(GGUF)
    root = tmp_path / "models"
    store = ModelStore(root, REGISTRY)
    store.resolve(str(own))
    prepared = root / ".prepared" / "x"
    prepared.mkdir(parents=True)
    for name in ("model.bin", "conversion.json"):
        (prepared / name).write_bytes(b"{}")
        os.utime(prepared / name, (0, 0))
    done = ragkit(root, "models", "verify", "--json")
    good = {"version": 1, "verified": [str(own)], "prepared": 1, "failed": []}
    assert json.loads(done.stdout) == good
    (prepared / "model.bin").write_bytes(b"{]")
    done = ragkit(root, "models", "verify")
    assert done.returncode == 9
    assert "model.bin is not what was made of its model" in done.stderr
    own.write_bytes(GGUF[:-1] + b"x")
    done = ragkit(root, "models", "verify")
    assert done.returncode == 9
    assert f"ragkit models accept {own}" in done.stderr
    assert ragkit(root, "models", "accept", str(own)).returncode == 0
    assert ragkit(root, "models", "verify").returncode == 0


def test_verify_goes_on_after_a_fault(tmp_path: Path) -> None:
    for name, files in MODELS.items():
        install(REGISTRY[name], tmp_path, files)
    (tmp_path / EMBEDDER.name / "config.json").write_bytes(CONFIG[:-2] + b" }")
    names = (EMBEDDER.name, "no-such", GENERATOR.name)
    for words in ((), names):
        done = ragkit(tmp_path, "models", "verify", *words)
        assert done.returncode == 9
        assert done.stdout == f"{GENERATOR.name}: every file is as it should be.\n"
        assert "config.json is not what it should be" in done.stderr
        assert f"-> ragkit models pull {EMBEDDER.name}" in done.stderr
        assert ("There is no model 'no-such'" in done.stderr) == bool(words)
    told = json.loads(ragkit(tmp_path, "models", "verify", *names, "--json").stdout)
    assert told["verified"] == [GENERATOR.name]
    assert [(one["name"], one["exit_code"]) for one in told["failed"]] == [
        (EMBEDDER.name, 9),
        ("no-such", 2),
    ]
    assert ragkit(tmp_path, "models", "verify", "no-such", GENERATOR.name).returncode == 2


def test_only_pulling_knows_the_hub_client() -> None:
    """models/hub.py is imported by models/pulling.py alone, and that by the store's `pull`."""
    importers: dict[str, set[str]] = {"ragkit.models.hub": set(), "ragkit.models.wheel": set()}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in importers:
                importers[node.module].add(path.relative_to(PACKAGE).as_posix())
    assert importers == {
        "ragkit.models.hub": {"models/pulling.py"},
        "ragkit.models.wheel": {"models/pulling.py"},
    }


PULL = """
import sys
opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
from ragkit.cli import models
from ragkit.cli.main import cli
from ragkit.models import ModelStore
from tests.models.samples import REGISTRY
from pathlib import Path
root = Path(sys.argv[1])
models._store = lambda: ModelStore(root, REGISTRY)
try:
    cli(sys.argv[2:])
finally:
    store = str(root.parent / ".ragkit")
    documents = str(root.parent / "files")
    assert not [one for one in opened if one.startswith((store, documents))], opened
    import ragkit
    told = [m for m in sys.modules if m.startswith(("ragkit.workspace", "ragkit.catalog", "ragkit.flows",
            "ragkit.parsers", "ragkit.build", "ragkit.remote", "ragkit.ledger", "ragkit.vectors"))]
    assert not told, told
"""


@pytest.mark.parametrize("words", [("pull", "Tiny-Embedder"), ("list",), ("verify",)])
def test_pulling_opens_no_store_and_loads_nothing_that_could(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """With a store that cannot be read, and one whose opening would be seen."""
    root = tmp_path / "models"
    install(EMBEDDER, root, EMBEDDER_FILES)
    store = tmp_path / ".ragkit" / "p"
    store.mkdir(parents=True)
    (store / "catalog.db").write_bytes(b"no database")
    (tmp_path / "files").mkdir()
    (tmp_path / "pipelines.yaml").write_text("pipelines: {p: {folders: [files]}}\n")
    store.chmod(0)
    try:
        config = str(tmp_path / "pipelines.yaml")
        done = ragkit(root, "models", *words, "--config", config, code=PULL)
    finally:
        store.chmod(0o700)
    assert done.returncode == 0, done.stderr
