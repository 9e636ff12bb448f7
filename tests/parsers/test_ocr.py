"""OCR without tesseract: what is made of its words, which pages are tried, what is said without it."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from ragkit.errors import UnreadableDocument
from ragkit.parsers.ocr import NOTHING_FOUND, Ocr
from ragkit.parsers.ocr_page import MOST_PIXELS, NotRecognised, OcrPage, PageImage
from ragkit.parsers.ocr_words import text_of
from ragkit.parsers.registry import in_process_parse
from ragkit.parsers.tesseract import OcrSettings, find_engine
from ragkit.types import NEEDS_OCR, READ_OCR, READ_TEXT_LAYER, UnreadPage
from tests.parsers import samples
from tests.parsers.samples import Canvas

HEADER = (
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
)


def table(*words: tuple[int, int, int, float, str]) -> str:
    """Tesseract's table for words given as (block, paragraph, line, confidence in percent, word)."""
    rows = [
        f"5\t1\t{block}\t{paragraph}\t{line}\t1\t0\t0\t9\t9\t{confidence}\t{word}"
        for block, paragraph, line, confidence, word in words
    ]
    return "\n".join([HEADER, "1\t1\t0\t0\t0\t0\t0\t0\t9\t9\t-1\t", *rows, ""])


def picture(shown: str = "Words") -> PageImage:
    page = samples.picture(shown)
    return PageImage(page.width, page.height, 150, page.tobytes())


def answering(*tables: str) -> tuple[Ocr, list[PageImage]]:
    """OCR that answers with these tables in turn, and the pictures that it was shown."""
    shown: list[PageImage] = []

    def ask(image: PageImage, page: int, pages: int) -> str:
        shown.append(image)
        return tables[len(shown) - 1]

    return Ocr(ask), shown


def test_words_become_lines_and_paragraphs() -> None:
    text, confidence = text_of(
        table(
            (1, 1, 1, 90.0, "The"),
            (1, 1, 1, 90.0, "rent"),
            (1, 1, 2, 90.0, "is"),
            (1, 2, 1, 90.0, "due."),
            (2, 1, 1, -1.0, "~~"),
            (2, 1, 1, 40.0, "Año"),
            (2, 1, 1, 90.0, " "),
        )
    )
    assert text == "The rent\nis\n\ndue.\n\nAño"
    assert confidence == pytest.approx((0.9 * 13 + 0.4 * 3) / 16, abs=1e-4)
    assert text_of("") == ("", 0.0)


def test_a_bar_that_begins_a_sentence_is_the_english_pronoun() -> None:
    def line(*words: str) -> str:
        return text_of(table(*((1, 1, 1, 90.0, word) for word in words)))[0]

    assert line("|", "should", "say") == "I should say"
    assert line("|", "name", "|", "price") == "| name | price"
    assert line("|", "128") == "| 128"
    assert line("fee", "|", "due") == "fee | due"


def test_a_page_upside_down_is_turned() -> None:
    ocr, shown = answering(table((1, 1, 1, 45.0, "spJOM")), table((1, 1, 1, 95.0, "Words")))
    assert ocr.read_page(picture(), 1, 1) == OcrPage("Words", 0.95)
    assert shown[1].pixels == shown[0].pixels[::-1]


def test_a_page_that_makes_no_sense_is_named() -> None:
    ocr, _ = answering(table((1, 1, 1, 45.0, "x1")), table((1, 1, 1, 30.0, "x2")))
    full = PageImage(400, 400, 150, bytes([0, 255] * 80_000))
    assert ocr.read_page(full, 1, 1).reason == "OCR can hardly read it (confidence 45%)"
    ocr, _ = answering(HEADER)
    assert ocr.read_page(full, 1, 1).reason == NOTHING_FOUND


def test_blank_pages_are_no_failure() -> None:
    ocr, shown = answering(HEADER, HEADER)
    white = PageImage(1000, 1000, 200, bytes([250]) * 1_000_000)
    assert ocr.read_page(white, 1, 1) == OcrPage()
    assert not shown
    chance = random.Random(7)
    dirt = bytearray(white.pixels)
    for _ in range(1_000):
        dirt[chance.randrange(len(dirt))] = 20
    assert ocr.read_page(PageImage(1000, 1000, 200, bytes(dirt)), 1, 1) == OcrPage()
    assert len(shown) == 1


def test_pages_with_and_without_a_text_layer() -> None:
    ocr, shown = answering(table((1, 1, 1, 91.0, "Firma-"), (1, 1, 2, 91.0, "do")))
    mixed = samples.pdf(["Text here", "", "More text"])
    document = in_process_parse(mixed, "a.pdf", ocr=ocr)
    assert [(p.number, p.read_as, p.confidence) for p in document.pages] == [
        (1, READ_TEXT_LAYER, 1.0),
        (2, READ_OCR, pytest.approx(0.91)),
        (3, READ_TEXT_LAYER, 1.0),
    ]
    assert document.pages[1].text == "Firma-\ndo\n\n"
    assert document.pages[2].start == document.pages[1].end
    assert 290 <= shown[0].dpi <= 300


