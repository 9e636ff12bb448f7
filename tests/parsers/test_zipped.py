"""Archives: a folder of documents of their own, within limits, whatever is in them."""

from __future__ import annotations

import zipfile
from typing import IO

import pytest
import pyzipper  # type: ignore[import-untyped]

from ragkit.errors import UnreadableDocument
from ragkit.parsers import limits, registry, zipped
from ragkit.parsers.limits import ParseLimits, Reading
from ragkit.parsers.names import member_names
from ragkit.parsers.registry import identify, in_process_parse
from ragkit.types import ParsedDocument
from tests.parsers import archives, samples


def texts(document: ParsedDocument) -> dict[str, str]:
    """Text, or reason, of each child by its name."""
    return {
        child.name: child.document.text if child.document else child.reason
        for child in document.children
    }


def kinds(document: ParsedDocument) -> dict[str, str]:
    return {child.name: child.kind for child in document.children}


def refusal(data: bytes, allowed: ParseLimits | None = None) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(data, "box.zip", allowed)
    return caught.value.kind


def test_members_are_documents_named_by_their_paths() -> None:
    inner = archives.archive({"letter.txt": "Inner letter."})
    data = archives.archive(
        {
            "2024/": "",
            "2024/contract.pdf": samples.pdf(["Rent is due on 1 May."]),
            "2024/without suffix": samples.word(),
            "inner.zip": inner,
            "photo.heif": b"\x00\x01 not a picture",
        }
    )
    document = in_process_parse(data, "box.zip")
    assert document.pages == ()
    found = texts(document)
    assert list(found) == ["2024/contract.pdf", "2024/without suffix", "inner.zip", "photo.heif"]
    assert "Rent is due on 1 May." in found["2024/contract.pdf"]
    assert "EUR 900" in found["2024/without suffix"]
    assert found["photo.heif"] == "Images of this kind are not read; save it as .png."
    (nested,) = [child.document for child in document.children if child.name == "inner.zip"]
    assert nested is not None
    assert texts(nested) == {"letter.txt": "Inner letter."}
    assert identify(data, ".pdf").name == identify(data, "").name == "zip"


def test_an_archive_attached_to_a_mail() -> None:
    mail = samples.mail("Files", "See attached.")
    content = archives.archive({"a/b.txt": "Deep words."})
    mail.add_attachment(content, maintype="application", subtype="zip", filename="all.zip")
    (child,) = in_process_parse(mail.as_bytes(), "m.eml").children
    assert child.document is not None
    assert texts(child.document) == {"a/b.txt": "Deep words."}


def test_hidden_and_left_behind_members_are_left_out() -> None:
    data = archives.archive(
        {
            "__MACOSX/._a.txt": "x",
            ".DS_Store": "x",
            "a/.git/config": "x",
            "~$a.docx": "x",
            "Thumbs.db": "x",
            "a.txt": "words",
        }
    )
    assert texts(in_process_parse(data, "box.zip")) == {"a.txt": "words"}
    assert refusal(archives.archive({".DS_Store": "x", "d/": ""})) == "empty"
    assert refusal(archives.archive({})) == "empty"


def test_names_neither_climb_nor_collide() -> None:
    paths = ["../../etc/a.txt", "C:\\x\\a.txt", "/etc/a.txt", "x.1/a", "X.1/A", "a::b.txt", "\x1b"]
    assert member_names(paths) == [
        "etc/a.txt",
        "x/a.txt",
        "etc/a (2).txt",
        "x.1/a",
        "X.1/A (2)",
        "a:b.txt",
        "member 7",
    ]
    data = archives.archive({f"../{path}": path for path in ("up.txt", "../up.txt")})
    assert list(texts(in_process_parse(data, "box.zip"))) == ["up.txt", "up (2).txt"]


def test_no_name_reads_as_one_within_another() -> None:
    paths = ["m.eml:::b.txt", "m.eml::::b.txt", ":a.txt:", ":::", "a:\u200b:b", "d/:: /x::"]
    names = member_names(paths)
    assert names == ["m.eml:b.txt", "m.eml:b (2).txt", "a.txt", "member 4", "a:b", "d/x"]


