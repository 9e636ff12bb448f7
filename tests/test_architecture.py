"""The levels of the code and the owners of third-party libraries. These tables are the document."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "ragkit"

# A module may import modules of lower levels and its own package. Parts do not import each other.
LEVELS = {
    "types": 0,
    "errors": 0,
    "files": 0,
    "invisible": 0,
    "folding": 0,
    "language": 0,
    "dates": 0,
    "machine": 0,
    "isolation": 1,
    "yamlfile": 1,
    "protocols": 1,
    "periods": 1,
    "metadata": 2,
    "filters": 3,
    "gold": 2,
    "outputs": 1,
    "setting": 0,
    "nightsteps": 1,
    "settings": 2,
    "settings_reading": 2,
    "config": 3,
    "evaluation": 3,  # measures only: no file, no store
    "catalog": 3,
    "parsers": 4,
    "chunking": 4,
    "conversation": 4,
    "fencing": 4,
    "acceleration": 3,
    "embedders": 4,
    "rerankers": 4,
    "vectors": 4,
    "retrieval": 4,
    "llm": 4,
    "summaries": 4,
    "templates": 4,
    "sweeps": 4,
    "shortfacts": 4,
    "tuning": 4,
    "verification": 4,
    "rendering": 4,
    "ledger": 4,
    "erasure": 4,
    "models": 4,
    "places": 5,
    "scheduling": 4,
    "flows": 5,
    "testing": 6,
    "build": 6,
    "workspace": 7,
    "doctor": 8,
    "remote": 8,
    "bench": 9,
    "cli": 10,
    "__main__": 11,
    "__init__": 11,
}
# What one level's modules may import of each other, because one is the other's vocabulary.
NEIGHBOURS = {
    ("cli", "models"),  # `ragkit models` works without a pipeline and without a workspace
}

# Third-party library -> the only files that may import it.
OWNERS = {
    # `ragkit bench` runs what others do beside what ragkit does.
    "chromadb": {"vectors/chroma.py", "bench/baseline.py"},
    "chromadb_rust_bindings": {"vectors/chroma.py"},
    "llama_cpp": {"llm/native.py", "bench/high_level.py", "bench/asked.py"},
    "jinja2": {"llm/template_process.py"},
    "sentence_transformers": {"acceleration/reference_library.py", "bench/baseline.py"},
    "torch": {
        "acceleration/reference_library.py",
        "embedders/reference.py",
        "rerankers/reference.py",
        "bench/products.py",
    },
    "transformers": {"acceleration/reference_library.py"},
    "openvino": {"acceleration/openvino_library.py"},
    "tokenizers": {"acceleration/tokenizing.py"},
    "unstructured": {"parsers/elements.py"},
    "spacy": {"parsers/elements.py"},
    "pypdf": {"parsers/pdf_pypdf.py"},
    "pypdfium2": {
        "parsers/pdf_pdfium.py",
        *(f"parsers/pdf_{of_page}.py" for of_page in ("words", "objects", "hidden", "notes")),
    },
    "PIL": {"parsers/images.py"},
    "lxml": {"parsers/markup.py"},
    "olefile": {"parsers/compound.py"},
    "msoffcrypto": {"parsers/decrypting.py"},
    "pyzipper": {"parsers/decrypting.py"},
    "openpyxl": {"parsers/workbook.py", "rendering/sweep_workbook.py"},
    "pptx": {"parsers/slides.py"},
    "charset_normalizer": {"parsers/text.py"},
    "huggingface_hub": {"models/hub.py"},
    "httpx": {"models/hub.py"},
    "Stemmer": {"retrieval/analysis.py"},
    "yaml": {"yamlfile.py"},
    "click": {"cli/"},
}
FREE = {"numpy"}
HEAVY = ("torch", "transformers", "sentence_transformers", "unstructured", "spacy", "onnxruntime")


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def place_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_only_downward(path: Path) -> None:
    here = place_of(path)
    for name in imports_of(path):
        if not name.startswith("ragkit."):
            continue
        there = name.split(".")[1]
        if there == here or (here, there) in NEIGHBOURS:
            continue
        assert LEVELS[there] < LEVELS[here], f"{here} imports {there}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_has_one_owner(path: Path) -> None:
    relative = path.relative_to(ROOT).as_posix()
    for name in imports_of(path):
        library = name.split(".")[0]
        if library in sys.stdlib_module_names or library in FREE | {"ragkit"}:
            continue
        assert library in OWNERS, f"{relative} imports {library}, which has no owner"
        owners = OWNERS[library]
        assert any(relative == owner or relative.startswith(owner) for owner in owners if owner), (
            f"{relative} imports {library}, which belongs to {sorted(owners)}"
        )


def loaded_by(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_nothing_but_click_and_yaml() -> None:
    loaded = loaded_by(
        "import ragkit.cli.main as main\n"
        "try:\n    main.cli(['--help'], standalone_mode=False)\n"
        "except SystemExit:\n    raise"
    )
    third_party = loaded - set(sys.stdlib_module_names) - {"ragkit", "click", "yaml", "_yaml"}
    assert not {name for name in third_party if not name.startswith("_")} & (set(OWNERS) | FREE)


def test_the_workspace_loads_no_work_that_a_question_does_not_need() -> None:
    script = "import ragkit.workspace, sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    later = (
        "ragkit.rerankers",
        "ragkit.chunking.chunker",
        "ragkit.summaries",
        "ragkit.flows.ingesting",
    )
    assert not [name for name in done.stdout.split() if name.startswith(later)]


def test_the_workspace_loads_no_heavy_library() -> None:
    assert not loaded_by("import ragkit.workspace") & {*HEAVY, "chromadb", "openvino", "llama_cpp"}


def test_the_callers_end_of_the_python_api_loads_nothing_but_yaml() -> None:
    loaded = loaded_by("import ragkit\nragkit.Workspace")
    third_party = loaded - set(sys.stdlib_module_names) - {"ragkit", "yaml", "_yaml"}
    assert not third_party & (set(OWNERS) | FREE)


@pytest.mark.real
def test_search_and_ask_load_no_heavy_library(
    tmp_path: Path, starter_models: dict[str, Path]
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("The rent is 900 euros a month.", encoding="utf-8")
    config = tmp_path / "pipelines.yaml"
    config.write_text("pipelines: {p: {folders: [files]}}\n", encoding="utf-8")
    code = (
        "from ragkit import seal\nfrom ragkit.workspace import Workspace\nseal()\n"
        f"w = Workspace({str(config)!r})\n"
    )
    loaded_by(f"{code}w.ingest('p')")
    asked = loaded_by(
        f"{code}w.search('p', 'rent')\nassert w.ask('p', 'How much is the rent?').citations"
    )
    assert not asked & {*HEAVY, "chromadb"}
