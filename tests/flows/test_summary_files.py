"""The files of summaries: names that cannot collide or lead elsewhere, and only what is ours is touched."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.flows.summary_files import INDEX_NAME, SummaryFolder
from ragkit.flows.summary_names import safe_stem
from ragkit.settings import PipelineSettings
from ragkit.types import Citation, DocumentSummary, FolderSummary, Summary, SummarySentence
from ragkit.types.fields import FieldValue, SummaryField

PAGES = (".md", ".html", ".json")
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


def test_hostile_names_get_three_files_each_in_the_folder(folder: SummaryFolder) -> None:
    folder.write(summary_of(*HOSTILE), whole=True)
    files = files_in(folder)
    assert len(files) == 3 * (len(HOSTILE) + 1) + 2  # the table of fields, and the index
    assert len({name.casefold() for name in files}) == len(files)
    shown = [json.loads((folder.path / name).read_text()) for name in files if "json" in name[-4:]]
    assert {data["document"] for data in shown if "document" in data} == set(HOSTILE)
    assert {path.name for path in folder.path.parent.iterdir()} == {"docs", "out"}


class _Addresses(HTMLParser):
    """The addresses of a page's links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name == "href"]


def test_links_between_the_pages_lead_to_files_that_are_there(folder: SummaryFolder) -> None:
    """As a browser takes them, whatever the names; and none leads out of the folder."""
    names = [*HOSTILE, "dir with space/é%20#?&.txt", "javascript:alert(1)"]
    folder.write(summary_of(*names), whole=True)
    above = (folder.path / "summary.html").read_text(encoding="utf-8")
    ways = [way for way in _Addresses(above).found if not way.startswith(("#", "file://"))]
    assert len(set(ways)) == len(names)
    reached = [(folder.path / unquote(way)).resolve() for way in ways]
    assert all(path.is_file() and folder.path.resolve() in path.parents for path in reached)
    told = folder.path / "dir with space" / f"{safe_stem('é%20#?&.txt')}.html"
    (back,) = (
        way for way in _Addresses(told.read_text(encoding="utf-8")).found if "summary" in way
    )
    assert (told.parent / unquote(back)).resolve() == (folder.path / "summary.html").resolve()
    marked = (folder.path / "summary.md").read_text(encoding="utf-8")
    ways = re.findall(r"\]\(<([^<>]*)>\)", marked)
    assert len(ways) == len(names)
    assert all((folder.path / unquote(way)).is_file() for way in ways)


def test_what_was_not_asked_for_with_others_leads_to_no_page_of_all(folder: SummaryFolder) -> None:
    alone = replace(summary_of("a.txt"), folder=None)
    folder.write(alone, whole=False)
    assert "summary.html" not in (folder.path / "a.txt.html").read_text()
    assert "summary.md" not in (folder.path / "a.txt.md").read_text()


def test_a_citation_leads_to_the_page_of_the_file_while_it_is_there(
    folder: SummaryFolder, pipeline: Pipeline
) -> None:
    name = "Año 1/müller & co #2.pdf"
    file = pipeline.folders[0] / name
    file.parent.mkdir()
    file.write_bytes(b"%PDF")
    cited = Citation(1, name, "0" * 64, 3, 0, 4, "Rent")
    told = replace(
        NOTHING,
        document=name,
        sentences=(SummarySentence("Rent", (1,), "quoted"),),
        citations=(cited,),
    )
    one = replace(summary_of(), documents=(told,), folder=None)
    folder.write(one, whole=False)
    address = f"{file.resolve().as_uri()}#page=3"
    page = folder.path / f"{safe_stem(name)}.html"
    assert address in _Addresses(page.read_text(encoding="utf-8")).found
    marked = page.with_suffix(".md").read_text(encoding="utf-8")
    assert "“Rent” [1]" in marked
    assert f"[1]: <{address}>" in marked
    file.rename(file.with_name("moved.pdf"))
    SummaryFolder(folder.path, pipeline).write(one, whole=False)
    assert not any(way.startswith("file:") for way in _Addresses(page.read_text("utf-8")).found)
    assert "file:" not in page.with_suffix(".md").read_text(encoding="utf-8")


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
    ours = [f"{stem}{suffix}" for stem in ("a.txt", "summary") for suffix in PAGES]
    assert files_in(folder) == sorted([INDEX_NAME, *ours, "summary.csv", "sub/notes.md"])
    assert not (folder.path / "old").exists()


