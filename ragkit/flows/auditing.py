"""Looking at a ledger: the entries that a person asks for, and what the catalog still knows of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ragkit.catalog.privacy import require_private
from ragkit.config import Pipeline
from ragkit.errors import NotReady, UnknownPipeline, UsageFault
from ragkit.flows.naming import paths_named
from ragkit.flows.remembering import remembered
from ragkit.flows.shown import paths_by_digest
from ragkit.ledger import Ledger
from ragkit.types.ledger import LedgerEntry, LedgerVerdict, LedgerView

DIGEST = re.compile(r"[0-9a-f]{8,64}")

Names = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """Which entries; "" and 0 leave none out. As for `Workspace.ledger`."""

    since: str = ""
    user: str = ""
    document: str = ""
    question: str = ""
    newest: int = 0


def view(pipeline: Pipeline, query: LedgerQuery) -> LedgerView:
    """Raises UsageFault for a date or document that cannot be understood, StorageFault."""
    if pipeline.store.exists():
        require_private(pipeline.store)
    ledger = Ledger(pipeline.store)
    head, names = ledger.head(), _names(pipeline)
    tests = tuple(_tests(query, ledger, names))
    chosen = [entry for entry in ledger.read() if all(test(entry) for test in tests)]
    shown = chosen[-query.newest :] if query.newest else chosen
    digests = {digest for entry in shown for digest in entry.documents}
    known = {digest: names[digest] for digest in sorted(digests & set(names))}
    return LedgerView(
        pipeline.name,
        tuple(shown),
        head,
        known,
        len(chosen),
        ledger.unreadable(),
        is_off=pipeline.settings.ledger == "off",
    )


def verify(pipeline: Pipeline, head: str) -> LedgerVerdict:
    """Raises UsageFault for a head that is none, StorageFault."""
    if head and not re.fullmatch(r"[0-9a-fA-F]{16,64}", head.strip()):
        raise UsageFault(
            "A head is the 64 hexadecimal digits that `ragkit audit show` prints, or their first 16."
        )
    if pipeline.store.exists():
        require_private(pipeline.store)
        _names(pipeline)  # whose store it is
    known = remembered(pipeline).head
    verdict = Ledger(pipeline.store).verify(pipeline.name, head, known=known)
    return replace(verdict, is_off=pipeline.settings.ledger == "off")


def _names(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """The ledger can be looked at without a catalog that can be read, but not another pipeline's."""
    try:
        return paths_by_digest(pipeline)
    except NotReady:
        return {}


def _tests(
    query: LedgerQuery, ledger: Ledger, names: Names
) -> Iterator[Callable[[LedgerEntry], bool]]:
    if query.since:
        since = _time(query.since)
        yield lambda entry: _is_since(entry, since)
    if query.user:
        yield lambda entry: entry.user == query.user
    if query.document:
        digests = _digests(query.document, names)
        yield lambda entry: any(shown.startswith(digests) for shown in entry.documents)
    if query.question:
        asked = ledger.question(query.question) if ledger.head().n else ""
        yield lambda entry: entry.question == asked


def _digests(document: str, names: Names) -> tuple[str, ...]:
    """SHA-256 of the documents of that path, folder or pattern, or beginnings of one."""
    try:
        paths = paths_named(document, {path for known in names.values() for path in known})
    except UnknownPipeline:
        paths = set()
    if paths:
        return tuple(digest for digest, known in names.items() if paths & set(known))
    if DIGEST.fullmatch(document.lower()):
        return (document.lower(),)
    raise UsageFault(
        f"There is no document {document!r} now; one that was erased or changed is found by its "
        "SHA-256.",
        hint="sha256sum FILE prints it.",
    )


def _is_since(entry: LedgerEntry, since: datetime) -> bool:
    """An entry whose time cannot be read is not left out: it may be of then."""
    try:
        return _time(entry.at) >= since
    except UsageFault:
        return True


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UsageFault(f"{text!r} is not a date.", hint="--since 2026-03-31") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
