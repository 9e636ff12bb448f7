"""What a certificate says of places that a purge does not reach: files written elsewhere, other pipelines."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Literal

import pytest

from ragkit.config import Pipeline
from ragkit.flows.after_ingest import NightSteps, NightWork
from ragkit.flows.nightly import nightly
from ragkit.flows.purging import purge
from ragkit.ledger import Ledger
from ragkit.nightsteps import NightStep, SummarizeStep, SweepStep
from ragkit.rendering.certificate import as_text
from ragkit.types import Summary
from ragkit.types.erasure import Certificate, Exports
from ragkit.types.ledger import LedgerEntry
from ragkit.types.sweeps import Sweep
from tests.erasure.made_up import MadeUp

FIRST = "Zyzzyva was seen on Monday."
SECOND = "Zyzzyva was seen on Tuesday."
STAYS = "Beatrice was seen on Wednesday."


def noted(made: MadeUp, text: str, exported: str, command: str = "ask") -> None:
    digest = sha256(text.encode()).hexdigest()
    entry = LedgerEntry(
        at="2026-03-01T00:00:00+00:00",
        user="somebody",
        command=command,
        pipeline="p",
        generation=1,
        documents=(digest,),
        outcome="answered",
        isolation="A",
        exported=exported,
    )
    Ledger(made.store).append(entry)


@pytest.fixture
def made(tmp_path: Path) -> MadeUp:
    return made_in(tmp_path)


def made_in(root: Path) -> MadeUp:
    root.mkdir(exist_ok=True)
    made = MadeUp(root)
    write(made, "letter.txt", FIRST)
    write(made, "stays.txt", STAYS)
    made.ingest()
    noted(made, STAYS, "/home/a/others.html")
    return made


def write(made: MadeUp, path: str, text: str) -> None:
    (made.files / path).write_text(text, encoding="utf-8")


# Files written elsewhere


def test_an_export_of_a_former_state_is_named(made: MadeUp) -> None:
    noted(made, FIRST, "/home/a/first.html")
    write(made, "letter.txt", SECOND)
    made.ingest()
    certificate = made.purge("letter.txt")
    assert certificate.exports == Exports(("/home/a/first.html",))
    assert certificate.is_clean
    assert "Former states of a file were not looked for" in as_text(certificate)


@pytest.mark.parametrize("is_gone", [False, True], ids=["edited", "deleted"])
def test_an_export_of_what_nothing_knows_any_more_may_show_it(made: MadeUp, is_gone: bool) -> None:
    nightly(made.pipeline, made.ingest)
    noted(made, FIRST, "/home/a/first.html")
    write(made, "letter.txt", SECOND)
    if is_gone:
        (made.files / "letter.txt").unlink()
    nightly(made.pipeline, made.ingest)  # its report told the change: the digest is forgotten
    certificate = made.purge("letter.txt")
    assert certificate.exports == Exports((), ("/home/a/first.html",))
    assert "may show it or a former state of it: /home/a/first.html" in as_text(certificate)


def test_what_another_purge_has_listed_is_not_listed_again(made: MadeUp) -> None:
    noted(made, "Something else.", "/home/a/else.html")
    noted(made, "Something else.", "", command="purge")
    assert made.purge("letter.txt").exports == Exports()


def test_a_purge_that_goes_on_names_them_too(made: MadeUp) -> None:
    noted(made, FIRST, "/home/a/first.html")
    (made.store / "copy.bin").write_text(FIRST, encoding="utf-8")
    assert not made.purge("letter.txt").is_clean
    (made.store / "copy.bin").unlink()
    certificate = made.purge("letter.txt")
    assert (certificate.resumed, certificate.exports) == (True, Exports(("/home/a/first.html",)))


def purge_with(made: MadeUp, ledger: Literal["on", "off"], *others: MadeUp) -> Certificate:
    pipeline = made.pipeline
    changed = replace(pipeline, settings=replace(pipeline.settings, ledger=ledger))
    pipelines = tuple(
        replace(other.pipeline, name=f"q{number}") for number, other in enumerate(others)
    )
    parts = replace(made.purge_parts(), pipeline=changed, others=pipelines)
    return purge(parts, ["letter.txt"], still_there=True)


def test_without_a_ledger_files_elsewhere_are_said_to_be_unknown(made: MadeUp) -> None:
    certificate = purge_with(made, "off")
    assert certificate.exports.unknown == "the ledger is off"
    assert "files written with --output: not known, the ledger is off" in as_text(certificate)


@pytest.mark.parametrize("kind", ["altered", "gone"])
def test_with_a_damaged_ledger_they_are_unknown_too(made: MadeUp, kind: str) -> None:
    noted(made, FIRST, "/home/a/first.html")
    file = made.store / "ledger.jsonl"
    if kind == "gone":
        for path in made.store.glob("ledger.*"):
            path.unlink()
    else:
        file.write_bytes(file.read_bytes().replace(b"first.html", b"fir\xffst.html"))
    unknown = made.purge("letter.txt").exports.unknown
    assert unknown.startswith("the ledger")


def with_outputs(made: MadeUp, *steps: NightStep) -> Pipeline:
    return replace(
        made.pipeline, settings=replace(made.pipeline.settings, after_ingest=steps, ledger="off")
    )


def test_what_the_steps_of_a_night_have_written_is_named_also_without_a_ledger(
    made: MadeUp,
) -> None:
    """It holds words of the document until a night's steps have gone well."""
    summaries, rows, gone = (made.root / name for name in ("summaries", "rows.csv", "gone.csv"))
    steps = (SummarizeStep(str(summaries)), SweepStep("x", str(rows)), SweepStep("x", str(gone)))
    summaries.mkdir()
    rows.write_text(FIRST, encoding="utf-8")
    parts = replace(made.purge_parts(), pipeline=with_outputs(made, *steps))
    certificate = purge(parts, ["letter.txt"], still_there=True)
    assert certificate.exports.outputs == (str(rows), str(summaries))  # and not what is not there
    text = as_text(certificate)
    for path in (rows, summaries):
        assert f"{path}: may show it until a night has written it anew (ragkit nightly p)" in text
    assert str(gone) not in text
    assert certificate.as_dict()["outputs"] == [str(rows), str(summaries)]
    assert rows.read_text(encoding="utf-8") == FIRST  # a purge touches nothing outside of its store


