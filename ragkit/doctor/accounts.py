"""Who else has an account on this machine, and who could read a file."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from ragkit.doctor.findings import Area
from ragkit.types.doctor import Finding

ACCOUNTS = Area("other users")
_NAMED = 6
_PEOPLE_FROM, _PEOPLE_TO = 1000, 60000
_NO_SHELL = ("nologin", "false", "sync")
_POWERFUL = ("sudo", "wheel", "admin", "docker", "disk", "lxd", "libvirt")
"""Groups whose members can become root, or read the disk past every permission."""


def look_at_accounts() -> Iterator[Finding]:
    """Other people on this machine; those who can become root read everything."""
    others = [user for user in people() if user.pw_uid != os.geteuid()]
    if not others:
        yield ACCOUNTS.ok("accounts", "Nobody else has an account here, root aside.")
        return
    names = _listed([user.pw_name for user in others])
    text = f"Other people have accounts here ({len(others)}): {names}."
    yield ACCOUNTS.note("accounts", text)
    mighty = sorted(
        {name for group in _POWERFUL for name in members(group)} & {u.pw_name for u in others}
    )
    if mighty:
        text = f"Of them these can become root and then read everything: {_listed(mighty)}."
        yield ACCOUNTS.note("administrators", text, "getent group " + " ".join(_POWERFUL))


def readers_of(path: Path) -> str:
    """Who beside its owner has access to a file by its permissions: "everybody", or a group's members."""
    status = path.lstat()
    if status.st_mode & stat.S_IRWXO:
        return "everybody on this machine"
    try:
        group = grp.getgrgid(status.st_gid)
    except KeyError:
        return f"the group {status.st_gid}"
    users = [user.pw_name for user in pwd.getpwall() if user.pw_gid == status.st_gid]
    found = sorted({*group.gr_mem, *users} - {_name_of(status.st_uid)})
    return f"the group {group.gr_name} ({_listed(found) or 'nobody but the owner today'})"


def people() -> list[pwd.struct_passwd]:
    """Accounts that somebody can log in with."""
    return [user for user in pwd.getpwall() if _is_person(user)]


def members(group: str) -> list[str]:
    """Names of those in a group beside those whose own group it is; none if there is no such group."""
    try:
        return list(grp.getgrnam(group).gr_mem)
    except KeyError:
        return []


def _is_person(user: pwd.struct_passwd) -> bool:
    has_shell = not user.pw_shell.endswith(_NO_SHELL)
    return _PEOPLE_FROM <= user.pw_uid < _PEOPLE_TO and has_shell


def _name_of(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return ""


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
