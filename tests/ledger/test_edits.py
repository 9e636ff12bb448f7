"""Every kind of edit of a ledger is found, and told from the others; the same ledger untouched is sound."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ragkit.errors import CheckFailed
from ragkit.ledger import Ledger
from ragkit.ledger.files import read_key
from ragkit.ledger.head import write_head
from ragkit.rendering.ledger import show_verdict
from ragkit.types.ledger import LedgerHead
from tests.ledger.book import announce, changed, entry, filled, lines, rechained, rewrite

Edit = Callable[[list[bytes]], list[bytes]]

EDITS: dict[str, tuple[Edit, str, int]] = {
    "the first dropped": (lambda kept: kept[1:], "dropped", 1),
    "one in the middle dropped": (lambda kept: kept[:2] + kept[3:], "dropped", 3),
    "two in the middle dropped": (lambda kept: kept[:2] + kept[4:], "dropped", 3),
    "the last dropped": (lambda kept: kept[:-1], "cut", 5),
    "all dropped": (lambda kept: [], "cut", 0),
    "the last cut in half": (lambda kept: [*kept[:-1], kept[-1][:40]], "cut", 6),
    "the last newline cut": (lambda kept: [*kept[:-1], kept[-1][:-1]], "cut", 6),
    "two swapped": (lambda kept: [kept[0], kept[2], kept[1], *kept[3:]], "reordered", 2),
    "one moved to the end": (lambda kept: [*kept[:1], *kept[2:], kept[1]], "reordered", 2),
    "the last moved up": (lambda kept: [kept[0], kept[-1], *kept[1:-1]], "reordered", 2),
    "a line repeated": (lambda kept: [*kept[:4], kept[1], *kept[4:]], "inserted", 5),
    "rubbish inserted": (lambda kept: [*kept[:3], b"{}\n", *kept[3:]], "inserted", 4),
    "a made-up entry inserted": (
        lambda kept: [*kept[:3], changed(kept[3], user="eve"), *kept[3:]],
        "inserted",
        5,
    ),
    "two made-up entries appended": (
        lambda kept: rechained([*kept, kept[0], kept[0]], len(kept)),
        "inserted",
        7,
    ),
    "a made-up entry appended": (
        lambda kept: rechained([*kept, kept[0]], len(kept)),
        "inserted",
        7,
    ),
    "bytes without a newline appended": (lambda kept: [*kept, b'{"at":"2026'], "inserted", 7),
    "one altered and given a new hash": (
        lambda kept: [*kept[:2], changed(kept[2], user="eve"), *kept[3:]],
        "altered",
        3,
    ),
    "all written anew from the third on": (
        lambda kept: rechained([*kept[:2], changed(kept[2], user="eve"), *kept[3:]], 2),
        "replaced",
        6,
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_is_found_and_told_from_others(tmp_path: Path, name: str) -> None:
    ledger = filled(tmp_path / "store")
    assert ledger.verify("p").sound
    edit, problem, line = EDITS[name]
    rewrite(tmp_path / "store", edit(lines(tmp_path / "store")))
    fault = ledger.verify("p").fault
    assert fault is not None
    assert (fault.problem, fault.line) == (problem, line)


FIELDS = list(entry().as_dict())


@pytest.mark.parametrize("name", FIELDS)
def test_one_byte_altered_in_any_field_is_found(tmp_path: Path, name: str) -> None:
    ledger = filled(tmp_path / "store")
    kept = lines(tmp_path / "store")
    data = json.loads(kept[2])
    place = kept[2].index(b'"' + name.encode() + b'":') + len(name) + 3
    shown = json.dumps(data[name], separators=(",", ":"))
    at = place + len(shown) // 2
    byte = b"1" if kept[2][at : at + 1] != b"1" else b"2"
    kept[2] = kept[2][:at] + byte + kept[2][at + 1 :]
    rewrite(tmp_path / "store", kept)
    fault = ledger.verify("p").fault
    assert fault is not None
    assert (fault.problem, fault.line) == ("altered", 3)


@pytest.mark.parametrize("added", [b" ", b"\t", b"\xef\xbb\xbf"])
def test_bytes_that_json_does_not_mind_are_alterations_too(tmp_path: Path, added: bytes) -> None:
    ledger = filled(tmp_path / "store")
    kept = lines(tmp_path / "store")
    rewrite(tmp_path / "store", [*kept[:2], added + kept[2], *kept[3:]])
    fault = ledger.verify("p").fault
    assert fault is not None
    assert (fault.problem, fault.line) == ("altered", 3)


def test_a_forgery_with_the_stores_key_is_found_by_a_head_noted_elsewhere_only(
    tmp_path: Path,
) -> None:
    """Who can write the store can read its key: what is beside the ledger cannot convict them."""
    store = tmp_path / "store"
    ledger = filled(store)
    noted = ledger.head().hash
    forged = rechained([changed(lines(store)[0], user="eve"), *lines(store)[1:]], 0)
    rewrite(store, forged)
    last = json.loads(forged[-1])
    key = read_key(store)
    assert key is not None
    write_head(store, LedgerHead(last["n"], last["hash"]), key)
    assert ledger.verify("p").sound
    fault = ledger.verify("p", noted).fault
    assert fault is not None
    assert fault.problem == "replaced"


def test_a_head_noted_elsewhere_proves_what_stands_before_it(tmp_path: Path) -> None:
    store = tmp_path / "store"
    ledger = filled(store, 3)
    noted = ledger.head()
    ledger.append(entry(4))
    verdict = ledger.verify("p", noted.hash[:16])
    assert (verdict.sound, verdict.proved, verdict.entries) == (True, 3, 4)
    kept = lines(store)
    rewrite(store, [*kept[:3], kept[3].replace(b"ana", b"eve", 1)])
    verdict = ledger.verify("p", noted.hash)
    assert (verdict.sound, verdict.proved) == (False, 3)


@pytest.mark.parametrize("name", ["ledger.head", "ledger.key"])
def test_a_head_or_key_that_is_gone_or_another_is_told(tmp_path: Path, name: str) -> None:
    store = tmp_path / "store"
    ledger = filled(store)
    path = store / name
    kept = path.read_bytes()
    path.unlink()
    assert not ledger.verify("p").sound
    with pytest.raises(CheckFailed, match="was changed"):
        ledger.append(entry())
    path.write_bytes(kept.replace(b"a", b"b"))
    assert not ledger.verify("p").sound
    with pytest.raises(CheckFailed, match="was changed"):
        ledger.append(entry())
    path.write_bytes(kept)
    assert ledger.append(entry()).n == 7


@pytest.mark.parametrize(
    "name",
    [
        "the last dropped",
        "all dropped",
        "the last newline cut",
        "a made-up entry appended",
        "two made-up entries appended",
        "bytes without a newline appended",
    ],
)
def test_nothing_is_noted_over_an_end_that_was_changed(tmp_path: Path, name: str) -> None:
    """Else the next entry would hide that there were others."""
    store = tmp_path / "store"
    ledger = filled(store)
    rewrite(store, EDITS[name][0](lines(store)))
    left = (store / "ledger.jsonl").read_bytes()
    with pytest.raises(CheckFailed, match="nothing is noted over it"):
        ledger.append(entry())
    assert (store / "ledger.jsonl").read_bytes() == left


@pytest.mark.parametrize("length", [-1, -5, 40])
def test_a_complete_entry_that_was_cut_is_not_said_to_have_shown_nothing(
    tmp_path: Path, length: int
) -> None:
    """The head knows that it was whole, and so that something was shown for it."""
    ledger = filled(tmp_path / "store")
    kept = lines(tmp_path / "store")
    rewrite(tmp_path / "store", [*kept[:-1], kept[-1][:length]])
    verdict = ledger.verify("p")
    assert (verdict.sound, verdict.torn) == (False, False)
    assert "nothing was shown" not in show_verdict(verdict)
    assert verdict.fault is not None
    assert "of entry 6 a part is left" in verdict.fault.says


def test_what_a_kill_may_leave_is_what_the_head_announced_and_nothing_else(tmp_path: Path) -> None:
    """A forger without the key cannot make an entry that takes the place of the announced one."""
    store = tmp_path / "store"
    ledger = filled(store)
    kept = lines(store)
    announce(store, kept[-1])
    assert ledger.verify("p").sound
    rewrite(store, [*kept[:-1], changed(kept[-1], user="eve")])
    assert not ledger.verify("p").sound
    rewrite(store, [*kept, b"{"])
    assert not ledger.verify("p").sound
    with pytest.raises(CheckFailed, match="nothing is noted over it"):
        ledger.append(entry())


@pytest.mark.parametrize(
    ("content", "says"), [(None, "ledger.key is gone"), ("00", "ledger.key does not hold a key")]
)
def test_it_is_said_whether_the_key_is_gone_or_is_none(
    tmp_path: Path, content: str | None, says: str
) -> None:
    store = tmp_path / "store"
    ledger = filled(store)
    (store / "ledger.key").unlink()
    if content is not None:
        (store / "ledger.key").write_text(content)
    fault = ledger.verify("p").fault
    assert fault is not None
    assert says in fault.says
    with pytest.raises(CheckFailed, match=says):
        ledger.append(entry())


@pytest.mark.parametrize("left", [0, 4])
def test_a_ledger_shorter_than_the_index_remembers_is_told(tmp_path: Path, left: int) -> None:
    """All its files gone, or put back from an older backup that holds together."""
    known = filled(tmp_path / "store").head()
    filled(tmp_path / "old", left)
    older = Ledger(tmp_path / "old")
    assert older.verify("p").sound  # the control: nothing beside it tells
    fault = older.verify("p", known=known).fault
    assert fault is not None
    assert (fault.problem, "index remembers entry 6" in fault.says) == ("dropped", True)


def test_a_ledger_written_anew_is_not_the_one_that_the_index_remembers(tmp_path: Path) -> None:
    known = filled(tmp_path / "store").head()
    other = filled(tmp_path / "other", 5)
    other.append(entry(9))
    other.append(entry(9))
    fault = other.verify("p", known=known).fault
    assert fault is not None
    assert (fault.problem, fault.line) == ("replaced", 6)


def test_an_empty_ledger_is_sound(tmp_path: Path) -> None:
    assert Ledger(tmp_path / "none").verify("p").sound
    assert not (tmp_path / "none").exists()
