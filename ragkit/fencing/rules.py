"""What instructions to a machine sound like: tables of patterns, by reason, in English and Spanish.

The tables are text files beside this one. A rule needs a machine, a prompt, or an answer that is
dictated: contracts say "shall not disclose", and manuals tell people what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

KINDS = {
    "IGNORE": "asks to ignore instructions",
    "ADDRESS": "speaks to an AI assistant",
    "TEMPLATE": "imitates the turns of a chat with a model",
    "DICTATE": "dictates what is answered",
    "SILENCE": "asks to keep something from the reader",
    "ROLE": "gives a machine a role",
    "CITE": "dictates or imitates citations",
    "REDIRECT": "asks to change how questions are answered",
}
ENCODED = "an encoded instruction"

COMPACT = (
    r"(?:ignor[ea]|disregard|forget)(?:all|any|your|the|everything|todas|las)*(?:previous|prior|above|"
    r"earlier|system|instrucciones)|(?:previous|prior|system|above)instructions?|"
    r"youarea?n?(?:ai|assistant|chatbot|languagemodel)|systemprompt|instruccionesanteriores|"
    r"donotmention|answeronlywith|theansweris|respondonlywith"
)
"""What is sought in letters that stand apart, joined."""
_DISGUISED = (
    r"vtaber (?:nyy |nal |lbhe |gur )*(?:cerivbhf|cevbe|nobir|rneyvre)|cerivbhf vafgehpgvba|"
    r"flfgrz cebzcg|snoitcurtsni (?:suoiverp|roirp|evoba|reilrae)|tpmorp metsys|lbh ner na nv\b|"
    r"vtaben (?:gbqnf )?ynf vafgehppvbarf"
)
"""Written backwards, or with letters moved by thirteen."""
_GAP = r"[\W_]{1,6}"


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules as one expression: its group r7 is the seventh of them. What must hold at the beginning of
    each is looked at once, which takes a fifth of the time of one expression for each."""

    pattern: re.Pattern[str]
    kinds: tuple[str, ...]

    def kind_of(self, match: re.Match[str]) -> str:
        """The reason of the rule that was met, for a person."""
        return self.kinds[int(str(match.lastgroup)[1:])]


@lru_cache(maxsize=1)
def spoken() -> Rules:
    """Those of words, each beginning with one; tried near anchors."""
    words = dict(_rows("words"))
    rows = [row for table in ("english", "spanish", "others") for row in _rows(table)]
    kinds = (*(KINDS[kind] for kind, _ in rows), ENCODED)
    patterns = [_spelled_out(rule, words) for _, rule in (*rows, ("", _DISGUISED))]
    return Rules(re.compile(rf"(?<![a-z0-9])(?=[a-z])(?:{_numbered(patterns)})"), kinds)


@lru_cache(maxsize=1)
def drawn() -> Rules:
    """Those of signs: turns of a chat, numbered evidence."""
    rows = list(_rows("turns"))
    pattern = re.compile(_numbered([rule for _, rule in rows]))
    return Rules(pattern, tuple(KINDS[kind] for kind, _ in rows))


@lru_cache(maxsize=1)
def anchors() -> re.Pattern[str]:
    """What a word begins with near which the rules of words are tried: most of a text holds none."""
    return re.compile("|".join(f"(?:{line})" for line in _lines("anchors")))


def _numbered(patterns: list[str]) -> str:
    return "|".join(f"(?P<r{row}>{rule})" for row, rule in enumerate(patterns))


def _spelled_out(pattern: str, words: dict[str, str]) -> str:
    """A pattern of the tables as a regular expression."""
    for _ in range(2):  # words are made of words
        for name, meaning in words.items():
            pattern = pattern.replace(f"<{name}>", meaning)
    # An underscore is a gap; what could be both would take exponential time.
    pattern = pattern.replace(r"\w+", "[a-z0-9]+").replace(r"\w*", "[a-z0-9]*")
    return pattern.replace(" ?", r"[\W_]{0,3}").replace(" ", _GAP)


def _rows(table: str) -> Iterator[tuple[str, str]]:
    for line in _lines(table):
        name, _, rule = line.partition(" ")
        yield name, rule.lstrip()


def _lines(table: str) -> list[str]:
    text = (files("ragkit.fencing") / "tables" / f"{table}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("# ")]
