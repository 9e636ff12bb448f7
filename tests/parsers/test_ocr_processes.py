"""OCR through the pool: helpers, their deaths, time limits; then tesseract itself on turned pages."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from ragkit.parsers import wire
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.ocr import NOTHING_FOUND
from ragkit.parsers.ocr_helpers import GONE, OcrHelpers
from ragkit.parsers.ocr_line import OcrDesk, OcrLine
from ragkit.parsers.pool import WorkerPool
from ragkit.parsers.tesseract import OcrEngine, OcrSettings, find_engine
from ragkit.protocols import ParseOutcome, ParseRequest
from ragkit.types import NEEDS_OCR, READ_OCR
from tests.parsers import samples

ROW = r"5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t91.0\tWords"

needs_tesseract = pytest.mark.skipif(
    not find_engine(OcrSettings()).fingerprint,
    reason="tesseract is not installed: sudo apt install tesseract-ocr tesseract-ocr-spa",
)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a stand-in for tesseract is looked for; it takes the page, does nothing and finds "Words"."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    behave(folder, "")
    return folder


def behave(folder: Path, lines: str) -> None:
    """Make the stand-in run these shell commands for each page, whose $width and $height they know."""
    script = folder / "tesseract"
    script.write_text(
        '#!/bin/sh\ncase "$1" in\n--version) echo "tesseract 5.9.1"; exit;;\n'
        '--list-langs) printf "Languages:\\neng\\nspa\\nosd\\n"; exit;;\nesac\n'
        f"read -r magic; read -r width height; cat > /dev/null\n{lines}\nprintf 'level\\n{ROW}\\n'\n"
    )
    script.chmod(0o755)


UPRIGHT = '[ "$height" -gt "$width" ]'
"""In the shell: it is the first page of a scan. Nothing can be noted between pages: no file is written."""


def scan(folder: Path, pages: int = 1) -> Path:
    """The first page is upright, the others lie on their side."""
    path = folder / "scan.pdf"
    pictures = [samples.picture(f"Page {n}", dpi=72) for n in range(pages)]
    turned = [each.crop((0, 0, each.width, each.height // 2)) for each in pictures[1:]]
    path.write_bytes(samples.scan([*pictures[:1], *turned]))
    return path


def parse(pool: WorkerPool, path: Path) -> ParseOutcome:
    (outcome,) = pool.parse_all([ParseRequest(path.name, path, path.suffix)])
    return outcome


def test_pages_are_recognised_and_told(program: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = scan(tmp_path, pages=2)
    with WorkerPool(workers=1) as pool:
        assert pool.ocr_fingerprint() == "tesseract 5.9.1 eng+spa psm1"
        requests = [ParseRequest("key", path, ".pdf")]
        (outcome,) = pool.parse_all(requests, lambda *page: told.append(page))
    assert outcome.document is not None
    assert [(p.number, p.text, p.read_as, p.confidence) for p in outcome.document.pages] == [
        (1, "Words\n\n", READ_OCR, 0.91),
        (2, "Words\n\n", READ_OCR, 0.91),
    ]
    assert told == [("key", 1, 2), ("key", 2, 2)]


def test_the_time_of_ocr_is_not_the_documents(program: Path, tmp_path: Path) -> None:
    behave(program, "sleep 3")
    with WorkerPool(ParseLimits(wall_seconds=5.0), workers=1) as pool:
        outcome = parse(pool, scan(tmp_path, pages=3))
    assert outcome.document is not None
    assert outcome.seconds > 9


def test_a_page_that_takes_too_long_is_named(program: Path, tmp_path: Path) -> None:
    behave(program, f"{UPRIGHT} && sleep 60")
    with WorkerPool(workers=1, ocr=OcrSettings(seconds=2.0)) as pool:
        outcome = parse(pool, scan(tmp_path, pages=2))
    assert outcome.document is not None
    (unread,) = outcome.document.unread_pages
    assert (unread.number, unread.kind) == (1, NEEDS_OCR)
    assert unread.reason == "OCR took longer than 2 s"


def test_a_failing_program_is_told(program: Path, tmp_path: Path) -> None:
    behave(program, "exit 3")
    with WorkerPool(workers=1) as pool:
        outcome = parse(pool, scan(tmp_path))
    assert outcome.reason == "The PDF cannot be read: tesseract failed on it (status 3)."
    assert outcome.kind == NEEDS_OCR


def test_it_reads_and_writes_nothing_of_the_users(program: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("confidential")
    attempts = [f"echo x > {tmp_path}/leak", f"mkdir {tmp_path}/made", f"cat {tmp_path}/letter.txt"]
    row = ROW.replace("Words", "%s")
    behave(program, f"""printf 'level\\n{row}\\n' "Done$({"; ".join(attempts)})"; exit""")
    path = scan(tmp_path)
    before = sorted(tmp_path.iterdir())
    alone = subprocess.run(
        [program / "tesseract"],
        input=b"P5\n1 2\n255\nxx",
        env={"PATH": os.defpath},
        capture_output=True,
        check=True,
    )
    assert b"Doneconfidential" in alone.stdout
    assert {one.name for one in set(tmp_path.iterdir()) - set(before)} == {"leak", "made"}
    (tmp_path / "leak").unlink()
    (tmp_path / "made").rmdir()
    with WorkerPool(workers=1) as pool:
        outcome = parse(pool, path)
    assert outcome.document is not None
    assert outcome.document.text.strip() == "Done"
    assert sorted(tmp_path.iterdir()) == before


def test_a_helper_that_dies_is_replaced(program: Path, tmp_path: Path) -> None:
    behave(program, f"{UPRIGHT} && kill -9 $PPID")
    helpers = OcrHelpers.start(1)
    with WorkerPool(workers=1, helpers=helpers) as pool:
        outcome = parse(pool, scan(tmp_path, pages=2))
    assert outcome.document is not None
    assert [(page.number, page.reason) for page in outcome.document.unread_pages] == [(1, GONE)]
    assert [page.number for page in outcome.document.pages] == [2]
    assert helpers.take() is None


def test_helpers_started_in_advance_are_used_and_given_back(program: Path, tmp_path: Path) -> None:
    behave(program, f"printf 'level\\n{ROW}%s\\n' $PPID; exit")
    helpers = OcrHelpers.start(1)
    read = []
    for _ in range(2):
        with WorkerPool(workers=1, helpers=helpers) as pool:
            read.append(parse(pool, scan(tmp_path)).document)
    helper = helpers.take()
    assert helper is not None
    assert helper.is_alive()
    callers = {document.text.strip() for document in read if document is not None}
    assert callers == {f"Words{helper.place[0]}"}
    helpers.give_back(helper)
    helpers.close()
    assert not helper.is_alive()


def test_giving_up_within_a_page_ends_its_helper(program: Path, tmp_path: Path) -> None:
    behave(program, "sleep 60")
    helpers = OcrHelpers.start(1)
    helper = helpers.take()
    assert helper is not None
    helpers.give_back(helper)
    path = scan(tmp_path)

    class Enough(Exception):
        pass

    def stop(*_: object) -> None:
        raise Enough

    with WorkerPool(workers=1, helpers=helpers) as pool, pytest.raises(Enough):
        list(pool.parse_all([ParseRequest("key", path, ".pdf")], stop))
    assert not helper.is_alive()


def test_without_tesseract_the_page_is_named(program: Path, tmp_path: Path) -> None:
    (program / "tesseract").unlink()
    with WorkerPool(workers=1) as pool:
        assert pool.ocr_fingerprint() == ""
        outcome = parse(pool, scan(tmp_path))
    assert outcome.kind == NEEDS_OCR
    assert outcome.reason == (
        "The PDF cannot be read: no text layer: needs OCR "
        "(sudo apt install tesseract-ocr tesseract-ocr-spa)."
    )


@pytest.fixture
def line() -> Iterator[OcrLine]:
    engine = OcrEngine(program="/bin/false", languages=("eng",))
    line = OcrLine(OcrDesk(engine, None, lambda page, pages: None))
    yield line
    for descriptor in (line.requests, line._requests_in, line._answers, line._answers_in):
        os.close(descriptor)


@pytest.mark.parametrize(
    ("header", "pixels"),
    [
        ([9, 9, 300, 1, 1], 80),
        ([9, 9, 300, 1, 1], 26_000_000),
        ([9_000, 9_000, 300, 1, 1], 1),
        ([9, -9, 300, 1, 1], 1),
        ([9, 9, "300 -c x", 1, 1], 81),
        ([9, 9, 300, 1], 81),
        ("", 81),
    ],
)
def test_what_a_hostile_child_says_is_checked(line: OcrLine, header: object, pixels: int) -> None:
    os.write(line._requests_in, wire.frame(wire.pack({"header": header})))
    os.write(line._requests_in, wire.LENGTH.pack(pixels) + bytes(min(pixels, 100)))
    assert line.serve() is None


def served(line: OcrLine, width: int, height: int) -> float:
    """What the worker grants for a page that takes no time to be recognised."""
    os.write(line._requests_in, wire.frame(wire.pack({"header": [width, height, 300, 1, 1]})))
    os.write(line._requests_in, wire.frame(bytes(width * height)))
    seconds = line.serve()
    assert seconds is not None
    return seconds


def test_small_pages_and_many_pages_give_no_time_without_end(
    line: OcrLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line._desk, "on_page", lambda page, pages: time.sleep(0.2))
    monkeypatch.setattr(OcrDesk, "words", lambda self, picture: "")
    assert served(line, 1, 1) < 0.1  # nor for what the child spends on handing it over
    monkeypatch.setattr("ragkit.parsers.ocr_line.FULL_PIXELS", 10_000)
    assert 2 <= served(line, 100, 100) < 2.1
    line._drawing_left = 1.5
    assert 1.5 <= served(line, 200, 100) < 1.6
    assert served(line, 200, 100) < 0.1


def test_what_starts_before_the_sealing_imports_nothing_from_others() -> None:
    code = (
        "import sys; from ragkit.parsers.ocr_helpers import OcrHelpers;"
        "names = {name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names);"
        "print(sorted(name for name in names if not name.startswith('_')))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "['ragkit']", done.stderr


@needs_tesseract
def test_pages_that_lie_on_their_side_or_askew(tmp_path: Path) -> None:
    lines = "\n".join(
        [
            "The landlord shall repair the roof above the treatment rooms",
            "at its own cost and before the fifteenth of September.",
            "El arrendatario pagará la renta en los cinco primeros días",
            "de cada mes, según lo convenido en la señal de reserva.",
            "Either party may end this agreement with ninety days notice.",
        ]
    )
    page = samples.picture(lines, dpi=200)
    turned = [page.rotate(angle, expand=True, fillcolor=255) for angle in (0, 90, 180, 270, 2)]
    path = tmp_path / "turned.pdf"
    path.write_bytes(samples.scan(turned, dpi=200))
    with WorkerPool(workers=1) as pool:
        outcome = parse(pool, path)
    assert outcome.document is not None
    assert not outcome.document.unread_pages
    for read in outcome.document.pages:
        assert "repair the roof above the treatment" in read.text, read.number
        assert "según lo convenido en la señal" in read.text, read.number
        assert read.confidence is not None
        assert read.confidence > 0.9


@needs_tesseract
def test_noise_is_named_and_not_indexed(tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    pixels = random.Random(1).randbytes(900 * 1200)
    Image.frombytes("L", (900, 1200), pixels).save(path)
    with WorkerPool(workers=1) as pool:
        outcome = parse(pool, path)
    assert outcome.reason == f"The image cannot be read: {NOTHING_FOUND}."


@needs_tesseract
def test_in_a_sealed_process_with_helpers_started_before(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    samples.picture("The rent is due on the first day of each month.", dpi=200).save(path)
    code = (
        "import sys, pathlib\n"
        "from ragkit.parsers.ocr_helpers import OcrHelpers\n"
        "helpers = OcrHelpers.start(1)\n"
        "from ragkit import seal\n"
        "seal()\n"
        "from ragkit.parsers.pool import WorkerPool\n"
        "from ragkit.protocols import ParseRequest\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "with WorkerPool(workers=1, helpers=helpers) as pool:\n"
        "    for outcome in pool.parse_all([ParseRequest('k', path, '.png')]):\n"
        "        print(outcome.document.text)\n"
        "helpers.close()\n"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(path)], capture_output=True, text=True
    )
    assert done.stdout.strip() == "The rent is due on the first day of each month.", done.stderr
    assert done.stderr == ""
    assert time.monotonic() - began < 60