def test_an_output_that_cannot_be_looked_at_is_named_and_the_purge_goes_on(
    made: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its disk answers no more, or somebody else has shut the folder around it."""
    rows, exists = made.root / "rows.csv", Path.exists

    def refused(path: Path) -> bool:
        if path == rows:
            raise PermissionError(13, "Permission denied")
        return exists(path)

    monkeypatch.setattr(Path, "exists", refused)
    pipeline = with_outputs(made, SweepStep("x", str(rows)))
    parts = replace(made.purge_parts(), pipeline=pipeline)
    certificate = purge(parts, ["letter.txt"], still_there=True)
    assert certificate.exports.outputs == (str(rows),)


def test_what_the_ledger_knows_of_them_is_named_once_and_for_sure(made: MadeUp) -> None:
    rows = made.root / "rows.csv"
    rows.write_text(FIRST, encoding="utf-8")
    noted(made, FIRST, str(rows), command="sweep")
    pipeline = with_outputs(made, SweepStep("x", str(rows)))
    on = replace(pipeline, settings=replace(pipeline.settings, ledger="on"))
    text = as_text(
        purge(replace(made.purge_parts(), pipeline=on), ["letter.txt"], still_there=True)
    )
    assert f"{rows}: shows it until a night has written it anew (ragkit nightly p)" in text
    assert text.count(str(rows)) == 1


def test_the_output_of_a_step_that_the_settings_have_no_more_is_known_from_the_reports(
    made: MadeUp,
) -> None:
    rows = made.root / "rows.csv"
    (made.root / "asked.yaml").write_text("- question: Was Zyzzyva seen?\n", encoding="utf-8")
    pipeline = with_outputs(made, SweepStep("asked.yaml", str(rows)))

    def swept(*given: object) -> Sweep:
        return Sweep("p", 1, 0, (), 0, 0, 0.0)

    work = NightWork(summarize=not_called, sweep=swept)
    nightly(pipeline, made.ingest, NightSteps(pipeline, (), work))
    assert rows.is_file()
    told = as_text(purge_with(made, "off"))
    assert f"may show it or a former state of it: {rows}" in told
    rows.unlink()
    made.ingest()
    assert str(rows) not in as_text(purge_with(made, "off"))


def test_what_a_night_wrote_to_a_disk_that_is_away_may_show_it(made: MadeUp) -> None:
    disk = made.root / "disk"
    disk.mkdir()
    (made.root / "asked.yaml").write_text("- question: Was Zyzzyva seen?\n", encoding="utf-8")
    pipeline = with_outputs(made, SweepStep("asked.yaml", str(disk / "rows.csv")))

    def swept(*given: object) -> Sweep:
        return Sweep("p", 1, 0, (), 0, 0, 0.0)

    work = NightWork(summarize=not_called, sweep=swept)
    nightly(pipeline, made.ingest, NightSteps(pipeline, (), work))
    disk.rename(made.root / "elsewhere")
    assert f"may show it or a former state of it: {disk / 'rows.csv'}" in as_text(
        purge_with(made, "off")
    )


def not_called(*given: object) -> Summary:
    raise AssertionError("there is no such step")


# Other pipelines


def test_another_pipeline_with_the_same_bytes_is_named(made: MadeUp, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    same, other = made_in(tmp_path / "same"), made_in(tmp_path / "other")
    (other.files / "letter.txt").unlink()
    other.ingest()
    broken = made_in(tmp_path / "broken")
    (broken.store / "catalog.db").write_bytes(b"no database" * 1000)
    certificate = purge_with(made, "on", same, other, MadeUp(tmp_path / "empty"), broken)
    assert certificate.elsewhere == (
        "also indexed by the pipeline q0: purge it there too",
        "the pipeline q3 cannot be asked whether it has the same bytes",
    )
    assert certificate.elsewhere[0] in as_text(certificate)