def test_thousands_of_equal_names_take_no_time() -> None:
    names = member_names(["same.txt"] * 20_000)
    assert len(set(names)) == 20_000
    assert names[-1] == "same (20000).txt"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_both_read() -> None:
    data = archives.twice("a.txt", "first", "second")
    assert texts(in_process_parse(data, "box.zip")) == {"a.txt": "first", "a (2).txt": "second"}


def test_links_are_not_followed() -> None:
    document = in_process_parse(archives.with_link("passwd.txt", "/etc/passwd"), "box.zip")
    assert kinds(document) == {"passwd.txt": "link", "beside.txt": ""}


def test_names_in_utf_8_that_do_not_say_so() -> None:
    data = archives.archive({"cl##usula.txt": "x"}).replace(b"cl##", "clá".encode())
    assert list(texts(in_process_parse(data, "box.zip"))) == ["cláusula.txt"]


def test_a_damaged_member_does_not_take_the_others_with_it() -> None:
    data = archives.archive({"a.txt": "aaaa bbbb", "b.txt": "words"}, zipfile.ZIP_STORED)
    document = in_process_parse(data.replace(b"aaaa bbbb", b"aaaa bbbX"), "box.zip")
    assert kinds(document) == {"a.txt": "damaged", "b.txt": ""}
    assert refusal(data[:40]) == "damaged"


# Bombs


def test_what_unpacks_to_too_much_is_named_and_the_rest_is_read() -> None:
    data = archives.archive({"a.txt": "words", "bomb.txt": b"x" * 30_000_000, "z.txt": "more"})
    document = in_process_parse(data, "box.zip")
    assert kinds(document) == {"a.txt": "", "bomb.txt": "too_large", "z.txt": ""}


def test_all_members_together_and_those_inside_members_count() -> None:
    part = bytes(range(256)) * 8_000  # 2 MB that shrink, but not by much
    inner = archives.archive({"1.txt": "words", "2.bin": part, "3.bin": part})
    data = archives.archive({"inner.zip": inner, "last.bin": part}, zipfile.ZIP_STORED)
    document = in_process_parse(data, "box.zip", ParseLimits(archive_bytes=3_000_000))
    (inside,) = [child.document for child in document.children if child.document]
    assert kinds(inside) == {"1.txt": "", "2.bin": "unknown", "3.bin": "too_large"}
    last = texts(document)["last.bin"]
    assert last.endswith("more than 3 MB: raise parsing.unpacked_mb in pipelines.yaml to read it.")


def test_members_are_counted_through_all_levels() -> None:
    inner = archives.archive({f"{number}.txt": "words" for number in range(5)})
    data = archives.archive({"inner.zip": inner, "a.txt": "words", "b.txt": "words"})
    document = in_process_parse(data, "box.zip", ParseLimits(children=7))
    assert list(kinds(document).values()) == ["", "", "too_large"]
    assert "raise parsing.members" in texts(document)["b.txt"]
    assert refusal(data, ParseLimits(archive_members=2)) == "too_large"


def test_archives_in_archives_end_at_a_depth() -> None:
    data = archives.archive({"deepest.txt": "words"})
    for _ in range(4):
        data = archives.archive({"in.zip": data})
    document = in_process_parse(data, "box.zip", ParseLimits(child_depth=2))
    first = document.children[0].document
    assert first is not None
    second = first.children[0].document
    assert second is not None
    assert "2 levels deep: raise parsing.depth" in second.children[0].reason


def test_when_the_time_is_used_up_what_was_read_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(100))  # every look at the clock a second later
    monkeypatch.setattr(limits.time, "process_time", lambda: next(times))
    data = archives.archive({f"{number}.txt": "words" for number in range(5)})
    found = in_process_parse(data, "box.zip", ParseLimits(cpu_seconds=4.0))
    assert list(kinds(found).values()) == ["", "", "", "timeout", "timeout"]
    reason = texts(found)["4.txt"]
    assert reason.endswith("raise parsing.cpu_seconds in pipelines.yaml to read it.")


