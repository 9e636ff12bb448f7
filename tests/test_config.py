"""pipelines.yaml: what is read from it, and that all its faults are told at once, with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.config import load_config
from ragkit.errors import ConfigFault, UnknownPipeline
from ragkit.settings import describe_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "pipelines.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(ConfigFault) as caught:
        load_config(write(folder, text))
    assert caught.value.exit_code == 2
    return {fault.place: fault.problem for fault in caught.value.faults}


def test_the_least_that_is_needed(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "pipelines:\n  legal:\n    folders: [docs]\n"))
    pipeline = config.pipeline("legal")
    assert pipeline.folders == (tmp_path / "docs",)
    assert pipeline.store == tmp_path / ".ragkit" / "legal"
    assert pipeline.settings.answers.passages == 8


def test_a_pipeline_overrides_single_defaults(tmp_path: Path) -> None:
    config = load_config(
        write(
            tmp_path,
            "defaults:\n  answers: {passages: 5, sentences: 2}\n"
            "pipelines:\n  a: {folders: [x], answers: {passages: 9}}\n",
        )
    )
    answers = config.pipeline("a").settings.answers
    assert (answers.passages, answers.sentences) == (9, 2)


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = (
        "version: 1\n"
        "stor: elsewhere\n"
        "pipelines:\n"
        "  Legal: {folders: [a]}\n"
        "  medical:\n"
        "    folders: [b]\n"
        "    answers:\n"
        "      passages: many\n"
        "      sentences: 99\n"
        "    generator: {style: prose}\n"
        "  empty: {}\n"
    )
    with pytest.raises(ConfigFault) as caught:
        load_config(write(tmp_path, text))
    told = {fault.place: (fault.line, fault.problem) for fault in caught.value.faults}
    assert told["stor"] == (2, "is not a setting; did you mean 'store'?")
    assert told["pipelines.Legal"][0] == 4
    assert told["pipelines.medical.answers.passages"] == (8, "must be a whole number, not text")
    assert told["pipelines.medical.answers.sentences"] == (9, "must lie between 1 and 20, not 99")
    assert told["pipelines.medical.generator.style"][1].startswith("must be one of auto, quote")
    assert told["pipelines.empty"] == (11, "lacks the key 'folders'")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "the file"),
        ("- a\n", "the file"),
        ("pipelines: {}\n", "pipelines"),
        ("pipelines: {a: {folders: []}}\n", "pipelines.a.folders"),
        ("pipelines: {a: {folders: [x, x/y]}}\n", "pipelines.a.folders.1"),
        ("pipelines: {a: {folders: [x/docs, y/docs]}}\n", "pipelines.a.folders"),
        ("pipelines: {a: {folders: [3]}}\n", "pipelines.a.folders.0"),
        ("pipelines: {a: nothing}\n", "pipelines.a"),
        ("pipelines:\n  a: {folders: [x]}\n  a: {folders: [y]}\n", "pipelines.a"),
        ("pipelines: {a: {folders: [x\n", "the file"),
        ("version: 2\npipelines: {a: {folders: [x]}}\n", "version"),
    ],
)
def test_faulty_files(tmp_path: Path, text: str, place: str) -> None:
    assert place in faults(tmp_path, text)


def test_missing_file_names_the_command_that_writes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault) as caught:
        load_config(tmp_path / "pipelines.yaml")
    assert "ragkit init" in caught.value.hint


def test_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pipelines.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ConfigFault, match="cannot be read"):
        load_config(path)


def test_unknown_pipeline_lists_those_there_are(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "pipelines: {legal: {folders: [x]}}\n"))
    with pytest.raises(UnknownPipeline, match="legal") as caught:
        config.pipeline("legall")
    assert caught.value.hint == "Did you mean legal?"


def test_every_setting_is_described() -> None:
    settings = list(describe_settings())
    assert len(settings) > 10
    assert all(about.endswith(".") for _, _, about in settings), settings


def test_the_sample_file_shows_the_defaults() -> None:
    """What pipelines.yaml calls a default must be one."""
    root = Path(__file__).resolve().parent.parent
    sample = load_config(root / "pipelines.yaml").pipeline("medical").settings
    from ragkit.settings import PipelineSettings

    plain = PipelineSettings(folders=sample.folders, description=sample.description)
    assert sample == plain


def test_ocr_is_switched_off_by_the_bare_word(tmp_path: Path) -> None:
    text = "pipelines:\n  a:\n    folders: [x]\n    parsing: {ocr: off, ocr_languages: deu}\n"
    parsing = load_config(write(tmp_path, text)).pipeline("a").settings.parsing
    assert (parsing.ocr, parsing.ocr_languages) == ("off", ("deu",))


def test_codes_of_languages_are_checked(tmp_path: Path) -> None:
    text = "pipelines:\n  a:\n    folders: [x]\n    parsing: {ocr_languages: [eng, '-c x']}\n"
    found = faults(tmp_path, text)
    assert found == {
        "pipelines.a.parsing.ocr_languages.1": "must be like [a-z_]+, not '-c x'",
    }
    none = "pipelines:\n  a:\n    folders: [x]\n    parsing: {ocr_languages: []}\n"
    assert faults(tmp_path, none) == {
        "pipelines.a.parsing.ocr_languages": "must have at least one entry",
    }
