"""What repeats at the edges of a PDF's pages goes; what only one page says there stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ragkit.parsers.registry import in_process_parse
from tests.parsers import samples
from tests.parsers.samples import Canvas

BODY = ["Blood pressure 120.", "The patient slept well.", "No fever.", "Nothing else of note."]


def page(top: Sequence[str] = (), bottom: Sequence[str] = ()) -> Callable[[Canvas], object]:
    def draw(canvas: Canvas) -> None:
        samples.write_lines(canvas, top, top=810)
        samples.write_lines(canvas, BODY, top=700)
        samples.write_lines(canvas, bottom, top=40)

    return draw


def lines_of(*pages: Callable[[Canvas], object]) -> list[list[str]]:
    """Of each page, what it says beside its body."""
    document = in_process_parse(samples.drawn_pdf(*pages), "a.pdf")
    return [
        [line for line in page.text.split("\n") if line and line not in BODY]
        for page in document.pages
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "Day {n}",
        "Invoice No. {thousand}",
        "Day {n}, ward 4",
        "Dose: {n}/{thousand}-b",
        "Part {n} of 12",
    ],
)
def test_headings_that_count_with_the_pages_stay(heading: str) -> None:
    headings = [heading.format(n=n, thousand=1000 + n) for n in range(1, 5)]
    assert lines_of(*(page([text]) for text in headings)) == [[text] for text in headings]


@pytest.mark.parametrize(
    "number",
    ["{n}", "- {n} -", "[{n}]", "Page {n}", "Página {n} de 4", "{n} of 4", "{n} / 4", "p. {n}"],
)
def test_page_numbers_go(number: str) -> None:
    pages = [page(bottom=[number.format(n=n)]) for n in range(1, 5)]
    assert lines_of(*pages) == [[], [], [], []]


def test_page_numbers_that_do_not_begin_at_one_go() -> None:
    assert lines_of(*(page(bottom=[str(n)]) for n in range(411, 415))) == [[], [], [], []]


def test_a_footer_with_the_page_in_it_is_kept_once() -> None:
    footers = [f"Vidal v. Sanz, page {n} of 4" for n in range(1, 5)]
    assert lines_of(*(page(bottom=[text]) for text in footers)) == [footers[:1], [], [], []]


def test_a_lone_value_that_is_the_number_of_its_page_stays() -> None:
    assert lines_of(page(["1"]), page(), page()) == [["1"], [], []]
    odd = [page(["7"]), page(["2"]), page(["9"]), page(["4"])]
    assert lines_of(*odd) == [["7"], ["2"], ["9"], ["4"]]
    assert lines_of(page(bottom=["1"])) == [["1"]]


def test_a_line_goes_only_where_most_pages_say_it() -> None:
    header = page(["General Hospital of Vigo"])
    said = ["General Hospital of Vigo"]
    assert lines_of(header, header, header, page()) == [said, [], [], []]
    assert lines_of(header, header, header, *[page()] * 5) == [said, said, said, *[[]] * 5]
    assert lines_of(header, header) == [said, said]


def test_left_and_right_pages_may_have_other_headers() -> None:
    left, right = page(["The lease"]), page(["Its schedules"])
    found = lines_of(*[left, right] * 3, left)
    assert found == [["The lease"], ["Its schedules"], [], [], [], [], []]
