"""How well this very process is shut off, which is how every command is."""

from __future__ import annotations

from collections.abc import Iterator

from ragkit.doctor.findings import Area, on_linux
from ragkit.isolation import current, prove
from ragkit.isolation.guard import NOT_WANTED, STRONG
from ragkit.isolation.profiles import why_readers_are_open
from ragkit.parsers.ocr_helpers import open_files
from ragkit.types.doctor import Finding

ISOLATION = Area("isolation")


def look_at_isolation() -> Iterator[Finding]:
    """The level with its reasons, the files, and every refused call tried once more."""
    isolation = current()
    if isolation.level == "A":
        yield ISOLATION.ok("level", f"{isolation.description}.")
    elif isolation.level in STRONG:
        mend = (
            "Level B holds; for A allow user namespaces: sudo sysctl user.max_user_namespaces=10000"
        )
        yield ISOLATION.note("level", f"{isolation.description}.", mend)
    else:
        yield _weak(isolation.description)
    if isolation.files and isolation.files != NOT_WANTED:
        text = f"Files are not restricted: {isolation.files}."
        yield ISOLATION.note("files", text, "Linux 5.13 or newer with Landlock restricts them.")
    elif not isolation.files:
        yield ISOLATION.ok("files", "Commands write below their stores only (Landlock).")
    yield from _readers()
    if isolation.level in STRONG:
        yield _tried()


def _readers() -> Iterator[Finding]:
    """The tighter rules of what reads a document and of what runs OCR: made, and put over nobody."""
    if not on_linux():
        return
    reason = why_readers_are_open()
    if reason:
        text = f"What reads a document may open other files: {reason}."
        yield ISOLATION.note("readers", text, "Linux 5.13 or newer with Landlock restricts them.")
    else:
        yield ISOLATION.ok("readers", "What reads a document can open no other file (Landlock).")
    for text in open_files():
        yield ISOLATION.note("OCR", text, "Linux 5.13 or newer with Landlock restricts it.")


def _weak(description: str) -> Finding:
    if on_linux():
        mend = "Allow seccomp where this runs (a container may have to); documents are refused until then."
        return ISOLATION.fault("level", f"{description}.", mend)
    text = f"{description}: this system has no filter that ragkit can put over itself."
    return ISOLATION.warning(
        "level", text, "Use a firewall, or Linux, where the kernel enforces it."
    )


def _tried() -> Finding:
    probes = prove()
    left = [probe for probe in probes if not probe.refused]
    if left:
        named = ", ".join(f"{probe.name} gives {probe.answer}" for probe in left)
        return ISOLATION.fault("ways out", f"Not refused: {named}.", "Please report it.")
    return ISOLATION.ok(
        "ways out", f"{len(probes)} ways out were tried, all refused by the kernel."
    )
