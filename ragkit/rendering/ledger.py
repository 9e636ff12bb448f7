"""The ledger for a person: who did what when, documents by the names they have now."""

from __future__ import annotations

from ragkit.rendering.terminal import one_line, place_of
from ragkit.rendering.times import local_time
from ragkit.types.ledger import LedgerEntry, LedgerVerdict, LedgerView

SHORT = 12
"""Hexadecimal digits of a digest that stand for it."""
NAMED = 5
"""Documents of one entry that are named."""
OFF = "The ledger is switched off in pipelines.yaml: nothing is noted now."


def show_ledger(view: LedgerView) -> str:
    """The entries, oldest first, and the head to be noted elsewhere."""
    lines = [line for entry in view.entries for line in _entry(entry, view)]
    hidden = view.matching - len(view.entries)
    if hidden:
        lines.insert(0, f"({hidden} older entries: --tail 0 shows all)")
    if view.unreadable:
        verify = f"ragkit audit verify {view.pipeline}"
        lines.append(f"{view.unreadable} lines cannot be read: {verify} says why.")
    if not view.entries:
        lines.append("No entry.")
    if view.is_off:
        lines.append(OFF)
    return "\n".join([f"{view.pipeline}:", *lines, _head(view)])


def _head(view: LedgerView) -> str:
    if not view.head.n:
        return "The ledger is empty."
    return (
        f"Head: {view.head.hash} (entry {view.head.n}). Note it where nobody who writes here can."
    )


def _entry(entry: LedgerEntry, view: LedgerView) -> list[str]:
    what = f"{one_line(entry.command)}: {one_line(entry.outcome)}"
    generation = f", generation {entry.generation}" if entry.generation else ""
    head = f"{entry.n}. {local_time(entry.at)}  {one_line(entry.user)}  {what}{generation}{_level(entry)}"
    lines = [head]
    if entry.question:
        lines.append(f"     question {entry.question[:SHORT]}")
    if entry.scope:
        lines.append(f"     limited by filters {entry.scope[:SHORT]}")
    if entry.with_pipelines:
        lines.append(f"     asked together with {', '.join(map(one_line, entry.with_pipelines))}")
    if entry.exported:
        lines.append(f"     written to {one_line(entry.exported)}")
    lines += [f"     {_document(digest, view)}" for digest in entry.documents[:NAMED]]
    if len(entry.documents) > NAMED:
        lines.append(f"     and {len(entry.documents) - NAMED} more documents (--json lists all)")
    return lines


def _level(entry: LedgerEntry) -> str:
    accepted = ", accepted by the user" if entry.accepted_weak else ""
    return f", level {one_line(entry.isolation)}{accepted}"


def _document(digest: str, view: LedgerView) -> str:
    names = view.names.get(digest)
    if not names:
        return f"{one_line(digest)[:SHORT]} (erased or changed since)"
    return " = ".join(place_of(name, None) for name in names)


def show_verdict(verdict: LedgerVerdict) -> str:
    """Whether the ledger holds, in a sentence or two."""
    name, head = verdict.pipeline, verdict.head
    lines = []
    if verdict.fault is not None:
        line = f"line {verdict.fault.line}: " if verdict.fault.line else ""
        lines.append(f"{name}: {verdict.fault.problem.upper()}: {line}{verdict.fault.says}.")
        lines.append(f"  The {verdict.entries} entries before it hold together.")
    elif not verdict.entries:
        lines.append(f"{name}: the ledger is empty.")
    else:
        lines.append(
            f"{name}: {verdict.entries} entries, none altered, dropped, inserted or moved."
        )
        lines.append(f"  Head: {head.hash} (entry {head.n}).")
    if verdict.proved:
        lines.append(f"  Entries 1 to {verdict.proved} are as they were when that head was noted.")
    if verdict.torn:
        lines.append("  The last line was cut off while it was written; nothing was shown for it.")
    if verdict.is_off:
        lines.append(f"  {OFF}")
    return "\n".join(lines)
