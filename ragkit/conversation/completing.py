"""The question that less than a sentence stands for: what takes the place of what."""

from __future__ import annotations

import re

from ragkit.conversation import lexicon
from ragkit.conversation.carried import Earlier, article, contracted
from ragkit.conversation.fragments import CONDITIONS, Fragment
from ragkit.conversation.interrogatives import restated
from ragkit.conversation.phrasing import asked, bare
from ragkit.conversation.reading import Named, Reading

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_OWNING = frozenset(("su", "sus", "its", "their", "his", "her"))
_ALIKE = ({"a", "al"}, {"de", "del"})
_PLURAL_NOT = ("ss", "us", "is")


def complete(fragment: Fragment, earlier: Earlier) -> str:
    """The question that a fragment stands for; "" where it stands alone or cannot be told."""
    if fragment.asks_bare():
        return restated(fragment, earlier)
    if fragment.reading.lows[0] in CONDITIONS:
        return _conditioned(fragment, earlier)
    own = [named for named in fragment.reading.named if _is_real(fragment.reading, named)]
    if own:
        return "" if _leftover(fragment.reading, own) else _with_name(fragment, own[0], earlier)
    if _is_date(fragment.reading):
        return _with_date(fragment, earlier)
    if _paper(fragment.reading):
        return _with_paper(fragment, earlier)
    first = fragment.reading.lows[0]
    if first in _OWNING:
        return _attribute(fragment, earlier)
    if first in lexicon.PREPOSITIONS[fragment.language]:
        return _with_preposition(fragment, earlier)
    is_bare = first not in lexicon.DETERMINERS[fragment.language] and not fragment.has_about
    if is_bare and (other := _other_noun(fragment, earlier)):
        return other
    parallel = "" if _is_attribute(fragment) else _parallel(fragment, earlier)
    return parallel or _attribute(fragment, earlier)


def _other_noun(fragment: Fragment, earlier: Earlier) -> str:
    """ "and interactions?" after "Which side effects does metformin have?"; "" after another question."""
    noun = earlier.asked_noun.partition(" ")[2]
    text = earlier.reading.text
    at = text.find(noun) if noun else -1
    following = text[at + len(noun) :].split()[:1] if at >= 0 else []
    is_alike = (
        _is_plural(_head(fragment)) == _is_plural(noun.split()[0 if _spanish(earlier) else -1])
        if noun
        else False
    )
    if not is_alike or not following or following[0] in {"of", "de"}:
        return ""
    return asked(bare(f"{text[:at]}{fragment.text}{text[at + len(noun) :]}"), earlier.language)


def _spanish(earlier: Earlier) -> bool:
    return earlier.language == "es"


def _conditioned(fragment: Fragment, earlier: Earlier) -> str:
    """ "and if Halden is late?": in the place of another condition, else behind the question."""
    before = bare(earlier.reading.text)
    at = re.search(rf"(?i)[, ]+{fragment.reading.lows[0]} ", before)
    return asked(f"{before[: at.start()] if at else before} {fragment.text}", earlier.language)


def _is_real(reading: Reading, named: Named) -> bool:
    return any(reading.is_name(at) for at in named.name)


def _leftover(reading: Reading, own: list[Named]) -> bool:
    taken = {at for named in own for at in range(named.start, named.end)}
    return any(
        low not in lexicon.FUNCTION_WORDS and at not in taken and low not in lexicon.TITLES
        for at, low in enumerate(reading.lows)
    )


# Another name in the same question


def _with_name(fragment: Fragment, own: Named, earlier: Earlier) -> str:
    target = _target(fragment, own, earlier)
    before = bare(earlier.reading.text)
    language = earlier.language
    if target is not None and target.kind != "document" and _is_file(fragment.reading, own):
        return asked(f"{before} {'en' if language == 'es' else 'in'} {own.phrase}", language)
    if target is None:
        ending = own.phrase
        word = own.preposition or ("de" if language == "es" else "for")
        word = {"del": "de", "al": "a"}.get(word, word)
        return asked(contracted(f"{before} {word} {ending}"), language)
    return asked(_put(earlier, target, own, fragment), language)


def _is_file(reading: Reading, named: Named) -> bool:
    """ "report_smith.pdf", which is nobody in a person's place."""
    return any("_" in reading.lows[at] for at in named.name)


