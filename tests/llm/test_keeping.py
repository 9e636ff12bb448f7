"""Fixed instructions: read once, kept for the next process, never in the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ragkit.llm.keeping import MOST_KEPT, StateFolder
from tests.llm.lowlevel import Opened, reply


def test_instructions_are_read_once_and_kept_for_the_next_process(
    opened: Callable[..., Opened], tmp_path: Path
) -> None:
    instructions = "Answer from the evidence only, please. "
    folder = StateFolder(tmp_path / "engine", "this model")
    first = opened(folder)
    first.say(f"{instructions}What is the secret number 4711?", fixed=len(instructions))
    kept = list((tmp_path / "engine").iterdir())
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]
    assert b"4711" not in kept[0].read_bytes()

    second = opened(StateFolder(tmp_path / "engine", "this model"))
    prompt = f"{instructions}Who?"
    assert second.say(prompt, 3, fixed=len(instructions)) == reply(prompt, 3)
    assert second.decoded < len("Who?") + 3
    other_model = opened(StateFolder(tmp_path / "engine", "another model"))
    other_model.say(prompt, 3, fixed=len(instructions))
    assert other_model.decoded >= len(prompt)


def test_a_damaged_state_is_not_used(opened: Callable[..., Opened], tmp_path: Path) -> None:
    folder = StateFolder(tmp_path, "this model")
    folder.store(list(b"some instructions"), b"some instructions")
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert folder.load(list(b"some instructions")) is None
    one = opened(folder)
    prompt = "some instructions and a question"
    assert one.say(prompt, fixed=len("some instructions")) == reply(prompt, 12)


def test_nothing_is_kept_where_nothing_can_be_written(
    opened: Callable[..., Opened], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    one = opened(StateFolder(tmp_path / "file" / "engine", "this model"))
    assert one.say("fixed words", fixed=6) == reply("fixed words", 12)


def test_instructions_are_chosen_by_their_last_use(
    opened: Callable[..., Opened], tmp_path: Path
) -> None:
    one = opened(StateFolder(tmp_path, "this model"), cells=4000, slots=14)
    kept = [f"{n} instructions, some forty characters long" for n in range(MOST_KEPT + 1)]

    def ask(which: int, turn: int) -> int:
        before = one.decoded
        one.say(f"{kept[which]}{turn}?", 1, fixed=len(kept[which]))
        return one.decoded - before

    for which in range(MOST_KEPT):
        ask(which, 0)
    ask(0, 1)
    ask(MOST_KEPT, 0)
    assert kept[0] in held(one)
    assert kept[1] not in held(one)
    states = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert ask(1, 2) < 10  # from the disk again
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == states


def held(one: Opened) -> set[str]:
    """The instructions in slots of their own."""
    return {bytes(slot.tokens).decode() for slot in one.batcher._slots if slot.kept}


def test_looking_for_instructions_that_are_not_there_empties_no_slot(
    opened: Callable[..., Opened], tmp_path: Path
) -> None:
    one = opened(StateFolder(tmp_path, "this model"), cells=4000, slots=3)
    for number in range(3):
        one.say(f"{number} first words of a question", 1)
    before = one.decoded
    one.say("0 first words of a question", 1)
    again = one.decoded - before
    one.say("2 first words of a question?", 1, fixed=8)
    assert one.decoded - before - again <= 2
    assert sum(bool(slot.tokens) for slot in one.batcher._slots) == 3
