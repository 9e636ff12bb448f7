"""Metadata through an ingest: kept, changed without reading anything again, reported, erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, Reader, Runs
from ragkit.catalog.scoping import Pairs
from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.flows.ingest_parts import IngestOptions, IngestParts
from ragkit.flows.ingesting import ingest
from ragkit.flows.nightly import nightly
from ragkit.flows.purging import PurgeParts, purge
from ragkit.rendering.nightly import as_text
from ragkit.settings import MetadataSettings
from ragkit.types import GateVerdict, NightlyReport, Step
from tests.flows.corpus import Corpus


@dataclass
class Described(Corpus):
    """A corpus whose pipeline may have path patterns, and a gate."""

    patterns: tuple[str, ...] = ()
    sidecars: str = "on"
    judge: Callable[[Catalog], GateVerdict] | None = None

    @property
    def pipeline(self) -> Pipeline:
        found = super().pipeline
        metadata = MetadataSettings(sidecars=self.sidecars, path=self.patterns)  # type: ignore[arg-type]
        return replace(found, settings=replace(found.settings, metadata=metadata))

    def parts(self) -> IngestParts:
        return replace(super().parts(), judge=self.judge)

    def pairs(self) -> dict[str, Pairs]:
        with Catalog.open_for_reading(self.pipeline.store) as catalog, catalog.snapshot():
            return Reader(catalog).scopes.pairs()

    def faults(self) -> dict[str, str]:
        with Catalog.open_for_reading(self.pipeline.store) as catalog, catalog.snapshot():
            return {item.document: item.reason for item in Reader(catalog).scopes.faults()}

    def night(self) -> NightlyReport:
        return nightly(self.pipeline, self.ingest)

    def remove(self, path: str) -> None:
        (self.root / "docs" / path).unlink()


@pytest.fixture
def corpus(tmp_path: Path) -> Described:
    corpus = Described(tmp_path)
    corpus.write("acme/a.txt", "The monthly rent is 900 euros.")
    corpus.write("acme/b.txt", "Beta delivers forty pumps within thirty days.")
    return corpus


def test_a_sidecar_is_metadata_and_no_document(corpus: Described) -> None:
    corpus.write("acme/a.txt.meta.yaml", "client: Acme\ntags: [x, y]\n")
    corpus.write("metadata.csv", "document,year\nacme/*,2024\n")
    report = corpus.ingest()
    assert report.documents == 2
    assert report.unreadable == ()
    assert corpus.pairs() == {
        "acme/a.txt": (("client", "Acme"), ("tags", "x"), ("tags", "y"), ("year", "2024")),
        "acme/b.txt": (("year", "2024"),),
    }


def test_with_sidecars_off_they_are_documents(corpus: Described) -> None:
    corpus.sidecars = "off"
    corpus.write("acme/a.txt.meta.yaml", "client: Acme\n")
    assert corpus.ingest().documents == 3
    assert corpus.pairs() == {}
    corpus.sidecars = "on"
    report = corpus.ingest()
    assert (report.documents, report.removed) == (2, 1)
    assert corpus.pairs() == {"acme/a.txt": (("client", "Acme"),)}


def test_a_changed_sidecar_reads_and_embeds_nothing(corpus: Described) -> None:
    sidecar = corpus.write("acme/a.txt.meta.yaml", "client: Acme\n")
    first = corpus.ingest()
    corpus.write("acme/a.txt.meta.yaml", "client: Beta\n")
    corpus.parsers.parsed.clear()
    report = corpus.ingest()
    assert corpus.pairs() == {"acme/a.txt": (("client", "Beta"),)}
    assert (report.files_read, report.embedded, report.changed, report.metadata_changed) == (
        0,
        0,
        0,
        1,
    )
    assert corpus.parsers.parsed == []
    assert corpus.embedder.texts == []
    assert report.generation == first.generation + 1  # filters would give another answer now
    sidecar.unlink()
    assert corpus.ingest().metadata_changed == 1
    assert corpus.pairs() == {}


def test_what_metadata_said_before_leaves_the_files(corpus: Described) -> None:
    secret = "Konstantinopolitanischer Dudelsackpfeifenmachergeselle"
    corpus.write("acme/a.txt.meta.yaml", f"client: {secret}\n")
    corpus.ingest()
    corpus.write("acme/a.txt.meta.yaml", "client: Acme\n")
    steps: list[Step] = []
    ingest(corpus.parts(), IngestOptions(), steps.append)
    assert "erasing what is not shown any more" in {step.stage for step in steps}
    files = [file for file in corpus.pipeline.store.rglob("*") if file.is_file()]
    assert not [file for file in files if secret.encode() in file.read_bytes()]


def test_a_night_without_changes_publishes_nothing_and_opens_no_sidecar(
    corpus: Described, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.write("acme/a.txt.meta.yaml", "client: Acme\n")
    first = corpus.ingest()
    monkeypatch.setattr("ragkit.flows.describing.read_sidecar", None)
    again = corpus.ingest()
    assert (again.generation, again.metadata_changed) == (first.generation, 0)
    assert corpus.pairs() == {"acme/a.txt": (("client", "Acme"),)}


def test_a_changed_document_keeps_its_metadata(corpus: Described) -> None:
    corpus.write("acme/a.txt.meta.yaml", "client: Acme\n")
    corpus.ingest()
    corpus.write("acme/a.txt", "The monthly rent is 950 euros.")
    report = corpus.ingest()
    assert (report.changed, report.metadata_changed) == (1, 0)
    assert corpus.pairs() == {"acme/a.txt": (("client", "Acme"),)}


def test_a_pattern_for_paths(corpus: Described) -> None:
    corpus.patterns = ("{client}/*",)
    corpus.write("top.txt", "Nothing.")
    corpus.ingest()
    assert corpus.pairs() == {
        "acme/a.txt": (("client", "acme"),),
        "acme/b.txt": (("client", "acme"),),
    }
    corpus.patterns = ()
    assert corpus.ingest().metadata_changed == 2
    assert corpus.pairs() == {}


def test_a_faulty_sidecar_is_told_until_it_is_mended_and_what_it_said_holds(
    corpus: Described,
) -> None:
    corpus.write("acme/metadata.csv", "document,client\na.txt,Acme\n")
    corpus.ingest()
    corpus.write("acme/metadata.csv", "document,client\na.txt,Beta,1\n")
    corpus.write("acme/c.txt", "New here.")
    report = corpus.ingest()
    reason = "metadata: line 2: has 3 cells, and the first line 2"
    assert [(item.document, item.reason) for item in report.unreadable] == [
        ("acme/metadata.csv", reason)
    ]
    assert corpus.pairs() == {"acme/a.txt": (("client", "Acme"),)}
    assert report.documents == 3  # it is no document that could not be read
    assert [item.document for item in corpus.ingest().unreadable] == ["acme/metadata.csv"]
    corpus.write("acme/metadata.csv", "document,client\na.txt,Beta\n")
    assert corpus.ingest().unreadable == ()
    assert corpus.pairs() == {"acme/a.txt": (("client", "Beta"),)}


def test_a_contradiction_is_told_every_time(corpus: Described) -> None:
    corpus.write("metadata.csv", "document,client\nacme/a.txt,Acme\n")
    corpus.write("acme/a.txt.meta.yaml", "client: Beta\n")
    for _ in range(2):
        report = corpus.ingest()
        assert [note for note in report.notes if "different values of 'client'" in note]
        assert report.unreadable == ()
    assert corpus.pairs() == {"acme/a.txt": (("client", "Beta"),)}


def test_a_night_reports_changed_metadata_once(corpus: Described) -> None:
    corpus.write("acme/a.txt.meta.yaml", "client: Acme\n")
    assert corpus.night().changes.metadata_changed == ()  # a new document has no other metadata
    corpus.write("acme/a.txt.meta.yaml", "client: Beta\n")
    corpus.ingest()  # by hand, before the night
    report = corpus.night()
    assert report.changes.metadata_changed == ("acme/a.txt",)
    assert report.changes.changed == ()
    assert "Metadata changed (1)" in as_text(report)
    assert NightlyReport.from_dict(report.as_dict()) == report
    assert corpus.night().changes.metadata_changed == ()


def test_a_night_tells_a_faulty_sidecar_as_new_once(corpus: Described) -> None:
    corpus.night()
    corpus.write("acme/gone.txt.meta.yaml", "client: Acme\n")
    assert corpus.night().has_new_failures
    report = corpus.night()
    assert [failure.document for failure in report.failures] == ["acme/gone.txt.meta.yaml"]
    assert not report.has_new_failures


def test_what_the_gate_holds_back_keeps_its_old_metadata(corpus: Described) -> None:
    corpus.write("acme/a.txt.meta.yaml", "client: Acme\n")
    corpus.ingest()
    corpus.judge = lambda catalog: GateVerdict(False, 0.0, 1.0, 1)
    corpus.write("acme/a.txt", "Another rent.")
    corpus.write("acme/a.txt.meta.yaml", "client: Beta\n")
    corpus.ingest()
    assert corpus.pairs() == {"acme/a.txt": (("client", "Acme"),)}
    corpus.judge = None
    corpus.ingest()
    assert corpus.pairs() == {"acme/a.txt": (("client", "Beta"),)}


def test_a_rebuild_keeps_metadata(corpus: Described) -> None:
    corpus.write("acme/a.txt.meta.yaml", "client: Acme\n")
    corpus.ingest()
    corpus.ingest(rebuild=True)
    assert corpus.pairs() == {"acme/a.txt": (("client", "Acme"),)}


def test_a_purge_leaves_nothing_of_the_metadata(corpus: Described) -> None:
    secret = "Konstantinopolitanischer Dudelsackpfeifenmachergeselle"
    corpus.write("acme/a.txt.meta.yaml", f"client: {secret}\n")
    corpus.write("acme/b.txt.meta.yaml", "client: Beta\n")
    corpus.night()
    corpus.write("acme/a.txt.meta.yaml", f"client: {secret}\nx: [1\n")
    corpus.night()
    assert corpus.faults().keys() == {"acme/a.txt.meta.yaml"}
    for name in ("acme/a.txt", "acme/a.txt.meta.yaml"):
        corpus.remove(name)
    parts = corpus.parts()
    certificate = purge(
        PurgeParts(corpus.pipeline, parts.analyse, parts.build_index, parts.check_index),
        ["acme/a.txt"],
    )
    assert certificate.is_clean, certificate.scan.findings
    assert corpus.pairs() == {"acme/b.txt": (("client", "Beta"),)}
    assert corpus.faults() == {}
    for file in corpus.pipeline.store.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert secret.encode() not in content
            assert b"a.txt.meta.yaml" not in content, file
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        assert "erased document" in str(Runs(catalog).report())


def test_a_purge_is_refused_while_the_sidecar_lies_there(corpus: Described) -> None:
    corpus.write("acme/a.txt.meta.yaml", "client: Acme\n")
    corpus.ingest()
    corpus.remove("acme/a.txt")
    parts = corpus.parts()
    with pytest.raises(UsageFault, match=r"acme/a\.txt\.meta\.yaml still lies in the folder"):
        purge(
            PurgeParts(corpus.pipeline, parts.analyse, parts.build_index, parts.check_index),
            ["acme/a.txt"],
        )