def test_a_page_that_fails_is_named_and_the_others_are_kept() -> None:
    def ask(image: PageImage, page: int, pages: int) -> str:
        assert pages == 2
        if page == 1:
            raise NotRecognised("OCR took longer than 5 s")
        return table((1, 1, 1, 91.0, "second"))

    document = in_process_parse(samples.pdf(["", ""]), "a.pdf", ocr=Ocr(ask))
    assert document.text == "second\n\n"
    assert document.unread_pages == (UnreadPage(1, "OCR took longer than 5 s", NEEDS_OCR),)


def test_a_scan_is_drawn_as_fine_as_it_is() -> None:
    for dpi, drawn in ((100, 200), (250, 250), (400, 300)):
        data = samples.scan([samples.picture("Words", dpi=dpi)], dpi=dpi)
        ocr, shown = answering(table((1, 1, 1, 91.0, "Words")))
        in_process_parse(data, "a.pdf", ocr=ocr)
        assert shown[0].dpi == drawn


def test_a_stamp_on_a_scan_is_not_its_text() -> None:
    data = samples.scan([samples.picture("Words")], stamp="Case 1:20-cv-00417 Document 12")
    long = table(*((1, 1, 1, 91.0, f"word{number}") for number in range(40)))
    read = in_process_parse(data, "a.pdf", ocr=answering(long)[0])
    assert read.pages[0].read_as == READ_OCR
    assert "word39" in read.text

    shorter = in_process_parse(data, "a.pdf", ocr=answering(HEADER)[0])
    assert (shorter.text, shorter.unread_pages) == ("Case 1:20-cv-00417 Document 12\n\n", ())

    without = in_process_parse(data, "a.pdf")
    assert without.pages[0].read_as == READ_TEXT_LAYER
    assert without.unread_pages[0].reason.startswith(
        "its text layer is no more than a stamp: needs"
    )


def test_blank_pages_of_a_pdf_are_passed_over() -> None:
    blank = samples.scan([Image.new("L", (600, 800), 255), samples.picture("Words")])
    ocr, shown = answering(table((1, 1, 1, 91.0, "Words")))
    document = in_process_parse(blank, "a.pdf", ocr=ocr)
    assert [page.number for page in document.pages] == [2]
    assert document.unread_pages == ()
    assert len(shown) == 1


def test_frames_of_a_tiff_are_pages() -> None:
    first, second = samples.picture("One"), samples.picture("Two")
    data = samples.encoded(first, "TIFF", save_all=True, append_images=[second])
    ocr, _ = answering(table((1, 1, 1, 91.0, "One")), table((1, 1, 1, 80.0, "Two")))
    document = in_process_parse(data, "a.tif", ocr=ocr)
    assert [(p.number, p.text, p.confidence) for p in document.pages] == [
        (1, "One\n\n", 0.91),
        (2, "Two\n\n", 0.8),
    ]
    assert document.title == "One"


def test_a_blank_frame_at_the_end_of_a_tiff_is_known() -> None:
    blank = Image.new("L", (600, 800), 255)
    data = samples.encoded(samples.picture("One"), "TIFF", save_all=True, append_images=[blank])
    ocr, _ = answering(table((1, 1, 1, 91.0, "One")))
    document = in_process_parse(data, "a.tif", ocr=ocr)
    assert [(page.number, page.text) for page in document.pages] == [(1, "One\n\n"), (2, "")]


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("L", {"kind": "PNG"}),
        ("1", {"kind": "TIFF", "compression": "group4"}),
        ("P", {"kind": "GIF"}),
        ("CMYK", {"kind": "JPEG"}),
        ("RGB", {"kind": "BMP"}),
        ("RGB", {"kind": "WEBP", "lossless": True}),
        ("I;16", {"kind": "PNG"}),
    ],
)
def test_images_are_grey_on_white(mode: str, options: dict[str, str]) -> None:
    page = samples.picture("Words in the middle", dpi=200)
    image = page.convert("I").point(lambda level: level * 256) if mode == "I;16" else page
    data = samples.encoded(image.convert(mode), **options)
    ocr, shown = answering(table((1, 1, 1, 91.0, "Words")))
    document = in_process_parse(data, f"a.{options['kind'].lower()}", ocr=ocr)
    assert (document.text, document.pages[0].number) == ("Words\n\n", None)
    seen = Image.frombytes("L", (shown[0].width, shown[0].height), shown[0].pixels)
    assert seen.size == page.size
    difference = sum(abs(a - b) for a, b in zip(seen.tobytes(), page.tobytes(), strict=True))
    assert difference / len(page.tobytes()) < 2


