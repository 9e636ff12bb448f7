"""The files of summaries: names that cannot collide or lead elsewhere, and only what is ours is touched."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.cli.summary_folder import INDEX_NAME, SummaryFolder, safe_stem
from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.settings import PipelineSettings
from ragkit.types import DocumentSummary, FolderSummary, Summary

NOTHING = DocumentSummary("", "", "", "", "", "", "quote", "", (), (), (), 0, 0)
HOSTILE = [
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "a/../b.txt",
    "a//b.txt",
    "a/b.txt",
    "a_b.txt",
    "a%2Fb.txt",
    "a~b.txt",
    "a::b.txt",
    "a:b.txt",
    "summary",
    "Summary",
    "summary.md",
    "summary.md/x.txt",
    "x",
    "x.md",
    "x.md/y",
    "x.json/y",
    "X",
    "C:\\x",
    "nul\x00\n\r\t",
    "name ",
    "name.",
    "name",
    " name",
    ".ragkit.json",
    ".ragkit",
    "résumé.txt",
    "re\u0301sume\u0301.txt",
    "Å",
    "\u212b",
    "\u202egpj.exe",
    "mail.eml::x.pdf",
    "mail.eml~x.pdf",
    "mail.eml/x.pdf",
    "n" * 300,
    "n" * 301,
    "é" * 100 + "/" + "é" * 150,
    "*?<>|\"'[]",
]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    (tmp_path / "docs").mkdir()
    settings = PipelineSettings(folders=("docs",))
    store = tmp_path / ".ragkit" / "p"
    return Pipeline("p", (tmp_path / "docs",), store, settings, tmp_path / "pipelines.yaml")


@pytest.fixture
def folder(tmp_path: Path, pipeline: Pipeline) -> SummaryFolder:
    return SummaryFolder(tmp_path / "out", pipeline)


def summary_of(*documents: str, title: str = "") -> Summary:
    told = tuple(replace(NOTHING, document=name, title=title) for name in documents)
    return Summary("p", "", 1, FolderSummary((), (), (), "quote", ""), told, (), 0.0)


def files_in(folder: SummaryFolder) -> list[str]:
    paths = (path for path in folder.path.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder.path).as_posix() for path in paths)


@pytest.mark.parametrize("document", HOSTILE)
def test_no_name_leads_elsewhere(document: str) -> None:
    for part in safe_stem(document + "\udcff").split("/"):
        assert part
        assert part[0] not in ". "
        assert part[-1] not in ". "
        assert len(f".{part}.json.1234567.new".encode()) < 200
        assert not set(part) & set('/\\:*?"<>|\x00\n')


def test_hostile_names_get_two_files_each_in_the_folder(folder: SummaryFolder) -> None:
    folder.write(summary_of(*HOSTILE), whole=True)
    files = files_in(folder)
    assert len(files) == 2 * (len(HOSTILE) + 1) + 1
    assert len({name.casefold() for name in files}) == len(files)
    shown = [json.loads((folder.path / name).read_text()) for name in files if "json" in name[-4:]]
    assert {data["document"] for data in shown if "document" in data} == set(HOSTILE)
    assert {path.name for path in folder.path.parent.iterdir()} == {"docs", "out"}


def test_plain_names_stay_as_they_are() -> None:
    assert safe_stem("2024/Contrato nº 3 (firmado).pdf") == "2024/Contrato nº 3 (firmado).pdf"
    assert safe_stem("mail.eml::contract.pdf") == "mail.eml~contract.pdf"


def test_files_are_private(folder: SummaryFolder) -> None:
    folder.write(summary_of("sub/a.txt"), whole=True)
    for path in (folder.path, *folder.path.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_what_is_gone_is_removed_and_nothing_else(folder: SummaryFolder) -> None:
    folder.write(summary_of("a.txt", "sub/b.txt", "sub/c.txt", "old/d.txt"), whole=True)
    own = folder.path / "sub" / "notes.md"
    own.write_text("mine")
    assert folder.write(summary_of("a.txt"), whole=False) == []
    assert folder.write(summary_of("a.txt"), whole=True) == ["old/d.txt", "sub/b.txt", "sub/c.txt"]
    expected = [INDEX_NAME, "a.txt.json", "a.txt.md", "sub/notes.md", "summary.json", "summary.md"]
    assert files_in(folder) == expected
    assert not (folder.path / "old").exists()


def test_files_of_others_are_not_overwritten(folder: SummaryFolder) -> None:
    folder.path.mkdir()
    (folder.path / "a.txt.md").write_text("mine")
    with pytest.raises(UsageFault, match="did not write"):
        folder.write(summary_of("a.txt"), whole=True)
    assert (folder.path / "a.txt.md").read_text() == "mine"
    assert files_in(folder) == ["a.txt.md"]


def test_links_are_replaced_not_followed(folder: SummaryFolder, tmp_path: Path) -> None:
    folder.write(summary_of("a.txt"), whole=True)
    target = tmp_path / "target"
    target.write_text("mine")
    (folder.path / "a.txt.md").unlink()
    (folder.path / "a.txt.md").symlink_to(target)
    folder.write(summary_of("a.txt"), whole=True)
    assert target.read_text() == "mine"
    assert not (folder.path / "a.txt.md").is_symlink()


def test_half_written_files_of_a_killed_run_are_removed(folder: SummaryFolder) -> None:
    folder.write(summary_of("a.txt"), whole=True)
    (folder.path / ".a.txt.md.4711.new").write_text("half")
    (folder.path / ".other.md.4711.new").write_text("not ours")
    folder.write(summary_of("a.txt"), whole=True)
    assert [name for name in files_in(folder) if ".new" in name] == [".other.md.4711.new"]


def test_one_folder_belongs_to_one_pipeline(
    folder: SummaryFolder, pipeline: Pipeline, tmp_path: Path
) -> None:
    folder.write(summary_of("a.txt"), whole=True)
    with pytest.raises(UsageFault, match="holds the summaries of p"):
        SummaryFolder(folder.path, replace(pipeline, name="q")).write(summary_of(), whole=True)
    moved = SummaryFolder(folder.path, replace(pipeline, settings_file=tmp_path / "new.yaml"))
    moved.write(summary_of("a.txt"), whole=True)  # the old settings file is not there any more


@pytest.mark.parametrize(
    "index",
    [
        "no json",
        "[]",
        '{"pipeline": "p", "settings_file": "s", "files": {"a.txt": "../../a"}}',
        '{"pipeline": "p", "settings_file": "s", "files": {"a.txt": "/a"}}',
        '{"pipeline": "p", "settings_file": "s", "files": {"a.txt": 7}}',
    ],
)
def test_a_strange_index_is_refused(folder: SummaryFolder, index: str) -> None:
    folder.path.mkdir()
    (folder.path / INDEX_NAME).write_text(index)
    with pytest.raises(UsageFault):
        folder.write(summary_of("b.txt"), whole=True)


@pytest.mark.parametrize("place", ["docs", "docs/out", ".", ".ragkit/p", ".ragkit"])
def test_not_among_the_documents_or_in_the_index(
    pipeline: Pipeline, tmp_path: Path, place: str
) -> None:
    with pytest.raises(UsageFault, match="mix"):
        SummaryFolder(tmp_path / place, pipeline)
