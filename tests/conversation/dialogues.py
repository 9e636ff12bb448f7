"""The dialogues of dialogues.txt, and how a rewriting is judged by them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ragkit.conversation.rewriting import Said, stand_alone_after

FILE = Path(__file__).with_name("dialogues.txt")
AS_TYPED = "."


@dataclass(frozen=True)
class FollowUp:
    """What is typed, and what is wanted. document: what the answer before cites, "" for several."""

    typed: str
    wanted: tuple[str, ...]
    document: str = ""

    def faults(self, asked: str) -> list[str]:
        """What is wrong with the question that is asked instead."""
        if self.wanted == (AS_TYPED,):
            return [] if asked == self.typed else ["was changed"]
        low = asked.casefold()
        missing = [w for w in self.wanted if not w.startswith("-") and w.casefold() not in low]
        left = [w[1:] for w in self.wanted if w.startswith("-") and w[1:].casefold() in low]
        return [f"lacks {word!r}" for word in missing] + [f"still has {word!r}" for word in left]


@dataclass(frozen=True)
class Dialogue:
    first: str
    follow_ups: tuple[FollowUp, ...]

    def judged(self) -> list[tuple[FollowUp, str, list[str]]]:
        """Each follow-up, what is asked, and its faults. The next one follows what was asked."""
        before, found = [Said(self.first)], []
        for each in self.follow_ups:
            before[-1] = Said(before[-1].question, each.document)
            asked = stand_alone_after(each.typed, before).question
            found.append((each, asked, each.faults(asked)))
            before.append(Said(asked))
        return found


def read_dialogues() -> list[Dialogue]:
    blocks = FILE.read_text(encoding="utf-8").split("\n\n")[1:]
    return [_dialogue(block.strip().splitlines()) for block in blocks]


def _dialogue(lines: list[str]) -> Dialogue:
    follow_ups, document = [], ""
    for line in lines[1:]:
        if line.startswith("@ "):
            document = line[2:]
            continue
        typed, _, wanted = line.rpartition(" = ")
        words = tuple(word.strip() for word in wanted.split(";"))
        follow_ups.append(FollowUp(typed, words, document))
        document = ""
    return Dialogue(lines[0], tuple(follow_ups))
