"""Landlock: which files this process and its later children may still open, and for what.

A process may tighten this for itself without any privilege, and never loosen it (Linux 5.13 and newer).
Rights count when a file is opened: descriptors that are open already stay as they are. Not covered by
it are metadata (chmod, times, attributes), which need no opening; `reader_filter.py` shuts those where
it matters.

What a kernel does not know yet is left out: moving files between folders is refused altogether before
version 2 of its interface, emptying a file by its name (truncate) is not stopped before version 3,
signals and abstract sockets not before version 6.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ragkit.isolation.kernel import PR_SET_NO_NEW_PRIVS, Kernel, explain

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_FOLDER = 1 << 3
REMOVE_FOLDER = 1 << 4
REMOVE_FILE = 1 << 5
MAKE_DEVICE = 1 << 6 | 1 << 11
MAKE_FOLDER = 1 << 7
MAKE_FILE = 1 << 8
MAKE_SOCKET = 1 << 9
MAKE_PIPE = 1 << 10
MAKE_LINK = 1 << 12
MOVE = 1 << 13
TRUNCATE = 1 << 14

READING = READ_FILE | READ_FOLDER
WRITING = WRITE_FILE | REMOVE_FOLDER | REMOVE_FILE | MAKE_FOLDER | MAKE_FILE | MOVE | TRUNCATE
"""What is given below a folder: regular files and folders."""
CHANGING = WRITING | MAKE_DEVICE | MAKE_SOCKET | MAKE_PIPE | MAKE_LINK
"""What is taken away everywhere else; devices, sockets, pipes and links are made nowhere."""

SCOPE_ABSTRACT_SOCKETS = 1 << 0
SCOPE_SIGNALS = 1 << 1

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine
_ASK_VERSION = 1
_BELOW_A_PATH = 1
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
"""Rights that a rule for a single file may hold."""
_ALL_TCP = 0b11  # bind, connect: seccomp refuses them too
_RIGHTS_BY_VERSION = ((1, (1 << 13) - 1), (2, MOVE), (3, TRUNCATE))
_SIZE_BY_VERSION = ((6, 24), (4, 16), (1, 8))


class Rule(NamedTuple):
    """Rights below a folder, or on one file."""

    path: Path
    rights: int


class NotPossible(Exception):
    """Why there is no Landlock here, in words."""


def version(kernel: Kernel) -> int:
    """Of the kernel's interface, 1 or more; minus an error number where there is none."""
    return kernel.system_call(_CREATE_RULESET, 0, 0, _ASK_VERSION)


def prepare(kernel: Kernel, taken: int, given: Iterable[Rule], scopes: int = 0) -> int:
    """A descriptor of the rules: `taken` away everywhere but where they are `given`.

    Paths that are not there are left out: nothing can be opened below them. Raises NotPossible.
    """
    known = version(kernel)
    if known < 1:
        raise NotPossible(f"this kernel has no Landlock ({explain(known)})")
    handled = taken & sum(rights for since, rights in _RIGHTS_BY_VERSION if known >= since)
    size = next(size for since, size in _SIZE_BY_VERSION if known >= since)
    ruleset = struct.pack("=QQQ", handled, _ALL_TCP, scopes)[:size]
    with kernel.memory(ruleset) as address:
        descriptor = kernel.system_call(_CREATE_RULESET, address, size, 0)
    if descriptor < 0:
        raise NotPossible(f"Landlock gives {explain(descriptor)}")
    try:
        for rule in given:
            _add(kernel, descriptor, rule, handled)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _add(kernel: Kernel, ruleset: int, rule: Rule, handled: int) -> None:
    """Raises NotPossible where the kernel takes no rule for a path that is there."""
    try:
        place = os.open(rule.path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # gone, or in a folder that this process may not enter
        return
    try:
        rights = rule.rights & handled
        if not rule.path.is_dir():
            rights &= _OF_FILES
        if not rights:
            return
        with kernel.memory(struct.pack("=Qi", rights, place)) as address:
            answer = kernel.system_call(_ADD_RULE, ruleset, _BELOW_A_PATH, address, 0)
    finally:
        os.close(place)
    # What has no place in any file system (a pipe by its name in /proc) is not restricted either.
    if answer < 0 and answer != -errno.EBADFD:
        raise NotPossible(f"Landlock gives {explain(answer)} for {rule.path}")


def enforce(kernel: Kernel, ruleset: int) -> None:
    """Put the rules over the calling thread and what it starts. Raises NotPossible."""
    answer = kernel.prctl(PR_SET_NO_NEW_PRIVS, 1)
    if answer >= 0:
        answer = kernel.system_call(_RESTRICT_SELF, ruleset, 0)
    if answer < 0:
        raise NotPossible(f"Landlock gives {explain(answer)}")


def restrict(kernel: Kernel, taken: int, given: Iterable[Rule], scopes: int = 0) -> None:
    """Make the rules (see `prepare`) and put them over this thread. Raises NotPossible."""
    ruleset = prepare(kernel, taken, given, scopes)
    try:
        enforce(kernel, ruleset)
    finally:
        os.close(ruleset)
