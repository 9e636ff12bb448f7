"""pipelines.yaml: what is read from it, and that all its faults are told at once, with their place."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ragkit.cli.init import command as init
from ragkit.config import load_config
from ragkit.errors import ConfigFault, UnknownPipeline
from ragkit.nightsteps import SummarizeStep, SweepStep
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


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ("summarize: {output: 'out/{SIGN}'}", "summarize.output"),
        ("summarize: {output: 'out{SIGN}/{pipeline}'}", "summarize.output"),
        ("sweep: {questions: due-diligence, output: '{pipeline}{SIGN}.csv'}", "sweep.output"),
    ],
)
@pytest.mark.parametrize(
    "sign", ["{pipline}", "{Pipeline}", "{}", "{", "}", "{pipeline", "{{pipeline}}"]
)
def test_what_stands_for_nothing_in_an_output_is_a_fault_at_its_place(
    tmp_path: Path, step: str, place: str, sign: str
) -> None:
    """Else a folder of that very name would be made, and two pipelines would write to it."""
    text = f"pipelines:\n  a:\n    folders: [x]\n    after_ingest:\n      - {step.replace('{SIGN}', sign)}\n"
    with pytest.raises(ConfigFault) as caught:
        load_config(write(tmp_path, text))
    (fault,) = caught.value.faults
    assert (fault.place, fault.line) == (f"pipelines.a.after_ingest.0.{place}", 5)
    assert fault.problem.startswith("has {" if "{" in sign else "has }")
    assert fault.problem.endswith("the only name in braces is {pipeline}")


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


STEPS = """\
defaults:
  after_ingest:
    - summarize: {output: "out/{pipeline}/summaries", words: 200, focus: "notice"}
    - sweep: {questions: due-diligence, output: "out/{pipeline}.xlsx", style: quote}
pipelines:
  a: {folders: [x]}
  b: {folders: [y]}
  c: {folders: [z], after_ingest: []}
