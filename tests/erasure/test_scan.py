"""The scan by itself: what it finds, in which form, and what it does not take for a leftover."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from ragkit.erasure.forms import (
    ESCAPED,
    FLOAT16,
    FLOAT32,
    INT8,
    INT16,
    INT32,
    NAMES,
    UTF8,
    UTF16BE,
    UTF16LE,
    VECTOR_KEY,
    WORDS,
)
from ragkit.erasure.matching import Needles
from ragkit.erasure.needles import NeedleMaker
from ragkit.erasure.scan import BLOCK, scan
from ragkit.types.erasure import HIDDEN_NAME

TEXT = "La señora Quibblethorpe firmó el contrato número 48151623 en la notaría de Xàtiva."
STAYS = "El contrato fue firmado en la notaría, and the rent is 900 euros a month."
VECTOR = np.random.default_rng(1).standard_normal(384).astype(np.float32)
SMALL = np.rint(VECTOR / np.linalg.norm(VECTOR) * 127).astype(np.int8).tobytes()
TOKENS = np.random.default_rng(2).integers(1000, 30000, 60)
KEY = bytes(range(100, 116))


@pytest.fixture(scope="module")
def needles() -> Needles:
    maker = NeedleMaker()
    maker.add_text(TEXT)
    maker.add_name("pacientes/0042/Quibblethorpe.pdf")
    maker.add_vectors(VECTOR[np.newaxis])
    maker.add_small_vectors(SMALL)
    maker.add_vector_key(KEY)
    maker.add_tokens(TOKENS)
    maker.stays([STAYS])
    return maker.make()


FORMS = {
    UTF8: TEXT[5:50].encode(),
    ESCAPED: json.dumps(TEXT[5:65])[1:-1].encode(),
    UTF16LE: TEXT[5:50].encode("utf-16-le"),
    UTF16BE: TEXT[5:50].encode("utf-16-be"),
    FLOAT32: VECTOR[100:106].tobytes(),
    FLOAT16: VECTOR[100:112].astype("<f2").tobytes(),
    INT8: SMALL[200:224],
    INT32: TOKENS[20:26].astype("<i4").tobytes(),
    INT16: TOKENS[20:32].astype("<u2").tobytes(),
    NAMES: b"pacientes/0042/Quibblethorpe.pdf",
    WORDS: b"0Quibblethorpe\x02",
    VECTOR_KEY: KEY,
}


@pytest.mark.parametrize("place", [0, 1, 2, 3, 5, 7, BLOCK - 11, BLOCK - 60])
@pytest.mark.parametrize("encoding", list(FORMS))
def test_a_piece_is_found_wherever_it_lies(
    tmp_path: Path, needles: Needles, encoding: str, place: int
) -> None:
    (tmp_path / "a").write_bytes(bytes(place) + FORMS[encoding] + bytes(100))
    found = {finding.encoding for finding in scan(tmp_path, needles).findings}
    assert encoding in found


def test_what_stays_and_chance_are_not_found(tmp_path: Path, needles: Needles) -> None:
    other = np.random.default_rng(9).standard_normal(4000).astype(np.float32)
    (tmp_path / "a").write_bytes(STAYS.encode() + other.tobytes() + STAYS.encode("utf-16-le"))
    (tmp_path / "noise").write_bytes(os.urandom(3 * BLOCK))
    (tmp_path / "empty").touch()
    result = scan(tmp_path, needles)
    assert result.findings == ()
    assert [file.size for file in result.files] == [
        len(STAYS.encode()) + 16000 + 2 * len(STAYS),
        0,
        3 * BLOCK,
    ]


def test_one_byte_before_a_stretch_that_stays_is_no_leftover(tmp_path: Path) -> None:
    """A pointer at the beginning of a page that looks like the letter R."""
    maker = NeedleMaker()
    maker.add_text("He paid the Reasonable attorneys' fees of the Managers at once.")
    maker.stays(["the party's reasonable attorneys' fees of the Manager shall be borne"])
    (tmp_path / "a").write_bytes(b"\0\0\0Reasonable attorneys' fees of the Managers\xfe")
    assert scan(tmp_path, maker.make()).findings == ()


def test_a_hole_and_a_link_are_passed_by(tmp_path: Path, needles: Needles) -> None:
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(4 * BLOCK)
        file.seek(3 * BLOCK + 5)
        file.write(FORMS[UTF8])
    (tmp_path / "link").symlink_to("/etc/passwd")
    result = scan(tmp_path, needles)
    assert {finding.encoding for finding in result.findings} >= {UTF8}
    assert {finding.offset // BLOCK for finding in result.findings} == {3}
    assert len(result.files) == 1


def test_a_file_name_is_looked_at_and_not_told(tmp_path: Path, needles: Needles) -> None:
    (tmp_path / "Quibblethorpe.pdf.tmp").touch()
    (finding, *_) = scan(tmp_path, needles).findings
    assert (finding.path, finding.encoding.partition(",")[0]) == (HIDDEN_NAME, "file name")


def test_a_file_that_cannot_be_read_is_not_clean(
    tmp_path: Path, needles: Needles, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"x")

    def refused(*_: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "open", refused)
    result = scan(tmp_path, needles)
    assert (len(result.unread), result.is_clean) == (1, False)


def test_a_cache_may_hold_a_word_but_no_more(tmp_path: Path, needles: Needles) -> None:
    store, cache = tmp_path / "store", tmp_path / "cache"
    store.mkdir()
    cache.mkdir()
    (cache / "model.xml").write_bytes(b"<Quibblethorpe/>")
    assert scan(store, needles, [cache]).is_clean
    (cache / "state").write_bytes(FORMS[INT32])
    assert not scan(store, needles, [cache]).is_clean


@pytest.mark.parametrize("is_cut", [False, True], ids=["whole", "in the middle"])
def test_a_folder_that_cannot_be_listed_is_not_clean(
    tmp_path: Path, needles: Needles, monkeypatch: pytest.MonkeyPatch, is_cut: bool
) -> None:
    """Told by os.scandir, as to a user who is not root."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "a").write_bytes(b"x")
    listed = os.scandir

    def refused(path: str) -> object:
        if Path(path) == (tmp_path / "inner" if is_cut else tmp_path):
            raise PermissionError(13, "no", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refused)
    result = scan(tmp_path, needles)
    shown = f"{tmp_path.name}/inner" if is_cut else tmp_path.name
    assert (result.unread, result.is_clean) == ((shown,), False)


def named(going: str, *staying: str) -> Needles:
    maker = NeedleMaker()
    maker.add_name(going)
    maker.stays(staying)
    return maker.make()


@pytest.mark.parametrize(
    ("going", "staying"),
    [("7.txt", "17.txt"), ("7.txt", "x-7.txt"), ("2024/a.txt", "old/2024/a.txt")],
)
def test_a_name_that_is_the_end_of_one_that_stays_is_looked_for(
    tmp_path: Path, going: str, staying: str
) -> None:
    needles = named(going, staying)
    (tmp_path / "report").write_text(f"{staying} was read again", encoding="utf-8")
    assert scan(tmp_path, needles).is_clean
    (tmp_path / "left").write_text(f"see {going}, page 1", encoding="utf-8")
    (finding,) = scan(tmp_path, needles).findings
    assert (finding.path, finding.encoding) == (f"{tmp_path.name}/left", NAMES)


def test_a_name_that_stays_as_a_whole_is_not_looked_for() -> None:
    assert named("7.txt", "copies of 7.txt").counts() == {}
