"""Which metadata a document has when several files and patterns speak of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ragkit.metadata import book as module
from ragkit.metadata.book import Book
from ragkit.metadata.sidecars import Entry, Said

FILES = ["acme/2024/a.pdf", "acme/2024/b.pdf", "acme/mail.eml", "beta/c.pdf"]


def table(*rows: tuple[str, dict[str, str]]) -> Said:
    return Said(
        [
            Entry(name, {key: (value,) for key, value in given.items()}, line)
            for line, (name, given) in enumerate(rows, start=2)
        ]
    )


def book(said: Mapping[str, Said], patterns: tuple[str, ...] = (), **rest: object) -> Book:
    return Book.made_of(said, FILES, patterns, **rest)  # type: ignore[arg-type]


def of(made: Book, path: str) -> dict[str, str]:
    return {key: "|".join(values) for key, values in made.of(path).items()}


def test_the_nearest_holds() -> None:
    made = book(
        {
            "metadata.csv": table(("acme", {"client": "Acme", "office": "Madrid"})),
            "acme/metadata.yaml": table(("2024/*", {"Office": "Bilbao"})),
            "acme/2024/a.pdf.meta.yaml": table(("a.pdf", {"office": "Lugo"})),
        },
        ("{folder}/**",),
    )
    assert of(made, "acme/2024/a.pdf") == {"folder": "acme", "client": "Acme", "office": "Lugo"}
    assert of(made, "acme/2024/b.pdf") == {"folder": "acme", "client": "Acme", "office": "Bilbao"}
    assert of(made, "beta/c.pdf") == {"folder": "beta"}
    assert made.faults == {}
    # Each time a nearer file says something else, that is told, with both places, without values.
    assert len(made.notes) == 3
    assert "acme/2024/a.pdf.meta.yaml, line 2, and acme/metadata.yaml, line 2" in " ".join(
        made.notes
    )
    assert "Lugo" not in " ".join(made.notes)


def test_a_nearer_file_can_take_a_value_away() -> None:
    made = book(
        {
            "metadata.csv": table(("*.pdf", {"client": "Acme"})),
            "beta/c.pdf.meta.yaml": Said([Entry("c.pdf", {"client": ()}, 1)]),
        }
    )
    assert made.of("beta/c.pdf") == {"client": ()}
    assert made.of("acme/2024/a.pdf") == {"client": ("Acme",)}


def test_what_is_inside_a_file_has_what_the_file_has() -> None:
    made = book(
        {"metadata.csv": table(("acme/mail.eml", {"x": "1"}), ("acme/mail.eml::a.pdf", {"y": "2"}))}
    )
    assert of(made, "acme/mail.eml::a.pdf") == {"x": "1", "y": "2"}
    assert of(made, "acme/mail.eml::b.pdf") == {"x": "1"}
    assert of(made, "acme/mail.eml") == {"x": "1"}


def test_names_that_fit_nothing_are_told_and_the_others_hold() -> None:
    made = book(
        {
            "metadata.csv": table(
                ("gone.pdf", {"x": "1"}), ("*.doc", {"x": "1"}), ("beta/c.pdf", {"x": "1"}),
                ("beta/c.pdf", {"x": "2"}),
            ),
            "beta/d.pdf.meta.yaml": table(("d.pdf", {"x": "1"})),
        }
    )  # fmt: skip
    assert made.faults == {
        "metadata.csv": "metadata: line 2: names a document that is not there; line 3: names a "
        "document that is not there; line 5: names a document again; line 4 holds",
        "beta/d.pdf.meta.yaml": "metadata: there is no document of that name beside it",
    }
    assert of(made, "beta/c.pdf") == {"x": "1"}


def test_two_files_of_one_rank_are_refused_and_what_was_known_stays() -> None:
    said = {
        "beta/metadata.csv": table(("c.pdf", {"x": "1"})),
        "beta/metadata.yaml": table(("c.pdf", {"x": "1"})),
        "acme/2024/a.pdf.meta.yaml": table(("a.pdf", {"x": "1"})),
        "acme/2024/a.pdf.meta.json": table(("a.pdf", {"x": "2"})),
    }
    made = book(said, before={"beta/c.pdf": {"x": ("0",)}}.get)
    assert made.faults.keys() == said.keys()
    assert (
        made.faults["beta/metadata.csv"]
        == "metadata: stands beside metadata.yaml: keep one of them"
    )
    assert of(made, "beta/c.pdf") == {"x": "0"}
    assert of(made, "acme/2024/a.pdf") == {}


def test_a_faulty_table_changes_nothing_for_what_was_known_below_it() -> None:
    before = {"acme/2024/a.pdf": {"x": ("old",)}, "beta/c.pdf": {"x": ("old",)}}
    made = book({"acme/metadata.csv": Said(faults=["line 2: bad"])}, ("{x}/**",), before=before.get)
    assert of(made, "acme/2024/a.pdf") == {"x": "old"}  # it may be about this
    assert of(made, "acme/2024/b.pdf") == {"x": "acme"}  # new: what else is known
    assert of(made, "beta/c.pdf") == {"x": "beta"}  # not below it
    assert made.faults == {"acme/metadata.csv": "metadata: line 2: bad"}


def test_names_of_documents_that_are_not_there_are_not_compared_with_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An export of 20,000 lines beside 100,000 files."""
    patterns: list[str] = []
    real = module.translate
    monkeypatch.setattr(module, "translate", lambda name: patterns.append(name) or real(name))
    gone = [(f"gone/{number}.pdf", {"client": "X"}) for number in range(50)]
    made = book({"metadata.csv": table(*gone, ("acme/2024/?.pdf", {"client": "Acme"}))})
    assert "and 47 more" in made.faults["metadata.csv"]
    assert set(patterns) == {"acme/2024/?.pdf"}
    assert of(made, "acme/2024/a.pdf") == {"client": "Acme"}


