"""Tighter than a command's: what the process that reads one document may do, and the one that runs OCR.

A reader was handed its document as an open descriptor. It may read its libraries and nothing else,
write nothing, start nothing, signal nobody (reader_filter.py). It still learns whether a path exists and
how large a file is: no kernel rule hides that, and nothing it writes leads anywhere but to its worker.

Without Landlock (before Linux 5.13) both keep the filters and what the worker shuts by itself.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from ragkit.errors import IsolationFault
from ragkit.isolation.kernel import Kernel
from ragkit.isolation.landlock import (
    CHANGING,
    EXECUTE,
    READ_FILE,
    READING,
    SCOPE_ABSTRACT_SOCKETS,
    SCOPE_SIGNALS,
    WRITE_FILE,
    NotPossible,
    Rule,
    enforce,
    prepare,
)
from ragkit.isolation.programs import dynamic_linker, script_interpreter
from ragkit.isolation.reader_filter import reader_program, refused_calls
from ragkit.isolation.seccomp import put, this_machine

_PACKAGE = Path(__file__).resolve().parents[1]
_LIBRARY_FOLDERS = ("site-packages", "dist-packages")
_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/fonts",
    *(f"/usr/share/{kind}" for kind in ("locale", "i18n", "zoneinfo", "fonts")),
    "/usr/local/share/fonts",
    "/dev/urandom",
    "/sys/devices/system/cpu",
)
"""Where the system keeps libraries and what they read: fonts are for pages that bring none."""
_NULL = Rule(Path(os.devnull), READ_FILE | WRITE_FILE)
_EVERYTHING = READING | EXECUTE | CHANGING
_SCOPES = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS
_READ_ANY_FILE = 1 << 2  # CAP_DAC_READ_SEARCH: root's libraries may belong to somebody else
_OPEN_TO_ALL = ("/proc/version", "/etc/passwd", "/")
"""What everybody may read: a refusal comes from the kernel's rules and from nothing else."""


class ReaderProfile:
    """What is taken from a process that reads one document; made once, for many children."""

    def __init__(self, kernel: Kernel | None = None) -> None:
        self._kernel = kernel or Kernel()
        self.files = ""
        """Why its files are not restricted; empty where they are."""
        self._ruleset = -1
        try:
            self._ruleset = prepare(self._kernel, _EVERYTHING, _libraries(), _SCOPES)
        except NotPossible as reason:
            self.files = str(reason)

    def confine(self, *, accept_weak: bool = False) -> None:
        """Put it over this process, a child that was just forked and has one thread.

        Raises IsolationFault if it does not hold, unless `accept_weak`; also where the kernel took the
        rules about files and then does not enforce them.
        """
        kernel = self._kernel
        kernel.drop_capabilities(keep=_READ_ANY_FILE)
        problem = _enforced(kernel, self._ruleset) if self._ruleset >= 0 else ""
        problem = problem or _put_reader_filter(kernel) or _open_ways(kernel)
        if problem and not accept_weak:
            raise IsolationFault(f"A document's reader cannot be shut in: {problem}.")


def confine_ocr(program: Path, kernel: Kernel | None = None, *, accept_weak: bool = False) -> str:
    """Let this process and its children run nothing but `program`, read what that needs, write nothing.

    A program that is a script may run what lies beside it and beside its interpreter too: what it
    calls cannot be told. Returns why it was not possible, or an empty string. Raises IsolationFault
    where the kernel took the rules and then does not enforce them, unless `accept_weak`.
    """
    kernel = kernel or Kernel()
    try:
        ruleset = prepare(kernel, _EVERYTHING, _of_ocr(program), _SCOPES)
    except NotPossible as reason:
        return str(reason)
    try:
        problem = _enforced(kernel, ruleset)
    finally:
        os.close(ruleset)
    if problem and not accept_weak:
        raise IsolationFault(f"What runs OCR cannot be shut in: {problem}.")
    return problem


def _enforced(kernel: Kernel, ruleset: int) -> str:
    """Put the rules over this process: why they do not hold, or an empty string."""
    try:
        enforce(kernel, ruleset)
    except NotPossible as reason:
        return str(reason)
    return _readable()


def why_ocr_is_open(program: Path, kernel: Kernel | None = None) -> str:
    """Why the files of a process that runs OCR cannot be restricted here; "" where they are.

    The same rules are made as for it, and put over nobody.
    """
    return _why_not_possible(kernel or Kernel(), _of_ocr(program))


def why_readers_are_open(kernel: Kernel | None = None) -> str:
    """The same of what reads a document."""
    return _why_not_possible(kernel or Kernel(), _libraries())


def _why_not_possible(kernel: Kernel, rules: Iterable[Rule]) -> str:
    try:
        os.close(prepare(kernel, _EVERYTHING, rules, _SCOPES))
    except NotPossible as reason:
        return str(reason)
    return ""


def _of_ocr(program: Path) -> list[Rule]:
    return [*_libraries(), *_of_program(program)]


def _libraries() -> Iterator[Rule]:
    """Rules for what a Python process of ragkit reads while it works."""
    yield _NULL
    yield Rule(_PACKAGE, READING)
    for place in _SYSTEM:
        yield Rule(Path(place), READING)
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}:
        for name in ("lib", "lib64"):
            yield Rule(Path(prefix) / name, READING)
    for entry in map(Path, sys.path):
        if entry.is_absolute() and _holds_only_libraries(entry):
            yield Rule(entry, READING)


def _holds_only_libraries(entry: Path) -> bool:
    """Not so the folder in which somebody develops ragkit or another project: documents may lie there."""
    return entry.name in _LIBRARY_FOLDERS or entry == Path(os.__file__).parent


def _of_program(program: Path) -> Iterator[Rule]:
    found = program.resolve()
    for name in ("lib", "lib64", "share"):
        yield Rule(found.parent.parent / name, READING)
    if "TESSDATA_PREFIX" in os.environ:
        yield Rule(Path(os.environ["TESSDATA_PREFIX"]), READING)
    run = READING | EXECUTE
    yield Rule(found, run)
    shell = script_interpreter(found)
    folders = (found.parent, shell.parent, Path("/bin"), Path("/usr/bin")) if shell else ()
    for folder in folders:
        yield Rule(folder, run)
    started = (found, shell, Path(sys.executable)) if shell else (found,)
    for linker in filter(None, map(dynamic_linker, started)):
        yield Rule(linker, run)


def _put_reader_filter(kernel: Kernel) -> str:
    machine = this_machine()
    if machine is None:
        return "no system call filter for this machine"
    return put(kernel, machine, reader_program(machine, os.getpid()))


def _open_ways(kernel: Kernel) -> str:
    """Really try; what is still open, or an empty string. Arguments of -1 do nothing if allowed."""
    machine = this_machine()
    assert machine is not None
    for name in ("execve", "unlinkat", "setpgid"):
        if kernel.system_call(refused_calls(machine)[name], *[-1] * 5) != -errno.EACCES:
            return f"{name} is not refused"
    return ""


def _readable() -> str:
    """What of the system's own can be read, or an empty string: a file's own modes must not answer."""
    refused = False
    for path in _OPEN_TO_ALL:
        try:
            os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        except PermissionError:
            refused = True
        except OSError:  # not there
            continue
        else:
            return f"{path} can be read"
    return "" if refused else f"none of {', '.join(_OPEN_TO_ALL)} is there to be tried"