def test_the_fields_of_all_are_in_a_table(folder: SummaryFolder) -> None:
    rent = SummaryField("rent", "Rent", "money", (FieldValue("900 €", "money", "EUR 900", "", ()),))
    one = summary_of("a.txt")
    asked = replace(one, documents=(replace(one.documents[0], fields=(rent,)),))
    folder.write(asked, whole=True)
    assert (folder.path / "summary.csv").read_text(encoding="utf-8-sig").splitlines()[
        1
    ] == "a.txt,,EUR 900"


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


def test_a_folder_that_is_a_link_is_neither_written_nor_emptied(
    folder: SummaryFolder, pipeline: Pipeline, tmp_path: Path
) -> None:
    """Somebody has put a summary's folder on another disk, or has made a link of that name before."""
    folder.write(summary_of("a.txt", "b.txt", "2024/deep/c.txt", "2024/d.txt"), whole=True)
    elsewhere = tmp_path / "elsewhere"
    (folder.path / "2024").rename(elsewhere)
    (folder.path / "2024").symlink_to(elsewhere)
    half = elsewhere / "deep" / ".c.txt.md.4711.new"
    half.write_text("half")
    before = {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()}
    for documents in (("a.txt", "2024/deep/c.txt", "2024/e.txt"), ("a.txt",)):
        with pytest.raises(UsageFault, match="2024 is a link"):
            folder.write(summary_of(*documents), whole=True)
        assert {p: p.read_bytes() for p in elsewhere.rglob("*") if p.is_file()} == before
    assert not list(folder.path.glob("b.txt*"))  # what is gone and can be removed, is
    (folder.path / "2024").unlink()
    SummaryFolder(folder.path, pipeline).write(summary_of("a.txt", "2024/d.txt"), whole=True)
    assert {p: p.read_bytes() for p in elsewhere.rglob("*") if p.is_file()} == before


def test_the_folder_itself_may_be_a_link(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    SummaryFolder(tmp_path / "out", pipeline).write(summary_of("2024/a.txt"), whole=True)
    assert (tmp_path / "disk/2024/a.txt.md").is_file()


def test_half_written_files_of_a_killed_run_are_removed(folder: SummaryFolder) -> None:
    folder.write(summary_of("a.txt"), whole=True)
    (folder.path / ".a.txt.md.4711.new").write_text("half")
    (folder.path / ".other.md.4711.new").write_text("not ours")
    folder.write(summary_of("a.txt"), whole=True)
    assert [name for name in files_in(folder) if ".new" in name] == [".other.md.4711.new"]


def test_a_half_written_index_is_removed_too(folder: SummaryFolder) -> None:
    """It names documents, of which one may have been purged."""
    folder.write(summary_of("a.txt"), whole=True)
    (folder.path / f".{INDEX_NAME}.4711.new").write_text("half")
    folder.write(summary_of("a.txt"), whole=True)
    assert not [name for name in files_in(folder) if ".new" in name]


def test_killed_while_removing_the_next_run_goes_on(
    folder: SummaryFolder, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write(summary_of("a.txt", "old/deep/b.txt"), whole=True)

    def killed(self: SummaryFolder) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(SummaryFolder, "_write_index", killed)
        with pytest.raises(KeyboardInterrupt):
            folder.write(summary_of("a.txt"), whole=True)
    assert not (folder.path / "old").exists()
    assert SummaryFolder(folder.path, pipeline).write(summary_of("a.txt"), whole=True) == [
        "old/deep/b.txt"
    ]


def test_a_table_of_ones_own_beside_a_summary_stays(folder: SummaryFolder) -> None:
    folder.write(summary_of("a.txt", "b.txt"), whole=True)
    (folder.path / "b.txt.csv").write_text("mine")
    folder.write(summary_of("a.txt"), whole=True)
    assert (folder.path / "b.txt.csv").read_text() == "mine"


def test_what_stops_the_rest_keeps_no_word_of_what_is_gone(folder: SummaryFolder) -> None:
    folder.write(summary_of("a.txt", "b.txt"), whole=True)
    (folder.path / "c.txt.md").write_text("mine")
    with pytest.raises(UsageFault, match="did not write"):
        folder.write(summary_of("a.txt", "c.txt"), whole=True)
    assert not list(folder.path.glob("b.txt*"))


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