def test_a_document_looks_at_the_folders_that_it_is_in(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [f"folder{number}/a.pdf" for number in range(100)]
    rows = [(f"folder{number}", {"number": str(number)}) for number in range(100)]
    rows += [(f"folder{number}/*.pdf", {"form": "pdf"}) for number in range(100)]
    made = Book.made_of({"metadata.csv": table(*rows)}, files)
    looked: list[str] = []
    real = module._Wide.is_about

    def is_about(self: module._Wide, path: str, outer: str) -> bool:
        looked.append(self.entry.name)
        return real(self, path, outer)

    monkeypatch.setattr(module._Wide, "is_about", is_about)
    assert of(made, "folder7/a.pdf") == {"number": "7", "form": "pdf"}
    assert looked == ["folder7", "folder7/*.pdf"]


def test_a_later_line_for_many_documents_goes_before_an_earlier_one() -> None:
    for rows in ((("acme", {"k": "1"}), ("*/*/a.pdf", {"k": "2"})),):
        assert of(book({"metadata.csv": table(*rows)}), "acme/2024/a.pdf") == {"k": "2"}
        turned = book({"metadata.csv": table(*reversed(rows))})
        assert of(turned, "acme/2024/a.pdf") == {"k": "1"}


def test_a_folder_with_a_bracket_in_its_name_is_that_folder() -> None:
    made = Book.made_of({"metadata.csv": table(("a[1]", {"k": "1"}))}, ["a[1]/x.pdf", "a1/x.pdf"])
    assert (of(made, "a[1]/x.pdf"), of(made, "a1/x.pdf")) == ({"k": "1"}, {})


@pytest.mark.parametrize(("date", "is_told"), [("2024-03", False), ("5 March 2024", True)])
def test_a_date_written_in_another_way_is_told_and_kept_as_text(date: str, is_told: bool) -> None:
    made = Book.made_of({"metadata.csv": table(("x.pdf", {"Date": date}))}, ["x.pdf"])
    assert of(made, "x.pdf") == {"Date": date}
    assert any("the date is none" in fault for fault in made.faults.values()) == is_told
