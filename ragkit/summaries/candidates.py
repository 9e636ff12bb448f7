"""The sentences of a document that may stand in a summary, as clauses that can be quoted apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ragkit.summaries.clauses import clauses_in, sentences_in
from ragkit.summaries.headings import is_heading_line
from ragkit.summaries.whole import held_together, wholes_of
from ragkit.types import Span

LONGEST_STRETCH = 60
"""Words that are chosen together: a sentence, or a part of one that is longer."""
LONGEST_UNMARKED = 40
"""The same where no capitals tell where sentences begin: a transcript, a text in small letters."""
LONGEST_CLAUSE = 16
"""Words of a part that a stretch is cut down to where there is no room for all of it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A clause as it stands in the document: text[start:end]; most sentences are one or two.

    section: its heading path, "" if it has none. ordinal: the number of its sentence in the
    document. stretch: the number of what is chosen together, a sentence or a part of a long one; its
    clauses follow each other.
    """

    text: str
    start: int
    end: int
    section: str
    ordinal: int
    stretch: int = 0


_HEADING_SEPARATOR = " > "
_FEWEST_WORDS = 3
_LONGEST_TITLE = 10
_LONGEST_SHOUT = 16
"""Words of a title; of one that is all in capitals and has no stop."""
_NUMBERED_TITLE = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,2}\.?\s+[A-ZÁÉÍÓÚÑ]")
_VERB = re.compile(
    r"(?i)\b(?:shall|may|must|will|is|are|was|were|has|have|had|does|deber[áa]n?|podr[áa]n?|ser[áa]n?"
    r"|es|son|fue|ha|han|se)\b"
)
_TITLE_CAPITALS = 0.7
"""The share of words in capitals from which on a line is a title: "AMENDMENT No. 1 TO THE LEASE"."""
_MEASURE = re.compile(r"\d\s?(?:%|[a-zµ])|[|£€$]|\d[.,]\d")
_WORD = re.compile(r"[^\W\d_]{2,}")
_NOTHING_SAID = re.compile(
    r"""(?ix)
    ^\W*(?:page|p[áa]gina|p[áa]g\.?)\s+\d+ | \b(?:page|p[áa]gina)\s+\d+\s+(?:of|de)\s+\d+  # footers
    | ^source:\s | \.{4,} | \s{2,}\d{1,3}\s+\d{1,2}(?:\.\d{1,2})?\s+[A-Z]  # tables of contents
    | _{3,} | (?:[-=|]\s*){4,}  # lines to sign on, table rules
    | ^\W*(?:by|its|name|title|date|signature|signed|firma|firmado|fdo|nombre|cargo|fecha)\s*:[^.]{0,60}$
    | ^\W*(?:date\ of\ birth|fecha\ de|f\.?\ ?nac|nombre|apellidos|patient|paciente|nhc|mrn|age|edad
        |n\.?\ ?[ºo°]\.?\ de\ historia|hospital\ number|sexo?|address|domicilio|tel[ée]fono|phone)\b
        (?:[^.]|\.\d){0,60}\.?$  # fields: key facts
    | ^\W*(?:nombre|apellidos|domicilio|localidad[^:]{0,20}|c\.?p|nhc|nass|cipa|edad|sexo|pa[íi]s[^:]{0,15}
        |servicio|especialidad|episodio|m[ée]dico|facultativo|n\.?[ºo°]\ ?col|remitid[oa]\ por
        |responsable\ cl[íi]nico|e-?mail|correo(?:\ electr[óo]nico)?|tel[ée]fono|tlfno|fecha\ de\ \w+
        |address|referred\ by|consultant)
        \s*:(?!.*\s(?:shall|must|will|is|are|was|were|se|deber[áa]n?)\s).{0,300}$
    | ^\W*datos\ (?:del?\ |asistenciales|personales|cl[íi]nicos|administrativos)[^.:]{0,20}\.?$
    | ^(?:departamento|servicio|unidad|facultad|hospital|department|ward)\ (?-i:de|del|of|(?=[A-ZÁÉÍÓÚÑ\d]))
        (?!.*\s(?:shall|must|will|is|are|was|were|has|had|se|es|son|fue|deber[áa]n?)\s)[^.:;]{0,50}\.?$  # where
    | ^[^\W\d][^\d;.]{1,40},\s(?:a\s)?\d{1,2}\sde\s\w+\sde[l]?\s\d{4}[^.;]{0,30}\.?$  # place and date
    | ^\d{5}\ [^.:;\d]{2,50}\.?$ | ^\W*(?:calle|c/|avda|avenida|plaza|paseo)\b[^.;:]{0,60}\.?$  # addresses
    | ^\W*(?:patient|paciente|born|nacid[oa])\W*:[^|]{0,300}$
    | ^[^.;|]{3,50},\ (?:born|nacid[oa]\ el)\ \d[^.;|]{0,50}\.?$
    | ^\w+(?:[,;]\w+){4,}$  # names of columns
    | ^\W*by\s*:.{0,300}$ | ^\W*en\ su\ propio\ nombre\ y\ derecho | \b(?:exponen|a\s+cuyo\s+efecto)\W*$
    | ^(?:from|to|cc|bcc|sent|subject|de|para|enviado|asunto|a\ la\ atenci[óo]n\ de)\s*:  # heads of mails
    | ^(?:exhibit|annex|schedule|appendix|anexo|ap[ée]ndice)\s+[\w.-]+\W*$
    | \b(?:in\ witness\ whereof|all\ rights\ reserved|todos\ los\ derechos\ reservados
        |confidential\ treatment|unsubscribe|documento\ confidencial)\b
    | ^(?:dear|estimad[oa]s?)\ [^.]{0,40}[,:]$ | ^(?:kind\ regards|yours\ sincerely|un\ saludo|atentamente)
    | ^\W*(?:\w+\W+){0,4}\S+@\S+\W*$  # an address of mail alone
    | ^\W*https?://\S+\W*$
    """
)
_ADMINISTRATIVE = re.compile(
    r"(?i)\W*(?:remitid[oa] por|responsable cl[íi]nic[oa]|datos (?:del paciente|personales|administrativos)"
    r"|patient details|referred by|referring (?:doctor|physician))\W*"
)
"""Headings of who somebody is and where he works: key facts and fields tell it."""
_SPEAKER = re.compile(r"\[[\w ]{1,30}\]\s*")
_FILLER = re.compile(
    r"(?:(?:okay|ok|all right|alright|right|um|uh|mm-hmm|hmm|well|so|yeah|yes|no|you know|great"
    r"|good|sure|perfect|and|hey|hi|hello|vale|bueno|pues|eh|sí|claro|ajá|bien|muy bien)\b"
    r"[ \t]*[,.?!…]*\s+|[-.,?!]+\s+)+",
    re.IGNORECASE,
)
"""What a spoken sentence begins with and does not need."""
_STOPS = (".", ";", "?", "!")
_LETTERS_OF_A_CAPITAL = 300
_LONGEST_RUNNING_LINE = 120
_RUNNING_TIMES = 3


def candidates_of(text: str, sentences: Sequence[Span], sections: Sequence[str]) -> list[Candidate]:
    """Candidates in document order, not overlapping.

    sentences: of `text`, in order; sections: the heading path of each, shape (len(sentences),).
    """
    stretches = enumerate(_stretches(text, sentences, sections))
    return [
        Candidate(text[part.start : part.end], part.start, part.end, sections[at], at, number)
        for number, (at, stretch) in stretches
        for part in held_together(text, list(clauses_in(text, stretch, LONGEST_CLAUSE)))
    ]


def is_candidate(text: str, section: str = "") -> bool:
    """Whether a sentence of a section says something: it is no heading, table rule, footer, head of a
    mail or signature, and not the line above a list."""
    words = _WORD.findall(text)
    if _ADMINISTRATIVE.fullmatch(section.rpartition(_HEADING_SEPARATOR)[2]):
        return False
    if len(words) < _FEWEST_WORDS or text.rstrip().endswith(":") or _NOTHING_SAID.search(text):
        return False
    letters = sum(len(word) for word in words)
    return 2 * letters >= len("".join(text.split())) and not _is_title(text, words, section)


def quotes_of(text: str, chosen: Sequence[Candidate]) -> list[Candidate]:
    """The chosen candidates, in order, with clauses that follow each other in a sentence as one."""
    quotes: list[Candidate] = []
    for candidate in chosen:
        last = quotes[-1] if quotes else None
        if last and last.ordinal == candidate.ordinal and _touch(text, last, candidate):
            quotes[-1] = replace(last, text=text[last.start : candidate.end], end=candidate.end)
        else:
            quotes.append(candidate)
    return quotes


def _touch(text: str, first: Candidate, second: Candidate) -> bool:
    return not text[first.end : second.start].strip()


def _is_title(text: str, words: Sequence[str], section: str) -> bool:
    """Whether it is a heading of its section, or looks like one: short, without a stop or a verb."""
    whole = " ".join(text.split()).casefold().rstrip(":")
    if any(whole == part.casefold().rstrip(":") for part in section.split(_HEADING_SEPARATOR)):
        return True
    is_long = len(words) > _LONGEST_TITLE
    shouts = all(word.isupper() for word in words) and not re.search(r"[\d;:]", text)
    if is_long and not (shouts and len(words) <= _LONGEST_SHOUT):
        return False
    if text.rstrip().endswith(_STOPS):
        return shouts and not is_long and not _VERB.search(text)
    if sum(word.isupper() for word in words) > len(
        words
    ) * _TITLE_CAPITALS or _NUMBERED_TITLE.match(text):
        return not _VERB.search(text) and not _MEASURE.search(text)
    capitals = sum(word[0].isupper() for word in words)
    if "," in text and not re.search("[:|]", text):  # an address
        return capitals == len(words)
    return 2 * capitals >= len(words) and not re.search(r"[\d:]", text)


def _stretches(
    text: str, sentences: Sequence[Span], sections: Sequence[str]
) -> Iterator[tuple[int, Span]]:
    """(number of the sentence, stretch) of all that says something; of fragments only if all are."""
    capitals = sum(sign.isupper() for sign in text)
    lower = capitals * _LETTERS_OF_A_CAPITAL < len(text)
    running = _running_lines(text, sentences)
    wholes = wholes_of(text, sentences, sections)
    complete = [whole for whole in wholes if lower or not (whole.is_rest or whole.is_open)]
    for whole in complete or wholes:
        speaker = _SPEAKER.match(text, whole.span.start, whole.span.end)
        body = Span(speaker.end(), whole.span.end) if speaker else whole.span
        for sentence in sentences_in(text, body) if lower else (body,):
            words = text[sentence.start : sentence.end]
            section = sections[whole.ordinal]
            if (
                words not in running
                and is_candidate(words, section)
                and not is_heading_line(text, sentence, section)
            ):
                for stretch in _parts_worth_quoting(text, sentence, lower):
                    yield whole.ordinal, stretch


def _parts_worth_quoting(text: str, sentence: Span, lower: bool) -> Iterator[Span]:
    longest = LONGEST_UNMARKED if lower else LONGEST_STRETCH
    for stretch in clauses_in(text, sentence, longest):
        spoken = _FILLER.match(text, stretch.start, stretch.end) if lower else None
        start = spoken.end() if spoken else stretch.start
        if len(_WORD.findall(text, start, stretch.end)) >= _FEWEST_WORDS:
            yield Span(start, stretch.end)


def _running_lines(text: str, sentences: Sequence[Span]) -> set[str]:
    """Lines without a stop that come again and again: heads and feet of pages."""
    lines = Counter(
        text[span.start : span.end]
        for span in sentences
        if span.end - span.start <= _LONGEST_RUNNING_LINE
    )
    return {
        line
        for line, times in lines.items()
        if times >= _RUNNING_TIMES and not line.endswith(_STOPS)
    }
