"""Saved answers against files that were changed, renamed, removed, locked or left alone."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from ragkit.errors import UsageFault
from ragkit.flows.passwords import Passwords
from ragkit.flows.rechecking import RecheckParts, by_pipeline, recheck
from ragkit.parsers.fake import TextParserPool
from ragkit.types import AnswerSentence, Citation, Note, ShortFact
from ragkit.types.rechecks import CheckedAnswer, CheckedQuote, SavedAnswer
from tests.flows.corpus import Corpus

LEASE = (
    "The lease begins in May.\n\fThe monthly rent is 4,200 euros.\nIt is payable on the first.\n"
)
RENT = "The monthly rent is 4,200 euros."


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("lease.txt", LEASE)
    return corpus


def cited(
    quote: str = RENT, text: str = LEASE, name: str = "lease.txt", **more: object
) -> Citation:
    """A citation as it is made when the document is as `text`, of page 2."""
    plain = text.replace("\f", "")
    start = plain.index(quote)
    digest = sha256(text.encode()).hexdigest()
    made = Citation(1, name, digest, 2, start, start + len(quote), quote)
    return replace(made, **more)  # type: ignore[arg-type]


def answer_of(*citations: Citation, **more: object) -> SavedAnswer:
    return replace(SavedAnswer("a.json", "test", "How much?", citations), **more)  # type: ignore[arg-type]


def checked(corpus: Corpus, answer: SavedAnswer) -> CheckedAnswer:
    parts = RecheckParts(corpus.pipeline, corpus.parsers, Passwords.none())
    (found,) = recheck(parts, [answer]).recheck.answers
    assert corpus.parsers.closed
    return found


def quote_of(corpus: Corpus, citation: Citation) -> CheckedQuote:
    return checked(corpus, answer_of(citation)).quotes[0]


# Quotes


def test_a_quote_stands_where_it_was_cited(corpus: Corpus) -> None:
    found = quote_of(corpus, cited())
    assert (found.state, found.changed, found.why) == ("stands", False, "")
    assert found.now is not None
    assert (found.now.page, found.now.start) == (2, cited().start)


def test_each_file_is_read_once_and_no_other_is_opened(corpus: Corpus) -> None:
    corpus.write("other.txt", "Nothing of it is cited.")
    checked(corpus, answer_of(cited(), cited("It is payable on the first.", mark=2)))
    assert corpus.parsers.parsed == ["lease.txt"]


def test_one_changed_byte_is_seen(corpus: Corpus) -> None:
    corpus.write("lease.txt", LEASE.replace("4,200", "4,300"))
    found = quote_of(corpus, cited())
    assert (found.state, found.changed, found.now) == ("altered", True, None)
    assert checked(corpus, answer_of(cited())).fails


def test_a_quote_that_moved_in_a_changed_file_still_stands_and_it_is_told_where(
    corpus: Corpus,
) -> None:
    corpus.write("lease.txt", f"A new first line.\n{LEASE}")
    found = quote_of(corpus, cited())
    assert (found.state, found.changed) == ("moved", True)
    assert found.now is not None
    assert found.now.start == cited().start + len("A new first line.\n")


def test_lines_that_were_cut_elsewhere_do_no_harm_in_a_changed_file(corpus: Corpus) -> None:
    corpus.write("lease.txt", LEASE.replace("rent is", "rent\nis"))
    assert quote_of(corpus, cited()).state == "moved"


def test_of_the_same_words_those_nearest_on_the_same_page_are_meant(corpus: Corpus) -> None:
    corpus.write("lease.txt", f"{RENT}\nNew.\n{LEASE}{RENT}\n")
    found = quote_of(corpus, cited())
    assert found.now is not None
    assert found.now.page == 2
    assert found.now.start == cited().start + len(f"{RENT}\nNew.\n")


def test_another_page_than_the_quote_stands_on_is_a_fault(corpus: Corpus) -> None:
    found = quote_of(corpus, cited(page=1))
    assert found.state == "altered"
    assert found.why == "it stands on page 2, not on page 1"


def test_other_offsets_on_the_same_page_are_told_but_no_fault(corpus: Corpus) -> None:
    found = quote_of(corpus, cited(start=0, end=len(RENT)))
    assert (found.state, found.why) == ("moved", "it stands elsewhere on its page")


def test_another_way_of_reading_than_is_stated_is_a_fault(corpus: Corpus) -> None:
    assert quote_of(corpus, cited(read_as="ocr")).state == "altered"


def test_a_confidence_that_was_raised_is_a_fault(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, parsers=TextParserPool(ocr="eyes"))
    text = f"First.\n\fSCANNED {RENT}\n"
    corpus.write("lease.txt", text)
    honest = cited(text=text, read_as="ocr", confidence=0.5)
    assert quote_of(corpus, honest).state == "stands"
    assert quote_of(corpus, replace(honest, confidence=0.98)).state == "altered"


def test_a_page_that_nothing_can_read_today_is_unreadable_and_not_altered(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, parsers=TextParserPool())
    text = f"First.\n\fSCANNED {RENT}\n"
    corpus.write("lease.txt", text)
    found = quote_of(corpus, cited(text=text, read_as="ocr", confidence=0.5))
    assert found.state == "unreadable"
    assert found.why.startswith("page 2: ")


def test_words_that_were_never_there_do_not_stand(corpus: Corpus) -> None:
    forged = replace(cited(), quote="The monthly rent is 9,900 euros.")
    assert quote_of(corpus, forged).state == "altered"


def test_a_document_that_is_gone_is_named_so(corpus: Corpus) -> None:
    (corpus.root / "docs" / "lease.txt").unlink()
    answer = checked(corpus, answer_of(cited()))
    assert answer.quotes[0].state == "gone"
    assert answer.fails


def test_a_renamed_document_is_gone_and_it_is_told_where_its_bytes_lie(corpus: Corpus) -> None:
    docs = corpus.root / "docs"
    (docs / "lease.txt").rename(docs / "lease (signed).txt")
    found = quote_of(corpus, cited())
    assert found.state == "gone"
    assert found.why.endswith("the same file now lies at lease (signed).txt")


def test_a_document_that_cannot_be_read_is_no_fault_of_the_answer(corpus: Corpus) -> None:
    corpus.write("lease.txt", "UNREADABLE now")
    answer = checked(corpus, answer_of(cited()))
    assert (answer.quotes[0].state, answer.fails, answer.unreadable) == ("unreadable", False, True)


def test_what_lies_outside_the_folders_is_never_opened(corpus: Corpus) -> None:
    (corpus.root / "secret.txt").write_text(LEASE, encoding="utf-8")
    (corpus.root / "docs" / "link.txt").symlink_to(corpus.root / "secret.txt")
    for name in ("../secret.txt", str(corpus.root / "secret.txt"), "docs/../../secret.txt"):
        assert quote_of(corpus, cited(name=name)).state == "gone"
    linked = quote_of(corpus, cited(name="link.txt"))
    assert (linked.state, "link" in linked.why) == ("unreadable", True)
    assert corpus.parsers.parsed == []


def test_a_document_inside_another_is_checked_by_its_own_bytes(corpus: Corpus) -> None:
    inner = "The rent is low."
    corpus.write("mail.txt", f"See below.\nATTACHED lease.txt {inner}\n")
    citation = cited(inner, inner, "mail.txt::lease.txt", page=None)
    honest = quote_of(corpus, citation)
    corpus.write("mail.txt", "See below.\nATTACHED lease.txt The rent is high.\n")
    altered = quote_of(corpus, citation)
    corpus.write("mail.txt", "See below.\n")
    gone = quote_of(corpus, citation)
    assert [honest.state, altered.state, gone.state] == ["stands", "altered", "gone"]


def test_a_missing_folder_is_a_fault_of_the_settings(corpus: Corpus) -> None:
    (corpus.root / "docs" / "lease.txt").unlink()
    (corpus.root / "docs").rmdir()
    with pytest.raises(UsageFault, match="is not there"):
        checked(corpus, answer_of(cited()))
    assert corpus.parsers.closed


# Statements


def faults(corpus: Corpus, **more: object) -> list[str]:
    answer = checked(corpus, answer_of(cited(), **more))
    return [text.why for text in answer.unsupported]


def sentence(text: str, status: str = "quoted", marks: tuple[int, ...] = (1,)) -> AnswerSentence:
    return AnswerSentence(text, marks, status)  # type: ignore[arg-type]


def test_what_was_quoted_must_be_the_quote(corpus: Corpus) -> None:
    assert faults(corpus, sentences=(sentence("The  monthly\nrent is 4,200 euros."),)) == []
    assert faults(corpus, sentences=(sentence(RENT, "replaced"),)) == []
    for text in ("The monthly rent is 4,300 euros.", "The monthly rent is", f"{RENT} Always."):
        assert faults(corpus, sentences=(sentence(text),)) == [
            "it is not, word for word, what its quote says"
        ]


def test_what_a_model_wrote_must_still_pass_the_check(corpus: Corpus) -> None:
    assert faults(corpus, sentences=(sentence("The rent is 4,200 euros.", "kept"),)) == []
    for text in ("The rent is 9,200 euros.", "The rent is not 4,200 euros.", "Anna Roe pays it."):
        for status in ("kept", "repaired"):
            assert faults(corpus, sentences=(sentence(text, status),))


LETTER = (
    "Discharge letter\n\nPatient: Ana Ruiz\nDate: 4 March 2024\n\n"
    "Medication\n\nShe takes 5 mg of bisoprolol daily.\n"
)
DOSE = "She takes 5 mg of bisoprolol daily."


def faults_of_dose(corpus: Corpus, text: str, question: str = "How much?") -> list[str]:
    answer = answer_of(
        cited(DOSE, LETTER, "ruiz.txt", page=None),
        question=question,
        sentences=(sentence(text, "kept"),),
    )
    return [each.why for each in checked(corpus, answer).unsupported]


def test_what_names_the_document_is_told_again_from_the_file(corpus: Corpus) -> None:
    """As the check did when the answer was made, and not from what the answer itself says."""
    corpus.write("ruiz.txt", LETTER)
    assert faults_of_dose(corpus, "Ana Ruiz takes 5 mg of bisoprolol daily.") == []
    assert faults_of_dose(corpus, "Luis Vega takes 5 mg of bisoprolol daily.")
    assert faults_of_dose(corpus, "Ana Ruiz takes 50 mg of bisoprolol daily.")
    corpus.write("ruiz.txt", LETTER.replace("Ana Ruiz", "Luis Vega"))
    assert faults_of_dose(corpus, "Ana Ruiz takes 5 mg of bisoprolol daily.")


def test_the_question_is_checked_again_too(corpus: Corpus) -> None:
    corpus.write("ruiz.txt", LETTER)
    said = "She takes a daily tablet of 5 mg of bisoprolol."
    assert faults_of_dose(corpus, said) == []
    assert faults_of_dose(corpus, said, "Which tablet does she take?") == [
        "'tablet' comes from the question, not from the evidence"
    ]


def test_the_section_of_a_quote_is_told_again_too(corpus: Corpus) -> None:
    said, asked = "Her medication is 5 mg of bisoprolol daily.", "What medication does she take?"
    corpus.write("ruiz.txt", LETTER)
    assert faults_of_dose(corpus, said, asked) == []
    corpus.write("ruiz.txt", LETTER.replace("Medication\n", "Advice\n"))
    assert faults_of_dose(corpus, said, asked)


def test_names_are_no_fault_while_their_document_cannot_be_read(corpus: Corpus) -> None:
    corpus.write("ruiz.txt", "UNREADABLE now")
    assert faults_of_dose(corpus, "Ana Ruiz takes 5 mg of bisoprolol daily.") == []
    assert faults_of_dose(corpus, "Ana Ruiz takes 50 mg of bisoprolol daily.")


def test_quotes_of_two_documents_do_not_make_one_statement(corpus: Corpus) -> None:
    corpus.write("ruiz.txt", LETTER)
    other = "He stopped taking warfarin in May."
    corpus.write("vega.txt", other)
    citations = (
        cited(DOSE, LETTER, "ruiz.txt", page=None),
        cited(other, other, "vega.txt", page=None, mark=2),
    )
    joint = "Ana Ruiz takes 5 mg of bisoprolol daily and stopped taking warfarin in May."
    answer = answer_of(*citations, sentences=(sentence(joint, "kept", (1, 2)),))
    assert checked(corpus, answer).unsupported


def test_a_short_fact_must_stand_in_its_quotes(corpus: Corpus) -> None:
    assert faults(corpus, facts=(ShortFact("amount", "4,200 euros", (1,)),)) == []
    assert faults(corpus, facts=(ShortFact("amount", "9,200 euros", (1,)),)) == [
        "it does not stand in its quotes"
    ]


def test_yes_cannot_be_turned_into_no(corpus: Corpus) -> None:
    asked = "Is the monthly rent payable in euros?"
    text = "The monthly rent is payable in euros."
    corpus.write("lease.txt", text)

    def fault_of(said: str) -> list[str]:
        answer = answer_of(
            cited(text, text, page=None),
            question=asked,
            facts=(ShortFact("yes/no", said, (1,)),),
        )
        return [each.why for each in checked(corpus, answer).unsupported]

    assert fault_of("Yes") == []
    assert fault_of("No") == ["its quotes say the contrary"]
    assert fault_of("Perhaps") == ["it is neither yes nor no"]
    asked = "Is the deposit refundable to the tenant?"
    assert fault_of("Yes") == ["its quotes do not settle the question"]


def test_marks_must_point_at_quotes(corpus: Corpus) -> None:
    assert faults(corpus, sentences=(sentence(RENT, marks=()),)) == ["it points at no quote"]
    assert faults(corpus, sentences=(sentence(RENT, marks=(2,)),)) == [
        "it points at [2], and there is no such quote"
    ]


def test_the_whole_text_must_be_that_of_the_sentences(corpus: Corpus) -> None:
    sentences = (sentence(RENT),)
    assert faults(corpus, sentences=sentences, text=f"{RENT} [1]") == []
    assert faults(corpus, sentences=sentences, text=f"{RENT} [1] It was paid.")


# Which pipeline


def test_an_answer_goes_to_the_pipeline_it_names_or_that_is_given_or_the_only_one() -> None:
    named, nameless = answer_of(), answer_of(pipeline="")
    assert list(by_pipeline([named], "", ["test", "b"])) == ["test"]
    assert list(by_pipeline([named], "b", ["test", "b"])) == ["b"]
    assert list(by_pipeline([nameless], "", ["b"])) == ["b"]
    with pytest.raises(UsageFault, match="does not say whose documents"):
        by_pipeline([nameless], "", ["test", "b"])


# Notes

OLD = "Services Agreement\n\nThis Services Agreement is made between Halden Ltd and Northwind LLP.\n\n"
FEE = "The annual fee is EUR 100."
NEW_FEE = "The annual fee is EUR 140."


def of_versions(corpus: Corpus, kind: str, text: str, older: str = "fee_v1.txt") -> list[str]:
    for name, fee in (("fee_v1.txt", FEE), ("fee_v2.txt", NEW_FEE), ("rent.txt", FEE)):
        corpus.write(name, f"{OLD}{fee}\n")
    said = FEE if older != "fee_v2.txt" else NEW_FEE
    quotes = (
        cited(NEW_FEE, f"{OLD}{NEW_FEE}\n", "fee_v2.txt", page=None),
        cited(said, f"{OLD}{said}\n", older, page=None, mark=2),
    )
    note = Note(kind, text, (1, 2))  # type: ignore[arg-type]
    answer = answer_of(*quotes, question="How much is the annual fee?", notes=(note,))
    found = checked(corpus, answer)
    assert all(quote.holds for quote in found.quotes)
    assert found.statements == 1
    return [each.why for each in found.unsupported]


def test_a_note_on_versions_stands_while_the_files_belong_together(corpus: Corpus) -> None:
    true = "fee_v2.txt is a newer version of fee_v1.txt: what it says comes first."
    assert of_versions(corpus, "superseded", true) == []
    for forged in (
        "fee_v1.txt is a newer version of fee_v2.txt: what it says comes first.",
        "fee_v2.txt is an amendment to fee_v1.txt: what it says comes first.",
        f"{true} The fee was waived.",
        "The fee was waived.",
    ):
        assert len(of_versions(corpus, "superseded", forged)) == 1, forged
    stranger = "fee_v2.txt is a newer version of rent.txt: what it says comes first."
    assert of_versions(corpus, "superseded", stranger, older="rent.txt") == [
        "the one document is no newer version or amendment of the other"
    ]


def test_a_note_of_a_conflict_needs_quotes_that_differ(corpus: Corpus) -> None:
    said = "The documents say different things: {} and {}."
    assert of_versions(corpus, "conflict", said.format("fee_v2.txt", "fee_v1.txt")) == []
    assert of_versions(corpus, "conflict", said.format("fee_v2.txt", "lease.txt"))
    note = Note("conflict", said.format("rent.txt", "fee_v1.txt"), (1, 2))
    text = f"{OLD}{FEE}\n"
    quotes = (
        cited(FEE, text, "rent.txt", page=None),
        cited(FEE, text, "fee_v1.txt", page=None, mark=2),
    )
    answer = answer_of(*quotes, question="How much is the annual fee?", notes=(note,))
    assert [each.what for each in checked(corpus, answer).unsupported] == ["note"]


def test_a_note_points_at_quotes_that_are_there(corpus: Corpus) -> None:
    note = Note("conflict", "The documents say different things: a.txt and b.txt.", (1, 7))
    assert faults(corpus, notes=(note,)) == ["it points at [7], and there is no such quote"]


def test_what_was_left_out_is_told_in_words_of_its_own(corpus: Corpus) -> None:
    true = "Reads like an instruction to a machine, and was left out: lease.txt, p. 2."
    several = f"{true[:-1]}, old lease.txt and 3 more places."
    named = true.replace("lease.txt", "Ruiz, Ana.eml::lease.txt")
    for text in (true, several, named):
        assert faults(corpus, notes=(Note("fenced", text, ()),)) == [], text
    for text in (
        f"{true} Pay at once.",
        "Was left out: lease.txt.",
        true.replace("lease.txt, p. 2", "it"),
    ):
        assert faults(corpus, notes=(Note("fenced", text, ()),)), text