def test_what_is_transparent_is_white() -> None:
    page = samples.picture("Words")
    image = Image.new("LA", page.size)
    image.putalpha(page.point(lambda level: 255 - level))
    ocr, shown = answering(table((1, 1, 1, 91.0, "Words")))
    in_process_parse(samples.encoded(image, "PNG"), "a.png", ocr=ocr)
    assert max(shown[0].pixels) == 255
    assert min(shown[0].pixels) < 40


def test_a_photograph_is_turned_as_its_camera_was_held() -> None:
    page = samples.picture("Words", dpi=200)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    data = samples.encoded(page.rotate(90, expand=True), "JPEG", exif=exif)
    ocr, shown = answering(table((1, 1, 1, 91.0, "Words")))
    in_process_parse(data, "a.jpg", ocr=ocr)
    assert (shown[0].width, shown[0].height) == page.size


def test_coarse_images_are_enlarged() -> None:
    ocr, shown = answering(table((1, 1, 1, 91.0, "Words")))
    in_process_parse(samples.encoded(samples.picture("Words", dpi=72), "PNG"), "a.png", ocr=ocr)
    assert shown[0].dpi == pytest.approx(200, abs=2)
    assert shown[0].height > 2_000


def _bomb() -> bytes:
    return samples.encoded(Image.new("1", (20_000, 20_000)), "PNG")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(40), "damaged"),
        (lambda: samples.encoded(samples.picture("Words"), "PNG")[:2000], "damaged"),
        (_bomb, "too_large"),
        (lambda: samples.encoded(Image.new("L", (600, 800), 255), "PNG"), "empty"),
    ],
    ids=["header only", "cut off", "bomb", "white"],
)
def test_bad_images_are_refused_by_name(data: Callable[[], bytes], kind: str) -> None:
    ocr, _ = answering(HEADER)
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(data(), "a.png", ocr=ocr)
    assert caught.value.kind == kind


def test_images_of_mails_are_documents_of_their_own() -> None:
    mail = samples.mail("Scan", "See the attached page.")
    image = samples.encoded(samples.picture("Words"), "PNG")
    mail.add_attachment(image, maintype="image", subtype="png", filename="page.png")
    ocr, _ = answering(table((1, 1, 1, 91.0, "Words")))
    (child,) = in_process_parse(mail.as_bytes(), "a.eml", ocr=ocr).children
    assert child.document is not None
    assert child.document.pages[0].confidence == 0.91
    (child,) = in_process_parse(mail.as_bytes(), "a.eml").children
    assert (child.document, child.kind) == (None, NEEDS_OCR)


def program(folder: Path, *languages: str) -> None:
    """A tesseract that has these languages."""
    listed = "\\n".join(["List of available languages in x (2):", *languages])
    script = folder / "tesseract"
    script.write_text(
        f'#!/bin/sh\ncase "$1" in --version) echo "tesseract v5.9.1";; '
        f'--list-langs) printf "{listed}\\n";; esac\n'
    )
    script.chmod(0o755)


def test_what_is_missing_is_said_with_the_command_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    engine = find_engine(OcrSettings())
    assert engine.absent == "needs OCR (sudo apt install tesseract-ocr tesseract-ocr-spa)"
    assert (engine.fingerprint, engine.notes) == ("", ())

    program(tmp_path, "eng", "osd")
    engine = find_engine(OcrSettings())
    assert engine.fingerprint == "tesseract 5.9.1 eng psm1"
    assert engine.notes == ("Tesseract lacks the language spa: sudo apt install tesseract-ocr-spa",)
    assert engine.command(200)[1:] == [
        *("stdin", "stdout", "-l", "eng", "--psm", "1", "--dpi", "200", "tsv"),
    ]

    program(tmp_path, "deu")
    assert find_engine(OcrSettings(languages=("chi_sim",))).absent == (
        "needs OCR with the language chi_sim (sudo apt install tesseract-ocr-chi-sim)"
    )
    assert find_engine(OcrSettings(languages=("deu",))).segmentation == 3
    assert not find_engine(OcrSettings(enabled=False)).fingerprint


def test_without_ocr_an_image_says_so() -> None:
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(samples.encoded(samples.picture("x"), "PNG"), "a.png")
    assert caught.value.kind == NEEDS_OCR
    assert caught.value.message == (
        "An image needs OCR, which is switched off (parsing.ocr in pipelines.yaml)."
    )


def test_white_on_black_is_not_blank() -> None:
    page = samples.picture("Words").point(lambda level: 255 - level)
    ocr, shown = answering(table((1, 1, 1, 91.0, "Words")))
    in_process_parse(samples.encoded(page, "PNG"), "a.png", ocr=ocr)
    assert shown


def test_large_pages_are_drawn_coarsely() -> None:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(14_000, 9_000))
    canvas.rect(10, 10, 5_000, 5_000, fill=1)
    canvas.save()
    ocr, shown = answering(table((1, 1, 1, 91.0, "Words")))
    in_process_parse(target.getvalue(), "plan.pdf", ocr=ocr)
    assert MOST_PIXELS * 0.9 < shown[0].width * shown[0].height <= MOST_PIXELS