def _target(fragment: Fragment, own: Named, earlier: Earlier) -> Named | None:
    """The phrase of the question before whose place the new name takes."""
    real = [named for named in earlier.named if earlier.has_name(named)]
    if own.kind == "document" and not real:
        real = [named for named in earlier.named if named.kind == "document"]
    fitting = [named for named in real if _fits(named, own)] or real
    if not fitting:
        return None
    last = fragment.reading.words[own.end - 1]
    if last.is_possessive:
        held = [n for n in fitting if earlier.reading.words[n.end - 1].is_possessive]
        fitting = held or fitting
    same = [n for n in fitting if own.preposition and n.preposition == own.preposition]
    if same:
        return same[-1]
    subjects = [n for n in fitting if not n.preposition]
    return subjects[0] if subjects and not own.preposition else fitting[-1]


def _fits(before: Named, own: Named) -> bool:
    if "name" in (before.kind, own.kind) or "document" in (before.kind, own.kind):
        return True
    return before.kind == own.kind


def _put(earlier: Earlier, target: Named, own: Named, fragment: Fragment) -> str:
    """The question before with the new name in the place of the old."""
    text, words = earlier.reading.text, earlier.reading.words
    joined = [at for at in target.name if earlier.reading.lows[at] in {"and", "y", "e", "&"}]
    is_whole = not own.is_bare and not (own.kind != "document" and target.kind == "document")
    if is_whole:
        start, end, new = target.start, target.end, own.phrase
    else:
        start, end, new = target.name.start, target.name.stop, _name(fragment.reading, own)
        new = f"{new} {_surname(earlier, target, new)}".strip()
    if joined and not any(w in {"and", "y", "e"} for w in own.phrase.split()) and not is_whole:
        start = joined[-1] + 1
    left, right = text[: words[start].start], text[words[end - 1].end :]
    if words[end - 1].is_possessive:
        new += "'s"
    if target.preposition in {"del", "al"} and start == target.start:
        plain = left.rstrip()[:-1]
        left = f"{plain} "
    return bare(contracted(f"{left}{new}{right}"))


def _name(reading: Reading, named: Named) -> str:
    words = reading.words
    shown = reading.text[words[named.name.start].start : words[named.name[-1]].end]
    shown = re.sub(r"['’]s?$", "", shown)
    return f"{shown}." if _ends_in_initial(shown) else shown


def _ends_in_initial(name: str) -> bool:
    """ "John A", whose point was taken for the end of the sentence."""
    return re.search(r"\s[^\W\d_]$", name) is not None


def _surname(earlier: Earlier, target: Named, new: str) -> str:
    """ "Smith" of "John B. Smith", where "John A." is the new name; "" for another first name."""
    old = [earlier.reading.words[at].bare for at in target.name]
    given = new.split()
    if not _ends_in_initial(new.rstrip(".")) or old[: len(given) - 1] != given[:-1]:
        return ""
    behind = old[len(given) - 1 :]
    return " ".join(behind[1:] if behind and len(behind[0]) == 1 else behind)


# Another date, document, part


def _is_date(reading: Reading) -> bool:
    content = [w for w in reading.lows if w not in lexicon.FUNCTION_WORDS]
    return bool(content) and all(w in lexicon.MONTHS or w[0].isdigit() for w in content)


def _with_date(fragment: Fragment, earlier: Earlier) -> str:
    before = bare(earlier.reading.text)
    new = _YEAR.search(fragment.text)
    if new and _YEAR.search(before) and not any(w in lexicon.MONTHS for w in fragment.reading.lows):
        return asked(_YEAR.sub(new.group(), before), earlier.language)
    is_led = fragment.reading.lows[0] in lexicon.PREPOSITIONS[fragment.language]
    word = "" if is_led else ("en " if earlier.language == "es" else "in ")
    return asked(f"{before} {word}{fragment.text}", earlier.language)


def _paper(reading: Reading) -> bool:
    """ "the lease", "in the amendment", "el anexo": a document and nothing else."""
    content = [w for w in reading.lows if w not in lexicon.FUNCTION_WORDS]
    at = 0 if reading.language == "es" else -1
    return bool(content) and content[at] in lexicon.DOCUMENTS


