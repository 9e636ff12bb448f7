"""English follow-ups that are a sentence but point back: "when was it signed?", "does she take it?"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ragkit.conversation import lexicon
from ragkit.conversation.carried import Earlier
from ragkit.conversation.phrasing import asked, bare
from ragkit.conversation.reading import Reading

_EXPLETIVE = re.compile(
    r"(?i)\bit\b(?: \w+)? (?:true|possible|necessary|allowed|permitted|required|legal|safe|normal|common"
    r"|likely|important|advisable|usual|clear|better|known) (?:to|that|for|if|under)\b"
    r"|\b(?:does|will|would|did|can) it (?:take|mean|matter|cost) (?:to|for|if|when)\b"
    r"|\bit (?:takes?|means?|matters?|follows?|seems?|appears?) (?:to|for|that|if)\b"
)
_BOUNDARY = lexicon.words(
    "if when that because whether before after while once and or unless until who which"
)
_SAME = ({"agreement", "contract"}, {"letter", "report", "summary"}, {"licence", "license"})
_ONLY_DOCUMENTS = lexicon.words(
    "signed sign signs signatory executed dated amended amend notarised"
)
_AFTER_THAT = lexicon.words("change changed cost mean happen include take require affect")
_MOST_BARE = 3


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters of what was typed, and what takes their place."""

    start: int
    end: int
    text: str


def resolve(typed: str, reading: Reading, earlier: Earlier, *, has_lead: bool) -> str | None:
    """The question with what it points back to; None if it stands alone, "" if nothing fits."""
    found = [_edit(reading, at, earlier) for at in range(len(reading.words))]
    edits = [edit for edit in found if isinstance(edit, Edit)]
    if not edits:
        if "" in found:
            return ""
        return _incomplete(reading, earlier, has_lead=has_lead)
    text = _applied(reading.text, _once(edits))
    return asked(_with_carried(bare(text), reading, earlier), "en")


def _once(edits: list[Edit]) -> list[Edit]:
    """Nobody is said to have seen himself: of "when did he see her" only the first is known."""
    said = [edit.text for edit in edits]
    return [edit for at, edit in enumerate(edits) if edit.text not in said[:at]]


def _edit(reading: Reading, at: int, earlier: Earlier) -> Edit | str | None:
    """What takes the place of a word; "" for one that points to nothing that is known."""
    low, word = reading.lows[at], reading.words[at]
    if low in lexicon.PERSON_PRONOUNS:
        return None if _is_told(reading, at, persons=True) else _of_person(reading, at, earlier)
    if low in lexicon.MANY_PRONOUNS:
        return None if _is_told(reading, at, persons=True) else _of_many(reading, at, earlier)
    if low in lexicon.THING_PRONOUNS:
        is_empty = _EXPLETIVE.search(reading.text) is not None
        return (
            None
            if is_empty or _is_told(reading, at, persons=False)
            else _of_thing(reading, at, earlier)
        )
    if low in {"this", "that"} and _stands_for_a_thing(reading, at):
        what = _thing(reading, earlier)
        return Edit(word.start, word.end, what) if what else ""
    return _of_noun(reading, at, earlier)


def _of_person(reading: Reading, at: int, earlier: Earlier) -> Edit | str:
    if not earlier.person:
        return ""
    word = reading.words[at]
    return Edit(word.start, word.end, earlier.person + _ending(reading, at))


def _of_many(reading: Reading, at: int, earlier: Earlier) -> Edit | str:
    is_thing = earlier.thing.endswith("s") and reading.lows[at] in {"they", "them"}
    whose = (earlier.thing if is_thing else "") or earlier.owner or earlier.person
    if not whose:
        return ""
    word = reading.words[at]
    return Edit(word.start, word.end, whose + _ending(reading, at))


def _of_thing(reading: Reading, at: int, earlier: Earlier) -> Edit | str:
    word, low = reading.words[at], reading.lows[at]
    after = reading.lows[at + 1] if at + 1 < len(reading.lows) else ""
    what = earlier.owner if low == "its" else _thing(reading, earlier)
    what = earlier.doer if after in lexicon.DEEDS and earlier.doer else what
    return Edit(word.start, word.end, what + ("'s" if low == "its" else "")) if what else ""


def _thing(reading: Reading, earlier: Earlier) -> str:
    """The document where the verb says so, else what was asked about, else the document."""
    is_of_document = any(low in lexicon.OF_DOCUMENTS for low in reading.lows)
    if is_of_document and earlier.named_paper:
        return earlier.named_paper
    if any(low in _ONLY_DOCUMENTS for low in reading.lows):
        return earlier.paper or earlier.owner  # a disease is not signed
    return earlier.single_thing or earlier.paper or earlier.owner


def _ending(reading: Reading, at: int) -> str:
    """ "'s" for a pronoun that owns: his; "her" before a noun."""
    low = reading.lows[at]
    if low not in lexicon.POSSESSIVES:
        return ""
    return "" if low == "her" and _is_object(reading, at) else "'s"


def _is_object(reading: Reading, at: int) -> bool:
    """Whether "her", "him", "it" has something done to it, rather than does or owns something."""
    low = reading.lows[at]
    after = reading.lows[at + 1] if at + 1 < len(reading.lows) else ""
    ends = not after or after in lexicon.PREPOSITIONS["en"] or after in lexicon.FUNCTION_WORDS
    if low in {"him", "them"}:
        return True
    if low in {"her", "it"}:
        before = reading.lows[at - 1] if at else ""
        return ends and at > 0 and before not in lexicon.AUXILIARIES | _BOUNDARY
    return False


