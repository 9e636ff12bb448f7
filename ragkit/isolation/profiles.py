"""Tighter than a command's: what the process that reads one document may do, and the one that runs OCR.

A reader was handed its document as an open descriptor. It may read its libraries and nothing else,
write nothing, start nothing, signal nobody (reader_filter.py). It still learns whether a path exists and
how large a file is: no kernel rule hides that, and nothing it writes leads anywhere but to its worker.

Without Landlock (before Linux 5.13) both keep the filters and what the worker shuts by itself.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Iterator
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
_OWN_SECRETS = "/proc/self/environ"


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

        Raises IsolationFault if it does not hold, unless `accept_weak`.
        """
        kernel = self._kernel
        kernel.drop_capabilities(keep=_READ_ANY_FILE)
        if self._ruleset >= 0:
            try:
                enforce(kernel, self._ruleset)
            except NotPossible as reason:
                self.files = str(reason)
        problem = _put_reader_filter(kernel) or _open_ways(kernel, files=not self.files)
        if problem and not accept_weak:
            raise IsolationFault(f"A document's reader cannot be shut in: {problem}.")


def confine_ocr(program: Path, kernel: Kernel | None = None) -> str:
    """Let this process and its children run nothing but `program`, read what that needs, write nothing.

    A program that is a script may run what lies beside it and beside its interpreter too: what it
    calls cannot be told. Returns why it was not possible, or an empty string.
    """
    kernel = kernel or Kernel()
    try:
        ruleset = prepare(kernel, _EVERYTHING, [*_libraries(), *_of_program(program)], _SCOPES)
        enforce(kernel, ruleset)
        os.close(ruleset)
    except NotPossible as reason:
        return str(reason)
    return ""


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
    """Not so the folder in which somebody develops ragkit: documents may lie beside it."""
    return entry.name in _LIBRARY_FOLDERS or entry.resolve() != _PACKAGE.parent


def _of_program(program: Path) -> Iterator[Rule]:
    found = program.resolve()
    for name in ("lib", "lib64", "share"):
        yield Rule(found.parent.parent / name, READING)
    if "TESSDATA_PREFIX" in os.environ:
        yield Rule(Path(os.environ["TESSDATA_PREFIX"]), READING)
    run = READING | EXECUTE
    yield Rule(found, run)
    interpreter = _interpreter_of(found)
    if interpreter is not None:
        yield Rule(interpreter, run)
        return
    shell = _script_interpreter_of(found)
    folders = (found.parent, *([shell.parent] if shell else []), Path("/bin"), Path("/usr/bin"))
    for folder in folders:
        yield Rule(folder, run)
    for linker in filter(None, (_interpreter_of(Path(sys.executable)),)):
        yield Rule(linker, run)


def _interpreter_of(program: Path) -> Path | None:
    """The dynamic linker that an ELF program of 64 bits names; None for what is no such program."""
    head = _head(program)
    if not head.startswith(b"\x7fELF\x02\x01"):
        return None
    (table,) = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    for number in range(count):
        kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", head, table + number * size)
        if kind == 3:  # PT_INTERP, ended by a zero
            return Path(os.fsdecode(head[offset : offset + length - 1]))
    return None


def _script_interpreter_of(program: Path) -> Path | None:
    line = _head(program).partition(b"\n")[0]
    words = line.removeprefix(b"#!").split() if line.startswith(b"#!") else []
    return Path(os.fsdecode(words[0])) if words else None


def _head(program: Path) -> bytes:
    try:
        with program.open("rb") as file:
            return file.read(1 << 16)
    except OSError:
        return b""


def _put_reader_filter(kernel: Kernel) -> str:
    machine = this_machine()
    if machine is None:
        return "no system call filter for this machine"
    return put(kernel, machine, reader_program(machine, os.getpid()))


def _open_ways(kernel: Kernel, *, files: bool) -> str:
    """Really try; what is still open, or an empty string. Arguments of -1 do nothing if allowed."""
    machine = this_machine()
    assert machine is not None
    for name in ("execve", "unlinkat", "setpgid"):
        if kernel.system_call(refused_calls(machine)[name], *[-1] * 5) != -errno.EACCES:
            return f"{name} is not refused"
    if not files:
        return ""
    try:
        os.close(os.open(_OWN_SECRETS, os.O_RDONLY))
    except PermissionError:
        return ""
    except OSError as error:
        return "" if error.errno == errno.ENOENT else f"its environment gives {error.strerror}"
    return "its environment can be read"
