"""`ragkit models` as it is typed: recommend, import, quantize, bench, and what they refuse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.gguf_files import gguf, without

LIGHT = (
    "import sys\nfrom ragkit.cli.main import cli\n"
    "try:\n    cli(['models', 'list'])\nexcept SystemExit:\n    pass\n"
    "print(sorted(sys.modules), file=sys.stderr)"
)


def ragkit(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ragkit", "models", *words],
        env={**os.environ, "RAGKIT_MODELS": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


def test_recommend_for_another_machine(tmp_path: Path) -> None:
    done = ragkit(tmp_path, "recommend", "--memory", "16 GB", "--no-measure")
    assert done.returncode == 0, done.stderr
    assert "A machine with 16.0 GB of memory" in done.stdout
    assert "ragkit models pull Qwen3-4B-Instruct-2507" in done.stdout
    assert "generator: {model: Qwen3-4B-Instruct-2507, context: 4096}" in done.stdout
    assert "The starter is no reader" in done.stdout


def test_recommend_for_a_pipeline_as_json(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "pipelines.yaml").write_text(
        "pipelines: {p: {folders: [files], generator: {context: 20000}}}\n", encoding="utf-8"
    )
    done = ragkit(tmp_path, "recommend", "p", "--memory", "64GB", "--no-measure", "--json")
    told = json.loads(done.stdout)
    assert (told["version"], told["context"], told["pipeline"]) == (1, 20000, "p")
    assert told["capacity"]["memory"] == 64_000_000_000
    assert told["best"]["context"] == 20000
    assert told["best"]["command"] == f"ragkit models pull {told['best']['name']}"
    assert all(fit["command"] and fit["where"] for fit in told["fits"])
    missing = ragkit(tmp_path, "recommend", "q", "--no-measure")
    assert missing.returncode == 2
    assert "There are: p." in missing.stderr


@pytest.mark.parametrize("memory", ["plenty", "-4GB", "4 apples"])
def test_memory_that_is_none(tmp_path: Path, memory: str) -> None:
    done = ragkit(tmp_path, "recommend", f"--memory={memory}", "--no-measure")
    assert done.returncode == 2
    assert "is no amount of memory" in done.stderr


def test_import_shows_what_the_file_says_and_list_shows_it(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.gguf"
    file.write_bytes(gguf(without("tokenizer.chat_template")))
    done = ragkit(tmp_path, "import", str(file), "--name", "mine")
    assert done.returncode == 0, done.stderr
    for said in ("Tiny Model: llama", "Q8_0", "context 2048", "apache-2.0", "no reader", "sha256"):
        assert said in done.stdout
    assert "brings no chat template" in done.stderr
    listed = json.loads(ragkit(tmp_path, "list", "--json").stdout)
    assert [one["name"] for one in listed["own"]] == ["mine"]
    path = ragkit(tmp_path, "path", "mine").stdout.strip()
    assert Path(path).read_bytes() == file.read_bytes()
    assert ragkit(tmp_path, "verify", "mine").returncode == 0
    assert ragkit(tmp_path, "remove", "mine").returncode == 0
    assert not Path(path).exists()


def test_bad_models_are_a_sentence_and_a_command(tmp_path: Path) -> None:
    file = tmp_path / "cut.gguf"
    file.write_bytes(gguf()[:-3000])
    whole = tmp_path / "my model.gguf"
    whole.write_bytes(gguf())
    for words, code in (
        (("quantize", str(whole), "--to", "Q4_K_M", "--name", "Qwen3-8B"), 2),
        (("quantize", str(whole), "--to", "Q4_K_M", "--name", "my model"), 2),
        (("import", str(file)), 9),
        (("import", str(tmp_path / "absent.gguf")), 2),
        (("quantize", "Qwen3-8B", "--to", "Q4_K_M"), 4),
        (("quantize", "Qwen3-8B", "--to", "Q9"), 2),
        (("bench", "Qwen3-8B:Q8_0"), 4),
        (("pull", "Qwen3-8B", "--quantization", "Q1"), 2),
    ):
        done = ragkit(tmp_path, *words)
        assert done.returncode == code, (words, done.stderr)
        assert done.stderr.count("ragkit: ") == 1, done.stderr
        assert "  -> " in done.stderr
        assert "Traceback" not in done.stderr
    assert "There are: Q4_K_M, Q8_0." in done.stderr
    assert not list(tmp_path.rglob("own/*.gguf"))


def test_listing_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    for heavy in ("numpy", "llama_cpp", "huggingface_hub", "ragkit.flows", "ragkit.llm"):
        assert f"'{heavy}'" not in done.stderr, heavy
