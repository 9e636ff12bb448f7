"""The passwords of encrypted documents: from a private file, or asked for at a terminal.

They are handed to the process that reads a document through its pipe. They stand in no command line,
no environment, no log, no message, and nothing of them is kept in a store, not even a digest.
"""

from __future__ import annotations

import os
import stat
import time
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ragkit.errors import ConfigFault, Fault, UsageFault
from ragkit.files import OTHERS
from ragkit.yamlfile import read_yaml

_FORM = "must map file names or patterns to passwords, such as 'box/*.pdf': \"secret\""


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords by the names or patterns of the files they are for.

    stamp: changes when the file of passwords does; told from its size and time alone.
    """

    stamp: str = ""
    _entries: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)

    @classmethod
    def none(cls) -> Passwords:
        return cls()

    @classmethod
    def load(cls, path: Path) -> Passwords:
        """The passwords in `path`, YAML that only its owner may read.

        Raises UsageFault where others may read it, ConfigFault with every fault of the file.
        """
        status = _checked(path)
        entries = _entries(path)
        return cls(f"{status.st_size}:{status.st_mtime_ns}", entries)

    def and_asked(self, asked: Mapping[str, str]) -> Passwords:
        """These and what a person typed for some documents, by their paths; never stored.

        The stamp is like no other, so that the files concerned are tried again each time.
        """
        entries = tuple((_composed(path), (password,)) for path, password in asked.items())
        return replace(
            self, stamp=f"{self.stamp} asked {time.time_ns()}", _entries=entries + self._entries
        )

    def for_file(self, path: str) -> tuple[str, ...]:
        """Passwords to try on a file and on all inside it, in the order they stand, none twice.

        path: as in the store: relative, POSIX. An entry for a document inside a file
        ("mail.eml::contract.pdf") is one for that file.
        """
        path = _composed(path)
        found = (given for pattern, given in self._entries if _fits(pattern, path))
        return tuple(dict.fromkeys(password for given in found for password in given))


def _fits(pattern: str, path: str) -> bool:
    """A pattern without a folder is for files of that name in any folder."""
    outer = pattern.partition("::")[0]
    target = path if "/" in outer else path.rpartition("/")[2]
    return outer in (target, path) or fnmatchcase(target, outer)


def _composed(text: str) -> str:
    """Letters with accents in one form: file systems and keyboards differ."""
    return unicodedata.normalize("NFC", text)


def _checked(path: Path) -> os.stat_result:
    try:
        status = path.stat()
    except OSError as error:
        raise UsageFault(
            f"The file of passwords {path} cannot be read: {error.strerror}.",
            hint="Check `passwords` in pipelines.yaml.",
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise UsageFault(f"The file of passwords {path} is not a regular file.")
    if status.st_uid != os.geteuid():
        raise UsageFault(
            f"The file of passwords {path} belongs to another user; nothing was read.",
            hint=f"sudo chown {os.geteuid()} {path} && chmod 600 {path}",
        )
    if status.st_mode & OTHERS:
        raise UsageFault(
            f"The file of passwords {path} can be read by others; nothing was read.",
            hint=f"chmod 600 {path}",
        )
    return status


def _entries(path: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    try:
        file = read_yaml(path)
    except ConfigFault as error:
        # What a parser says of a file quotes it, and what stands here is secret.
        faults = [Fault("the file", fault.line, "is not valid YAML here") for fault in error.faults]
        raise ConfigFault(
            f"The file of passwords {path} is not valid YAML, or names a file twice.",
            faults=faults,
            hint="Put names and passwords in quotes: 'box/*.pdf': \"secret\"",
        ) from None
    data = file.data if file.data is not None else {}
    if not isinstance(data, dict):
        raise ConfigFault(f"The file of passwords {path} {_FORM}.")
    faults = [
        Fault(str(name), file.line(str(name)), problem)
        for name, given in data.items()
        if (problem := _problem(name, given))
    ]
    if faults:
        raise ConfigFault(f"The file of passwords {path} has faults.", faults=faults)
    return tuple((_composed(name), tuple(_listed(given))) for name, given in data.items())


def _listed(given: Any) -> Iterable[Any]:
    return given if isinstance(given, list) else [given]


def _problem(name: object, given: object) -> str:
    """What is wrong with an entry, without its password; "" for nothing.

    Bare numbers and dates are refused: 0123 without quotes is 83.
    """
    if not isinstance(name, str) or not name:
        return "the file name must be text: put it in quotes"
    if not all(isinstance(password, str) and password for password in _listed(given)):
        return "the password must be text, or a list of it: put it in quotes"
    return ""
