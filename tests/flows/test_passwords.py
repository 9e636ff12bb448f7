"""The file of passwords: whose it may be, whom it serves, and that it tells nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ragkit.errors import ConfigFault, UsageFault
from ragkit.flows.passwords import Passwords


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "passwords.yaml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_names_patterns_and_lists(tmp_path: Path) -> None:
    text = (
        "contract.pdf: 'one'\n"
        "box/*.docx: ['two', 'three']\n"
        "'scan [1].pdf': four\n"
        "mail.eml::inner.pdf: five\n"
        "'*': one\n"
    )
    passwords = Passwords.load(write(tmp_path, text))
    assert passwords.for_file("2024/contract.pdf") == ("one",)
    assert passwords.for_file("box/a.docx") == ("two", "three", "one")
    assert passwords.for_file("a.docx") == ("one",)
    assert passwords.for_file("scan [1].pdf") == ("four", "one")
    assert passwords.for_file("in/mail.eml") == ("five", "one")
    assert Passwords.none().for_file("contract.pdf") == ()


def test_accents_are_one_however_they_are_written(tmp_path: Path) -> None:
    passwords = Passwords.load(write(tmp_path, "cláusula.pdf: secret\n"))
    assert passwords.for_file("cla\u0301usula.pdf") == ("secret",)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_what_others_have_access_to_is_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path, "a: secret\n", mode)
    with pytest.raises(UsageFault, match="by others") as caught:
        Passwords.load(path)
    assert caught.value.hint == f"chmod 600 {path}"


def test_what_is_anothers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a: secret\n")
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(UsageFault, match="another user"):
        Passwords.load(path)


def test_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="No such file"):
        Passwords.load(tmp_path / "none.yaml")
    with pytest.raises(UsageFault, match="regular"):
        Passwords.load(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "a.pdf: 0123hunter2: x\n",
        "a.pdf: *hunter2\n",
        "a.pdf: @hunter2\n",
        "- hunter2\n",
        "hunter2\n",
        "a.pdf: [x, {hunter2: y}]\n",
        "a.pdf: !hunter2 x\n",
        "a.pdf: hunter2\na.pdf: hunter2\n",
    ],
)
def test_a_faulty_file_is_refused_without_its_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        Passwords.load(write(tmp_path, text))
    told = f"{caught.value.as_dict()}{caught.value.__cause__}"
    assert "hunter2" not in told
    assert str(tmp_path) in told


@pytest.mark.parametrize("bare", ["0123", "2024-01-02", "yes", "", "[]x]", "['']"])
def test_passwords_that_yaml_would_change_must_be_quoted(tmp_path: Path, bare: str) -> None:
    with pytest.raises(ConfigFault):
        Passwords.load(write(tmp_path, f"a.pdf: {bare}\n"))


def test_the_stamp_follows_the_file_and_holds_nothing_of_it(tmp_path: Path) -> None:
    path = write(tmp_path, "a: hunter2\n")
    first = Passwords.load(path)
    assert Passwords.load(path).stamp == first.stamp
    os.utime(path, ns=(1, 1))
    assert Passwords.load(path).stamp != first.stamp
    assert "hunter2" not in repr(first)
    assert Passwords.none().stamp == ""


def test_what_is_typed_comes_first_and_is_tried_again(tmp_path: Path) -> None:
    kept = Passwords.load(write(tmp_path, "'*': old\n"))
    both = kept.and_asked({"mail.eml::a.pdf": "typed"})
    assert both.for_file("mail.eml") == ("typed", "old")
    assert both.for_file("b.pdf") == ("old",)
    assert both.stamp != kept.stamp
    assert "typed" not in repr(both)


def test_an_empty_file_holds_none(tmp_path: Path) -> None:
    assert Passwords.load(write(tmp_path, "# none yet\n")).for_file("a") == ()
