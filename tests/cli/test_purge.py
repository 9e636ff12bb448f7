"""`ragkit purge`: its certificate, its exit codes, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from ragkit.cli import door, main
from ragkit.types.erasure import Certificate, ErasedDocument, Exports, Finding, Scan, ScannedFile


def certificate(*findings: Finding, is_text_sought: bool = True) -> Certificate:
    file = ScannedFile("p/catalog.db", 4096, "ab" * 32)
    return Certificate(
        pipeline="p",
        finished="2026-01-02T03:04:05+00:00",
        versions={"ragkit": "1"},
        generation_before=1,
        generation_after=2,
        documents=(ErasedDocument("cd" * 32, "ef" * 32, is_text_sought=is_text_sought),),
        erased=(),
        also_erased=0,
        holdings=(),
        undeclared=(),
        scan=Scan((file,), {"UTF-8": 12}, findings, (), 0.1),
        exports=Exports(("/home/x/<summary>.html",)),
        not_reached=("backups",),
        resumed=False,
        still_there=False,
        steps={},
    )


class FakeWorkspace:
    def __init__(self, made: Certificate) -> None:
        self.made = made

    def __enter__(self) -> FakeWorkspace:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def purge(
        self,
        pipeline: str,
        documents: Sequence[str],
        *,
        on_certificate: Callable[[Certificate], None],
        **_: object,
    ) -> Certificate:
        assert (pipeline, tuple(documents)) == ("p", ("a.txt",))
        on_certificate(self.made)
        return self.made


def run(monkeypatch: pytest.MonkeyPatch, made: Certificate, *options: str) -> tuple[int, str]:
    monkeypatch.setattr(door.Door, "open_workspace", lambda self, **_: FakeWorkspace(made))
    done = CliRunner().invoke(main.cli, ["purge", "p", "a.txt", *options])
    return done.exit_code, done.stdout


def test_a_clean_purge_ends_with_0_and_writes_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, text = run(monkeypatch, certificate(), "--certificate", str(tmp_path / "c.html"))
    assert code == 0
    assert "Nothing was found" in text
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert "&lt;summary&gt;" in page
    assert "<script" not in page
    assert "ab" * 32 in page


def test_something_found_ends_with_9_and_names_file_and_encoding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = certificate(Finding("p/catalog.db", "UTF-16LE", 3, 77))
    code, text = run(monkeypatch, made, "--certificate", str(tmp_path / "c.json"))
    assert code == 9
    assert "p/catalog.db: UTF-16LE, 3 times" in text
    data = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert (data["version"], data["clean"]) == (1, False)
    assert data["findings"][0]["encoding"] == "UTF-16LE"
    assert (tmp_path / "c.json").stat().st_mode & 0o077 == 0


def test_a_text_that_was_not_looked_for_ends_with_9_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = certificate(is_text_sought=False)
    code, text = run(monkeypatch, made, "--certificate", str(tmp_path / "c.html"))
    assert code == 9
    assert "TEXT NOT LOOKED FOR: of 1 of 1 documents" in text
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert '<span class="outcome bad">Text not looked for</span>' in page


def test_json_is_the_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = run(monkeypatch, certificate(), "--json", "-q")
    assert (code, json.loads(text)["clean"]) == (0, True)


def test_another_kind_of_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, certificate(), "--certificate", "c.pdf")[0] == 2