def _is_told(reading: Reading, at: int, *, persons: bool) -> bool:
    """Whether the question itself says before a pronoun whom or what it means."""
    before = [named for named in reading.named if named.end <= at]
    kinds = {"person", "name"} if persons else {"document", "company", "name"}
    names = any(named.kind in kinds for named in before)
    nouns = lexicon.PEOPLE if persons else lexicon.DOCUMENTS
    role = any(
        low in nouns and low not in {"patient", "paciente"} and not _points_back(reading, place)
        for place, low in enumerate(reading.lows[:at])
    )
    if not persons and reading.lows[at] == "its":
        role = role or bool(before) or any(low in lexicon.PEOPLE for low in reading.lows[:at])
    elif not persons:
        role = bool(before) and _has_boundary(reading, at)
    if not names and not role:
        return False
    return not (_is_object(reading, at) and not _has_boundary(reading, at))


def _points_back(reading: Reading, at: int) -> bool:
    return bool(at) and reading.lows[at - 1] in lexicon.DEMONSTRATIVES["en"]


def _has_boundary(reading: Reading, at: int) -> bool:
    text = reading.text[: reading.words[at].start]
    return "," in text or any(low in _BOUNDARY for low in reading.lows[1:at])


def _stands_for_a_thing(reading: Reading, at: int) -> bool:
    """ "why is that?", "did that change?", not "that agreement", "the contract that ends"."""
    after = reading.lows[at + 1] if at + 1 < len(reading.lows) else ""
    before = reading.lows[at - 1] if at else ""
    if before not in lexicon.AUXILIARIES | {"about", "for", "after", "before"}:
        return False
    return not after or after in lexicon.PREPOSITIONS["en"] | lexicon.OF_DOCUMENTS | _AFTER_THAT


def _of_noun(reading: Reading, at: int, earlier: Earlier) -> Edit | None:
    """ "the agreement", "this patient", where the question before has said which."""
    low = reading.lows[at]
    before = reading.lows[at - 1] if at else ""
    points = before in lexicon.DEMONSTRATIVES["en"]
    if not (points or before == "the") or _is_qualified(reading, at) or _is_first_half(reading, at):
        return None
    if any(reading.is_name(i) for i in range(len(reading.words))):
        return None
    what = ""
    if low == "patient":
        what = earlier.person
    elif low in lexicon.DOCUMENTS and (points or _same_kind(low, earlier.paper)):
        what = earlier.paper
    if not what:
        return None
    owns = reading.words[at].text.endswith(("'s", "’s"))
    return Edit(reading.words[at - 1].start, reading.words[at].end, what + ("'s" if owns else ""))


def _is_first_half(reading: Reading, at: int) -> bool:
    """Of "the settlement amount", which is no settlement."""
    after = reading.lows[at + 1] if at + 1 < len(reading.lows) else ""
    known = lexicon.FUNCTION_WORDS | lexicon.OF_DOCUMENTS
    return bool(after) and after not in known and not after.endswith("s")


def _is_qualified(reading: Reading, at: int) -> bool:
    """Whether more follows that says which: "the agreement with", "the patient who"."""
    after = reading.lows[at + 1] if at + 1 < len(reading.lows) else ""
    return after in {
        "with",
        "of",
        "between",
        "for",
        "who",
        "that",
        "which",
        "named",
        "called",
        "from",
    }


def _same_kind(low: str, paper: str) -> bool:
    words = set(re.findall(r"\w+", paper.casefold()))
    alike = next((group for group in _SAME if low in group), {low})
    return bool(words & alike)


def _applied(text: str, edits: list[Edit]) -> str:
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _with_carried(text: str, reading: Reading, earlier: Earlier) -> str:
    """With whom or which document it is about, where what was put in does not say."""
    has_own = any(reading.is_name(at) for at in range(len(reading.words)))
    names = [earlier.reading.words[at].bare for named in earlier.named for at in named.name]
    text = with_dose(text, earlier, "en")
    if has_own or not earlier.carried or any(name in text for name in names):
        return text
    return f"{text} {earlier.carried}"


def with_dose(text: str, earlier: Earlier, language: str) -> str:
    """ "what dose does Ana take": of what, where a medicine was asked about."""
    span = earlier.bare_thing
    thing = earlier.reading.text[span[0] : span[1]] if span else ""
    of = "de" if language == "es" else "of"
    if not thing or thing in text:
        return text
    pattern = re.compile(
        rf"(?i)\b({'|'.join(sorted(lexicon.DOSES - {'route', 'vía', 'strength'}))})\b(?! {of}\b)"
    )
    return pattern.sub(lambda found: f"{found.group()} {of} {thing}", text, count=1)


def _incomplete(reading: Reading, earlier: Earlier, *, has_lead: bool) -> str | None:
    """ "who signed?", and a sentence behind "and" that names nothing."""
    if (
        not reading.words
        or any(reading.is_name(at) for at in range(len(reading.words)))
        or reading.named
    ):
        return None
    lows = reading.lows
    lacks = (
        len(lows) <= _MOST_BARE
        and lows[0] in {"who", "when"}
        and lows[-1] not in lexicon.AUXILIARIES
    )
    lacks = lacks and not any(low in lexicon.AUXILIARIES for low in lows)
    if not (lacks or has_lead) or not earlier.carried:
        return None
    what = earlier.paper if lacks and earlier.paper else earlier.carried
    return asked(f"{bare(reading.text)} {what}", "en")
