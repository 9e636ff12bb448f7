"""The walls between pipelines: whatever is planted in a store, never a passage of another pipeline."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, Reader
from ragkit.chunking.chunker import SentenceChunker
from ragkit.config import Pipeline
from ragkit.embedders.fake import HashEmbedder, WordCounter
from ragkit.errors import RagkitError, UsageFault
from ragkit.flows.ingest_parts import IngestOptions, IngestParts
from ragkit.flows.ingesting import ingest
from ragkit.flows.searching import Searching, SearchParts
from ragkit.parsers.fake import TextParserPool
from ragkit.settings import PipelineSettings
from ragkit.vectors.builder import build_in_child
from ragkit.vectors.chroma import ChromaIndex
from ragkit.vectors.exact import ExactIndex
from ragkit.vectors.manifest import check

DOCUMENTS = 12
PAIRS = 1000
EMBEDDER = HashEmbedder().fingerprint


def pipeline_of(root: Path, name: str) -> Pipeline:
    settings = PipelineSettings(folders=(f"files-{name}",))
    folder = root / f"files-{name}"
    return Pipeline(name, (folder,), root / ".ragkit" / name, settings, root / "pipelines.yaml")


def text_of(name: str, number: int) -> str:
    """Both pipelines speak of the same things; one word tells whose a sentence is."""
    return (
        f"The supplier {number} delivers {number * 7} pumps to owner{name} within {number} days.\n\n"
        f"Payment of {number * 100} euros by owner{name} falls due after acceptance {number}.\n"
    )


def make(root: Path, name: str) -> None:
    pipeline = pipeline_of(root, name)
    pipeline.folders[0].mkdir()
    for number in range(1, DOCUMENTS + 1):
        (pipeline.folders[0] / f"{number}.txt").write_text(text_of(name, number), encoding="utf-8")
    parts = IngestParts(
        pipeline=pipeline,
        parsers=TextParserPool(),
        chunker=SentenceChunker(WordCounter(), window=64, header_tokens=16),
        embedder_fingerprint=EMBEDDER,
        open_embedder=HashEmbedder,
        analyse=lambda text, language: text.casefold(),
        analyser_fingerprint="1",
        build_index=build_in_child,
        check_index=check,
    )
    ingest(parts, IngestOptions())


def searching(pipeline: Pipeline) -> Searching:
    return Searching(
        SearchParts(
            pipeline=pipeline,
            embedder_fingerprint=EMBEDDER,
            open_embedder=HashEmbedder,
            open_index=ChromaIndex,
            exact_index=ExactIndex,
        )
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pipelines without their settings file: else the copies' stores would belong to that one."""
    root = tmp_path_factory.mktemp("walls")
    for name in "ab":
        make(root, name)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A copy that a test can spoil."""
    root = tmp_path / "root"
    shutil.copytree(made, root)
    names = "{a: {folders: [files-a]}, b: {folders: [files-b]}}"
    (root / "pipelines.yaml").write_text(f"pipelines: {names}\n", encoding="utf-8")
    return root


def write(root: Path, name: str, *statements: str) -> None:
    with sqlite3.connect(root / ".ragkit" / name / "catalog.db") as connection:
        connection.execute("ATTACH ? AS other", (str(root / ".ragkit/b/catalog.db"),))
        for statement in statements:
            connection.execute(statement)
    connection.close()


def index_of_b(root: Path) -> None:
    """B's vectors stand where A's are asked for, with a manifest that fits them."""
    (folder,) = (root / ".ragkit/a/chroma").iterdir()
    (other,) = (root / ".ragkit/b/chroma").iterdir()
    shutil.rmtree(folder)
    shutil.copytree(other, folder)


def ids_of_b(root: Path) -> None:
    """A's index with ids that only B has, and ids that both have but mean other texts."""
    from tests.walls.planting import plant

    (folder,) = (root / ".ragkit/a/chroma").iterdir()
    plant(folder, range(1, 10 * DOCUMENTS))


def paths_of_b(root: Path) -> None:
    prefix = str(root / "files-b")
    write(root, "a", f"UPDATE documents SET path = '{prefix}/' || path")


def rows_of_b_numbered(root: Path) -> None:
    """A's documents claim the numbers and digests that B's have."""
    write(
        root,
        "a",
        "UPDATE documents SET sha256 = (SELECT sha256 FROM other.documents o"
        " WHERE o.id = documents.id), title = 'ownerb', names = '[\"ownerb\"]'",
    )


def vectors_of_b(root: Path) -> None:
    write(
        root,
        "a",
        "UPDATE vectors SET vector = coalesce((SELECT vector FROM other.vectors o"
        " WHERE o.id = vectors.id), vector)",
    )


def owner_is_b(root: Path) -> None:
    write(root, "a", "UPDATE state SET value = 'b' WHERE key = 'pipeline'")


def another_settings_file(root: Path) -> None:
    (root / "other.yaml").write_text("pipelines: {a: {folders: [files-b]}}\n", encoding="utf-8")
    write(root, "a", f"UPDATE state SET value = '{root}/other.yaml' WHERE key = 'settings_file'")


def store_of_b_linked(root: Path) -> None:
    shutil.rmtree(root / ".ragkit/a")
    (root / ".ragkit/a").symlink_to(root / ".ragkit/b")


def store_of_b_copied(root: Path) -> None:
    shutil.rmtree(root / ".ragkit/a")
    shutil.copytree(root / ".ragkit/b", root / ".ragkit/a")


def catalog_of_b_linked(root: Path) -> None:
    (root / ".ragkit/a/catalog.db").unlink()
    (root / ".ragkit/a/catalog.db").symlink_to(root / ".ragkit/b/catalog.db")