def _with_paper(fragment: Fragment, earlier: Earlier) -> str:
    papers = [named for named in earlier.named if named.kind == "document"]
    words = fragment.reading.words
    is_led = words[0].low in lexicon.PREPOSITIONS[fragment.language]
    phrase = fragment.text[words[1].start :] if is_led and len(words) > 1 else fragment.text
    before = bare(earlier.reading.text)
    if not papers:
        word = "en" if earlier.language == "es" else "in"
        return asked(contracted(f"{before} {word} {phrase}"), earlier.language)
    target = papers[-1]
    placed = earlier.reading.words
    left = before_of(earlier, placed[target.start].start)
    if target.preposition in {"del", "al"}:
        left = f"{left.rstrip()[:-1]} "
    right = earlier.reading.text[placed[target.end - 1].end :]
    return asked(bare(contracted(f"{left}{phrase}{right}")), earlier.language)


def before_of(earlier: Earlier, character: int) -> str:
    return earlier.reading.text[:character]


def _with_preposition(fragment: Fragment, earlier: Earlier) -> str:
    """ "about fluids": in the place of what stands behind the same word, else behind the question."""
    reading = earlier.reading
    first = fragment.reading.lows[0]
    taken = {at for named in earlier.named for at in range(named.start, named.end)}
    alike = next((pair for pair in _ALIKE if first in pair), {first})
    places = [at for at, low in enumerate(reading.lows) if low in alike and at + 1 not in taken]
    if not places:
        return asked(f"{bare(reading.text)} {fragment.text}", earlier.language)
    start = places[-1]
    end = start + 1
    stops = lexicon.PREPOSITIONS[earlier.language] | lexicon.AUXILIARIES
    if end < len(reading.words) and reading.lows[end] in lexicon.DETERMINERS[earlier.language]:
        end += 1
    while end < len(reading.words) and end not in taken and reading.lows[end] not in stops:
        end += 1
    left = reading.text[: reading.words[start].start]
    right = reading.text[reading.words[end - 1].end :]
    return asked(bare(f"{left}{fragment.text}{right}"), earlier.language)


# Another thing of the same document or person


def _head(fragment: Fragment) -> str:
    stops = lexicon.PREPOSITIONS[fragment.language]
    nouns: list[str] = []
    for low in fragment.reading.lows:
        if low in stops and nouns:
            break
        if low not in lexicon.FUNCTION_WORDS:
            nouns.append(low)
    if not nouns:
        return ""
    return nouns[0] if fragment.language == "es" else nouns[-1]


def _is_attribute(fragment: Fragment) -> bool:
    return _head(fragment) in lexicon.ATTRIBUTES


def _parallel(fragment: Fragment, earlier: Earlier) -> str:
    """ "what about ibuprofen?" after "Why was tramadol stopped for Ana Ruiz?"."""
    span = earlier.bare_thing
    if span is None:
        return ""
    text = earlier.reading.text
    old = text[span[0] : span[1]].split(" ")
    new = fragment.text
    articles = lexicon.DETERMINERS[earlier.language]
    if old[0].casefold() not in articles and new.partition(" ")[0].casefold() in articles:
        new = new.partition(" ")[2]
    elif old[0].casefold() in articles and new.partition(" ")[0].casefold() not in articles:
        new = f"{old[0]} {new}"
    return asked(bare(contracted(f"{text[: span[0]]}{new}{text[span[1] :]}")), earlier.language)


def _attribute(fragment: Fragment, earlier: Earlier) -> str:
    """ "and the notice period?": of what was named before; "" where nothing was."""
    carried = earlier.carried
    if not carried:
        return ""
    language = earlier.language
    phrase = fragment.text
    lows = fragment.reading.lows
    head = _head(fragment)
    if lows[0] in _OWNING and len(lows) > 1:
        phrase = phrase.partition(" ")[2]
        phrase = f"{article(phrase)} {phrase}" if language == "es" else phrase
    if language == "en" and phrase.partition(" ")[0].casefold() not in lexicon.DETERMINERS["en"]:
        phrase = f"the {phrase}"
    thing = earlier.of_thing if head in lexicon.DOSES else ""
    if language == "es":
        is_many = lows[0] in {"los", "las", "sus"} or (lows[0] != "el" and _is_plural(head))
        return asked(f"{'cuáles son' if is_many else 'cuál es'} {phrase}{thing} {carried}", "es")
    return asked(f"what {'are' if _is_plural(head) else 'is'} {phrase}{thing} {carried}", "en")


def _is_plural(head: str) -> bool:
    return head.endswith("s") and head != "diabetes" and not head.endswith(_PLURAL_NOT)