def test_a_member_that_needs_too_much_memory_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    read = registry._module

    class Hungry:
        @staticmethod
        def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
            raise MemoryError

    monkeypatch.setattr(
        registry, "_module", lambda entry: Hungry if entry.name == "json" else read(entry)
    )
    inner = archives.archive({"b.json": "[1]", "c.txt": "words"})
    mail = samples.mail("Files", "See attached.")
    mail.add_attachment(inner, maintype="application", subtype="zip", filename="all.zip")
    data = archives.archive({"a.json": "[1]", "m.eml": mail.as_bytes(), "z.txt": "words"})
    document = in_process_parse(data, "box.zip")
    assert kinds(document) == {"a.json": "memory", "m.eml": "", "z.txt": ""}
    assert "raise parsing.memory_mb in pipelines.yaml" in texts(document)["a.json"]
    (attached,) = [
        child.document.children[0]
        for child in document.children
        if child.name == "m.eml" and child.document
    ]
    assert attached.document is not None
    assert kinds(attached.document) == {"b.json": "memory", "c.txt": ""}


def test_a_member_that_cannot_be_unpacked_for_lack_of_memory_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take = zipped._take

    def hungry(stream: IO[bytes], member: zipfile.ZipInfo, reading: Reading) -> bytes:
        if member.filename == "a.txt":
            raise MemoryError
        return take(stream, member, reading)

    monkeypatch.setattr(zipped, "_take", hungry)
    data = archives.archive({"a.txt": "words", "b.txt": "words"})
    assert kinds(in_process_parse(data, "box.zip")) == {"a.txt": "memory", "b.txt": ""}


def test_too_much_text_in_one_member_or_all_together_is_named_and_the_rest_is_kept() -> None:
    inner = archives.archive({"1.txt": "x" * 400, "huge.txt": "y" * 2_000})
    mail = samples.mail("Files", "w" * 300)
    mail.add_attachment(b"z" * 250, maintype="text", subtype="plain", filename="b.txt")
    members: dict[str, bytes | str] = {"inner.zip": inner, "m.eml": mail.as_bytes()}
    data = archives.archive({**members, "c.txt": "v" * 300, "d.txt": "u" * 100})
    document = in_process_parse(data, "box.zip", ParseLimits(characters=1_000))
    found = {child.name: child.document for child in document.children}
    assert found["inner.zip"] is not None
    assert found["m.eml"] is not None
    assert kinds(found["inner.zip"]) == {"1.txt": "", "huge.txt": "too_large"}
    assert kinds(found["m.eml"]) == {"b.txt": "too_large"}
    assert kinds(document) == {"inner.zip": "", "m.eml": "", "c.txt": "too_large", "d.txt": ""}
    assert "raise parsing.text_mb" in texts(document)["c.txt"]


# Passwords


@pytest.mark.parametrize("password", ["secret", "pässwört"])
def test_encrypted_members_open_with_their_password(password: str) -> None:
    old = archives.zip_crypto("old.txt", b"Old words.", password.encode("cp1252"))
    new = archives.aes({"new.txt": "New words."}, password.encode())
    data = archives.archive({"old.zip": old, "new.zip": new})
    locked = in_process_parse(data, "box.zip")
    for child in locked.children:
        assert child.document is not None
        assert [inside.kind for inside in child.document.children] == ["password"]
    opened = in_process_parse(data, "box.zip", passwords=("wrong", password))
    found = [child.document for child in opened.children if child.document]
    assert [texts(document) for document in found] == [
        {"old.txt": "Old words."},
        {"new.txt": "New words."},
    ]


def test_a_wrong_password_is_told_without_it() -> None:
    data = archives.aes({"new.txt": "New words."}, b"right")
    (child,) = in_process_parse(data, "box.zip", passwords=("wrong", "false")).children
    assert child.reason == "It is protected by a password, and none of 2 given opens it."


def test_an_archive_of_many_locked_members_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, tried = [], []
    wrapped = pyzipper.AESZipFile

    class Counted(wrapped):  # type: ignore[misc,valid-type]
        def __init__(self, *given: object) -> None:
            opened.append(1)
            super().__init__(*given)

        def open(self, member: object, pwd: bytes) -> object:
            tried.append(pwd)
            return super().open(member, pwd=pwd)

    data = archives.aes({f"{number}.txt": "words" for number in range(30)}, b"right")
    monkeypatch.setattr(pyzipper, "AESZipFile", Counted)
    read = in_process_parse(data, "box.zip", passwords=("wrong", "right", "false"))
    assert set(texts(read).values()) == {"words"}
    assert len(opened) == 1
    assert tried == [b"wrong", *[b"right"] * 30]