FORGERIES: dict[str, tuple[Callable[[Path], None], bool]] = {
    "nothing": (lambda root: None, True),
    "B's index in A's place": (index_of_b, True),
    "ids of B in A's index": (ids_of_b, True),
    "paths of B on A's documents": (paths_of_b, True),
    "digests and titles of B on A's documents": (rows_of_b_numbered, True),
    "vectors of B in A's catalog": (vectors_of_b, True),
    "A's catalog says it is B's": (owner_is_b, False),
    "A's catalog says it is another file's": (another_settings_file, False),
    "A's store is a link to B's": (store_of_b_linked, False),
    "A's store is a copy of B's": (store_of_b_copied, False),
    "A's catalog is a link to B's": (catalog_of_b_linked, False),
}
REFUSED = [name for name, (_, answers) in FORGERIES.items() if not answers]
HOLD_B = {store_of_b_linked, store_of_b_copied, catalog_of_b_linked}
"""Forgeries after which A's place holds what is B's; the others say so of what is A's."""


def passages_of_a(root: Path, seed: str) -> list[str]:
    """What A shows for its share of the 1,000 questions, all of which name B."""
    opened = searching(pipeline_of(root, "a"))
    try:
        return [p.text for question in questions(seed) for p in opened.search(question, 5).passages]
    finally:
        opened.close()


@pytest.mark.parametrize("name", FORGERIES)
def test_never_a_passage_of_another_pipeline(root: Path, name: str) -> None:
    """Where A's own catalog is left it answers, from A; else the store is refused."""
    forge, answers = FORGERIES[name]
    forge(root)
    if not answers:
        with pytest.raises(RagkitError):
            passages_of_a(root, name)
        return
    shown = passages_of_a(root, name)
    assert len(shown) > PAIRS // len(FORGERIES)
    assert not [text for text in shown if "ownerb" in text]


def questions(seed: str) -> Iterator[str]:
    chance = random.Random(seed)
    for _ in range(1 + PAIRS // sum(answers for _, answers in FORGERIES.values())):
        number = chance.randint(1, DOCUMENTS)
        yield chance.choice(
            (
                f"How many pumps does supplier {number} deliver to ownerb?",
                f"When does the payment of {number * 100} euros by ownerb fall due?",
                "ownerb",
                text_of("b", number),
            )
        )


@pytest.mark.parametrize("name", REFUSED)
def test_the_control_without_walls_does_show_them(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each forgery that is refused answers with the protection taken out, and with what is B's."""
    forge, _ = FORGERIES[name]
    forge(root)
    monkeypatch.setattr("ragkit.flows.searching.require_owner", lambda *given: None)
    monkeypatch.setattr("ragkit.flows.searching.require_same_folders", lambda *given: None)
    monkeypatch.setattr("ragkit.catalog.store.require_private", lambda store: None)
    opened = searching(pipeline_of(root, "a"))
    try:
        texts = [passage.text for passage in opened.search("ownerb", 5).passages]
    finally:
        opened.close()
    assert texts
    assert any("ownerb" in text for text in texts) == (forge in HOLD_B)


def owner_says(root: Path, name: str) -> None:
    from ragkit.flows.owning import require_owner

    pipeline = pipeline_of(root, name)
    with Catalog.open_for_reading(pipeline.store) as catalog, catalog.snapshot():
        require_owner(pipeline, Reader(catalog))


def test_a_store_moved_along_with_a_renamed_pipeline_is_taken(root: Path) -> None:
    """The old name is gone from the settings file, and the folders are the same."""
    settings = root / "pipelines.yaml"
    kept = settings.read_text(encoding="utf-8")
    (root / ".ragkit/a").rename(root / ".ragkit/renamed")
    renamed = replace(pipeline_of(root, "a"), name="renamed", store=root / ".ragkit/renamed")
    from ragkit.flows.owning import require_owner

    def taken() -> None:
        with Catalog.open_for_reading(renamed.store) as catalog, catalog.snapshot():
            require_owner(renamed, Reader(catalog))

    with pytest.raises(UsageFault, match="belongs to the pipeline a, not to renamed"):
        taken()
    settings.write_text(kept.replace("{a:", "{renamed:"), encoding="utf-8")
    taken()


def test_a_copy_that_takes_the_place_of_another_is_told_how(root: Path) -> None:
    """What the hint says works: the old settings file renamed, the index is taken as it is."""
    another_settings_file(root)
    with pytest.raises(UsageFault) as raised:
        owner_says(root, "a")
    assert f"rename the old settings file ({root}/other.yaml)" in raised.value.hint
    (root / "other.yaml").rename(root / "other.old")
    owner_says(root, "a")


def test_stores_that_are_one_or_lie_in_each_other_are_refused(tmp_path: Path) -> None:
    from ragkit.workspace import Workspace

    (tmp_path / "files").mkdir()
    (tmp_path / "pipelines.yaml").write_text(
        "pipelines: {a: {folders: [files]}, b: {folders: [files]}}\n", encoding="utf-8"
    )
    stores = tmp_path / ".ragkit"
    (stores / "b" / "inner").mkdir(parents=True, mode=0o700)
    with Workspace(tmp_path / "pipelines.yaml") as workspace:
        assert workspace.status("a")[0].generation == 0
        for target in (stores / "b", stores / "b" / "inner"):
            (stores / "a").symlink_to(target)
            for call in (workspace.status, workspace.runs, workspace.ledger, workspace.plan):
                with pytest.raises(UsageFault, match="pipelines are kept apart"):
                    call("a")
            (stores / "a").unlink()