"""


def test_steps_after_the_ingest(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, STEPS))
    a, b, c = config.pipelines.values()
    assert a.settings.after_ingest == (
        SummarizeStep("out/{pipeline}/summaries", words=200, focus="notice"),
        SweepStep("due-diligence", "out/{pipeline}.xlsx", style="quote"),
    )
    assert [output.path for output in b.outputs] == [
        tmp_path / "out/b/summaries",
        tmp_path / "out/b.xlsx",
    ]
    assert c.outputs == ()


def test_all_faults_of_steps_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = (
        "pipelines:\n"
        "  a:\n"
        "    folders: [x]\n"
        "    after_ingest:\n"
        "      - summarize: {output: s, words: 3}\n"
        "      - sweep: {questions: '', output: rows.pdf}\n"
        "      - sumarize: {output: s}\n"
        "      - summarize: {outptu: s, style: prose}\n"
        "      - {summarize: {output: s}, sweep: {questions: q, output: t.csv}}\n"
        "      - summarize\n"
        "      - {}\n"
        "      - summarize: {output: ''}\n"
        "  b:\n"
        "    folders: [y]\n"
        "    after_ingest: {summarize: {output: s}}\n"
    )
    with pytest.raises(ConfigFault) as caught:
        load_config(write(tmp_path, text))
    place = "pipelines.a.after_ingest"
    assert [
        (fault.place, fault.line, fault.problem)
        for fault in sorted(caught.value.faults, key=lambda fault: (fault.line, fault.place))
    ] == [
        (f"{place}.0.summarize.words", 5, "must lie between 10 and 5000, not 3"),
        (f"{place}.1.sweep.output", 6, "must end in one of .csv, .xlsx, .jsonl, .html"),
        (f"{place}.1.sweep.questions", 6, "must name a file or a set of questions"),
        (f"{place}.2.sumarize", 7, "is not a setting; did you mean 'summarize'?"),
        (f"{place}.3.summarize", 8, "lacks the key 'output'"),
        (f"{place}.3.summarize.outptu", 8, "is not a setting; did you mean 'output'?"),
        (f"{place}.4", 9, "must have one key: summarize or sweep"),
        (f"{place}.5", 10, "must be a mapping of keys to values, not text"),
        (f"{place}.6", 11, "must have one key: summarize or sweep"),
        (f"{place}.7.summarize.output", 12, "must name a folder"),
        ("pipelines.b.after_ingest", 15, "must be a list of summarize and sweep, not a mapping"),
    ]


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ("summarize: {output: x}", "would mix with what is in"),
        ("summarize: {output: x/deep/er}", "would mix with what is in"),
        ("summarize: {output: .}", "would mix with what is in"),
        ("summarize: {output: other}", "would mix with what is in"),
        ("summarize: {output: .ragkit/b/out}", "would mix with what is in"),
        ("summarize: {output: link/out}", "would mix with what is in"),
        ("sweep: {questions: q, output: x/rows.csv}", "would mix with what is in"),
        ("sweep: {questions: q, output: link/rows.csv}", "would mix with what is in"),
        ("sweep: {questions: q, output: .ragkit/a/rows.csv}", "would mix with what is in"),
        ("sweep: {questions: q, output: gate.jsonl}", "is read by ragkit"),
        ("sweep: {questions: q.jsonl, output: q.jsonl}", "is read by ragkit"),
    ],
)
def test_outputs_that_would_do_harm(tmp_path: Path, steps: str, problem: str) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "x")
    text = (
        f"pipelines:\n  a: {{folders: [x], after_ingest: [{{{steps}}}]}}\n"
        "  b: {folders: [other], gate: {questions: gate.jsonl}}\n"
    )
    ((place, told),) = faults(tmp_path, text).items()
    assert place.startswith("pipelines.a.after_ingest.0.")
    assert place.endswith(".output")
    assert problem in told


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ("summarize: {output: out}", "summarize: {output: out}", True),
        ("summarize: {output: out}", "summarize: {output: out/b}", True),
        ("summarize: {output: out}", "summarize: {output: outer}", False),
        ("summarize: {output: out}", "sweep: {questions: q, output: out.csv}", False),
        (
            "sweep: {questions: q, output: rows.csv}",
            "sweep: {questions: p, output: ./rows.csv}",
            True,
        ),
        (
            "sweep: {questions: q, output: rows.csv}",
            "sweep: {questions: q, output: rows.html}",
            False,
        ),
    ],
)
def test_no_two_steps_write_to_one_place(
    tmp_path: Path, first: str, second: str, clash: bool
) -> None:
    text = (
        f"pipelines:\n  a: {{folders: [x], after_ingest: [{{{first}}}]}}\n"
        f"  b: {{folders: [y], after_ingest: [{{{second}}}]}}\n"
    )
    if not clash:
        assert len(load_config(write(tmp_path, text)).pipelines) == 2
        return
    (told,) = faults(tmp_path, text).values()
    assert "another step writes to" in told
    assert "{pipeline}" in told


@pytest.mark.parametrize("file", ["out/summary.html", "out/deep/rows.csv", "link/rows.csv"])
@pytest.mark.parametrize("sweep_first", [True, False])
def test_no_rows_among_summaries(tmp_path: Path, file: str, sweep_first: bool) -> None:
    """A page of a document, or of all of them, may have that name."""
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "out")
    steps = ["summarize: {output: out}", f"sweep: {{questions: q, output: {file}}}"]
    text = "pipelines:\n  a:\n    folders: [x]\n    after_ingest:\n" + "".join(
        f"      - {step}\n" for step in (reversed(steps) if sweep_first else steps)
    )
    ((place, told),) = faults(tmp_path, text).items()
    assert place == f"pipelines.a.after_ingest.{0 if sweep_first else 1}.sweep.output"
    assert "would mix with the summaries" in told


def test_paths_that_no_system_takes(tmp_path: Path) -> None:
    text = 'pipelines:\n  a: {folders: ["~nobody-of-this-name/x"], passwords: "a\\0b"}\n'
    assert "character 0" in faults(tmp_path, text)["pipelines.a.passwords"]
    text = 'pipelines:\n  a: {folders: ["~nobody-of-this-name/x"]}\n'
    (pipeline,) = load_config(write(tmp_path, text)).pipelines.values()
    assert pipeline.folders == (tmp_path / "~nobody-of-this-name" / "x",)


def test_what_init_says_of_steps_is_true(tmp_path: Path) -> None:
    """The examples in the comments of a new settings file, without the marks of a comment."""
    (tmp_path / "x").mkdir()
    path = tmp_path / "pipelines.yaml"
    done = CliRunner().invoke(init, [str(tmp_path / "x"), "--config", str(path)])
    assert done.exit_code == 0
    lines = path.read_text(encoding="utf-8").splitlines()
    start = lines.index("    # after_ingest: []")
    examples = [line for line in lines[start:] if line.startswith("    # #   - ")]
    settings = [*lines[:start], "    after_ingest:"]
    path.write_text("\n".join([*settings, *(line.replace("# #", "") for line in examples)]))
    (pipeline,) = load_config(path).pipelines.values()
    assert [type(step) for step in pipeline.settings.after_ingest] == [SummarizeStep, SweepStep]
