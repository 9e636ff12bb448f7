"""`ragkit models` as it is typed: recommend, import, quantize, bench, and what they refuse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.llm.quantizing import TARGETS
from tests.models.gguf_files import LANGUAGE_MODEL, gguf, without

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


def test_a_file_that_was_never_whole_is_not_verified(tmp_path: Path) -> None:
    """Neither noted as what it should be, so that the whole one may take its place."""
    file = tmp_path / "cut.gguf"
    file.write_bytes(gguf()[:-3000])
    for words in (("verify", str(file)), ("accept", str(file))):
        done = ragkit(tmp_path, *words)
        assert done.returncode == 9, done.stderr
        assert done.stderr.count("ragkit: ") == 1
        assert "cut.gguf is not" in done.stderr
        assert "whole" in done.stderr
    file.write_bytes(gguf())
    assert ragkit(tmp_path, "verify", str(file)).returncode == 0


def test_a_model_cut_off_after_it_was_taken_in_fails(tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(gguf())
    assert ragkit(tmp_path, "import", str(file)).returncode == 0
    taken = Path(ragkit(tmp_path, "path", "mine").stdout.strip())
    taken.write_bytes(gguf()[:-3000])
    done = ragkit(tmp_path, "verify", "--json")
    assert done.returncode == 9
    assert [one["exit_code"] for one in json.loads(done.stdout)["failed"]] == [9]


def test_a_model_that_a_pipeline_uses_is_removed_only_if_that_is_meant(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "pipelines.yaml").write_text(
        "pipelines:\n"
        "  a: {folders: [files], generator: {model: mine}}\n"
        "  b: {folders: [files], generator: {model: other}}\n"
        f"  c: {{folders: [files], generator: {{model: {tmp_path}/own/mine.gguf}}}}\n",
        encoding="utf-8",
    )
    file = tmp_path / "mine.gguf"
    file.write_bytes(gguf())
    ragkit(tmp_path, "import", str(file))
    kept = ragkit(tmp_path, "remove", "mine")
    assert kept.returncode == 2
    assert "mine is used by a and c in pipelines.yaml; nothing was removed." in kept.stderr
    assert "-> ragkit models remove mine --still-used" in kept.stderr
    done = json.loads(ragkit(tmp_path, "remove", "mine", "--still-used", "--json").stdout)
    assert done["freed"] == file.stat().st_size
    assert done["pipelines"] == ["a", "c"]
    missing = ragkit(tmp_path, "remove", "mine")
    assert (missing.returncode, "There is no model 'mine'" in missing.stderr) == (2, True)


def test_after_an_import_the_lines_to_write_are_shown_and_no_lock_is_left(tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(gguf())
    done = ragkit(tmp_path, "import", str(file))
    assert "    generator: {model: mine, context: 2048}" in done.stdout
    assert list((tmp_path / ".partial").iterdir()) == []


def test_a_model_that_reads_too_little_is_not_taken_in(tmp_path: Path) -> None:
    file = tmp_path / "short.gguf"
    file.write_bytes(gguf({**LANGUAGE_MODEL, "llama.context_length": 256}))
    done = ragkit(tmp_path, "import", str(file))
    assert done.returncode == 2
    assert "short.gguf reads at most 256 tokens at once" in done.stderr
    assert not list(tmp_path.rglob("own/*"))


def test_an_unquantized_model_comes_with_the_command_that_makes_it_smaller(tmp_path: Path) -> None:
    file = tmp_path / "large.gguf"
    file.write_bytes(gguf({**LANGUAGE_MODEL, "general.file_type": 1}))
    done = ragkit(tmp_path, "import", str(file))
    assert "-> ragkit models quantize large --to Q4_K_M" in done.stderr


def test_unknown_names_bring_the_users_own_to_mind(tmp_path: Path) -> None:
    file = tmp_path / "mistral-tuned.gguf"
    file.write_bytes(gguf())
    ragkit(tmp_path, "import", str(file))
    for words in (("path", "mistral-tund"), ("remove", "tuned"), ("bench", "mistral-tund")):
        done = ragkit(tmp_path, *words)
        assert done.returncode == 2, words
        assert "Did you mean mistral-tuned?" in done.stderr, words
    pulled = ragkit(tmp_path, "pull", "mistral-tuned")
    assert "is a model of your own, which is here already" in pulled.stderr


def test_a_file_that_was_never_taken_in_is_not_removed(tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(gguf())
    done = ragkit(tmp_path, "remove", str(file))
    assert done.returncode == 2
    assert "is your own where it lies, and stays" in done.stderr
    assert file.exists()


@pytest.mark.parametrize("words", [("verify", ""), ("path", ""), ("remove", "")])
def test_an_empty_name_is_no_folder(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = ragkit(tmp_path, *words)
    assert done.returncode == 2
    assert "There is no model ''" in done.stderr


def test_help_names_every_quantization_that_can_be_made(tmp_path: Path) -> None:
    told = " ".join(ragkit(tmp_path, "quantize", "--help").stdout.split())
    for name in TARGETS:
        assert name in told, name


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
        (("import", str(tmp_path)), 2),
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
