"""What can lie in a folder beside documents: named with its reason, opened never, followed never."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.config import Pipeline, load_config
from ragkit.flows.surveying import Survey, survey


def pipeline(root: Path, more: str = "") -> Pipeline:
    (root / "files").mkdir(exist_ok=True)
    text = f"pipelines:\n  p:\n    folders: [files]\n{more}"
    (root / "pipelines.yaml").write_text(text, encoding="utf-8")
    return load_config(root / "pipelines.yaml").pipeline("p")


def paths(found: Survey) -> list[str]:
    return [file.path for file in found.files]


def kinds(found: Survey) -> dict[str, str]:
    return {item.path: item.kind for item in found.refused}


def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    chosen, files = pipeline(tmp_path), tmp_path / "files"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("words", encoding="utf-8")
    (files / "a.txt").write_text("words", encoding="utf-8")
    for name, target in (
        ("out.txt", "../outside/secret.txt"),
        ("outdir", "../outside"),
        ("loop", "loop"),
        ("self", "."),
        ("dangling.pdf", "nowhere"),
    ):
        (files / name).symlink_to(target)
    found = survey(chosen)
    assert paths(found) == ["a.txt"]
    assert kinds(found) == dict.fromkeys(
        ("out.txt", "outdir", "loop", "self", "dangling.pdf"), "link"
    )


def test_what_is_no_file_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen, files = pipeline(tmp_path), tmp_path / "files"
    os.mkfifo(files / "fifo.txt")
    monkeypatch.chdir(files)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.txt")
    expected = {"fifo.txt", "socket.txt"}
    if os.geteuid() == 0 and _device(files / "device.txt"):
        expected.add("device.txt")
    found = survey(chosen)
    assert paths(found) == []
    assert kinds(found) == dict.fromkeys(expected, "special")


def _device(path: Path) -> bool:
    """A device node, where this machine lets root make one."""
    try:
        os.mknod(path, 0o20600, os.makedev(1, 3))
    except PermissionError:
        return False
    return True


def test_odd_names(tmp_path: Path) -> None:
    chosen, files = pipeline(tmp_path), tmp_path / "files"
    for name in ("new\nline.txt", "esc\x1b[31m.txt", "bidi\u202etxt.exe", "no suffix", "a::b.txt"):
        (files / name).write_text("words", encoding="utf-8")
    Path(os.fsdecode(os.fsencode(files) + b"/bad\xff.txt")).write_text("words", encoding="utf-8")
    found = survey(chosen)
    assert set(paths(found)) == {
        "new\nline.txt",
        "esc\x1b[31m.txt",
        "bidi\u202etxt.exe",
        "no suffix",
    }
    assert kinds(found) == {"a::b.txt": "name", "bad\\xff.txt": "name"}


def test_a_folder_that_cannot_be_listed_hides_what_is_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, files = pipeline(tmp_path), tmp_path / "files"
    (files / "closed").mkdir()
    (files / "closed" / "x.txt").write_text("words", encoding="utf-8")
    (files / "a.txt").write_text("words", encoding="utf-8")
    real = os.scandir

    def refuse(path: str) -> object:  # root is let in everywhere
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = survey(chosen)
    assert paths(found) == ["a.txt"]
    assert kinds(found) == {"closed": "permission"}
    assert not found.knows_absence_of("closed/x.txt")
    assert found.knows_absence_of("gone.txt")


def test_programs_leavings_and_own_files_are_no_documents(tmp_path: Path) -> None:
    chosen = pipeline(tmp_path, "    passwords: files/passwords.yaml\n")
    for name in ("a.txt", ".hidden", "~$a.docx", "Thumbs.db", "x.part", "passwords.yaml"):
        (tmp_path / "files" / name).write_text("words", encoding="utf-8")
    assert paths(survey(chosen)) == ["a.txt"]


def test_a_tree_deeper_than_the_stack(tmp_path: Path) -> None:
    chosen = pipeline(tmp_path)
    code = (
        "import os, sys\nos.chdir(sys.argv[1])\n"
        "for _ in range(1500): os.mkdir('d'); os.chdir('d')\n"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "files"], check=True)
    found = survey(chosen)
    # pytest's own cleaning up would end at the stack.
    subprocess.run(["rm", "-rf", tmp_path / "files"], check=True)
    assert (paths(found), kinds(found)) == ([], {})
