"""Which reader a file gets: its name, unless its bytes say otherwise."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ragkit.errors import UnreadableDocument
from ragkit.parsers import registry
from ragkit.parsers.registry import identify, in_process_parse, readable_suffixes
from tests.parsers import samples

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


def _refusal(data: bytes, suffix: str) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        identify(data, suffix)
    return caught.value.kind


def test_content_wins_over_name() -> None:
    pdf, word = samples.pdf(["x"]), samples.word()
    assert identify(pdf, ".txt").name == "pdf"
    assert identify(word, ".pdf").name == "docx"
    assert identify(b"<!DOCTYPE html><html>", ".docx").name == "html"
    assert identify(b"<!DOCTYPE html><html>", ".txt").name == "text"
    assert identify(samples.workbook({"S": [("a",)]}), ".docx").name == "xlsx"
    assert identify(PNG, ".pdf").name == "image"
    assert identify(pdf, ".png").name == "pdf"


def test_refusals() -> None:
    assert _refusal(b"\0\0\0\x18ftypheic", ".heic") == "unsupported"
    assert _refusal(b"{\\rtf1 x}", ".docx") == "unsupported"
    assert _refusal(b"{\\rtf1 x}", "") == "unsupported"
    assert _refusal(b"\xd0words", ".docx") == "damaged"
    assert _refusal(b"\0\1\2 words", ".zzz") == "unknown"
    assert _refusal(b"\x1f\x8b\x08 words", ".txt") == "unsupported"
    assert _refusal(b"\x1f\x8b\x08 words", "") == "unsupported"
    assert _refusal(samples.pdf(["x"])[10:], ".zzz") == "unknown"


@pytest.mark.parametrize("suffix", ["", ".zzz", ".1", ".contract"])
def test_without_a_known_suffix_the_bytes_tell(suffix: str) -> None:
    assert identify(samples.pdf(["x"]), suffix).name == "pdf"
    assert identify(samples.word(), suffix).name == "docx"
    assert identify(b"<!DOCTYPE html><html>", suffix).name == "html"
    assert identify("Año 2024: el pago.\n".encode(), suffix).name == "text"
    assert identify("Año 2024".encode("utf-16"), suffix).name == "text"


def test_plain_text_is_read_whatever_its_name_says() -> None:
    for suffix in (".pdf", ".docx", ".msg", ".png", ".zip"):
        assert identify(b"Only words.\n", suffix).name == "text"
    assert in_process_parse(b"Only words.\n", "notes.pdf").text == "Only words.\n"


def test_old_names_do_not_hide_what_is_read() -> None:
    assert identify(samples.word(), ".doc").name == "docx"
    assert identify(b"<html><table>", ".xls").name == "html"
    assert identify(PNG, ".heic").name == "image"


def test_a_readers_fault_is_a_reason_without_the_documents_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("the secret words of the document")

    monkeypatch.setattr("ragkit.parsers.text.parse", fail)
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(b"secret", "a.txt")
    assert caught.value.message == "It is damaged: its text reader failed (ValueError)."
    assert caught.value.__cause__ is None


def test_fingerprint_names_versions() -> None:
    assert registry.fingerprint(".pdf").startswith("pdf ")
    assert registry.fingerprint(".zzz") == registry.fingerprint("")
    assert all(registry.fingerprint(suffix) for suffix in readable_suffixes())
    assert not set(readable_suffixes()) & set(registry.NOT_READ)


@pytest.mark.parametrize("suffix", [".eml", ".msg", ".zip", ""])
def test_what_may_hold_others_is_read_anew_with_every_reader(suffix: str) -> None:
    libraries = {library for entry in registry.FORMATS for library in entry.distributions}
    found = registry.fingerprint(suffix)
    assert all(f"{library} " in found for library in libraries)


def test_what_to_save_old_formats_as_is_read() -> None:
    for suffix in (".doc", ".xls", ".ppt", ".odt", ".ods", ".odp", ".rtf", ".epub"):
        _, read_as = registry.NOT_READ[suffix].split("not read yet; save it as ")
        assert read_as.removesuffix(".") in readable_suffixes()


def test_the_main_process_imports_no_reader() -> None:
    heavy = "{'unstructured', 'lxml', 'pypdf', 'pypdfium2', 'openpyxl', 'pptx', 'olefile', 'spacy', 'torch'}"
    code = (
        "import sys; from ragkit.parsers.pool import WorkerPool; WorkerPool().fingerprint('.eml');"
        f"sys.exit(str({heavy} & set(sys.modules) or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
