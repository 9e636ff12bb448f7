"""Passwords of encrypted documents, asked for at a terminal. They are not shown and not stored."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

import click

from ragkit.errors import LOCKED, UsageFault
from ragkit.rendering.terminal import one_line
from ragkit.types import Unreadable

ROUNDS = 3
"""How often a password is asked for that does not open its file."""


def require_terminal() -> None:
    """Raises UsageFault where nobody can type unseen."""
    if not sys.stdin.isatty():
        raise UsageFault(
            "Passwords are asked for at a terminal, and standard input is none.",
            hint="Put them into a file and name it as `passwords` in pipelines.yaml.",
        )


def locked(unreadable: Iterable[Unreadable]) -> list[str]:
    """The documents that a password would open, each once."""
    found = (item.document for item in unreadable if item.reason.startswith(LOCKED))
    return list(dict.fromkeys(found))


def to_ask(unreadable: Iterable[Unreadable], typed: Mapping[str, str]) -> list[str]:
    """What is asked for next: one password for a file, since it is tried on all inside it.

    typed: by document what was typed before. Then only files are asked for again that something was
    typed for, by the first document in them that is still locked; its password joins the others.
    """
    first: dict[str, str] = {}
    for document in locked(unreadable):
        first.setdefault(_file(document), document)
    if not typed:
        return list(first)
    again = set(map(_file, typed))
    return [document for file, document in first.items() if file in again]


def _file(document: str) -> str:
    return document.partition("::")[0]


def asked_passwords(documents: Iterable[str]) -> dict[str, str]:
    """By document what was typed; those for which nothing was typed are left out."""
    typed: dict[str, str] = {}
    for document in documents:
        question = f"Password of {one_line(document.replace('::', ' > '))} (Enter: leave it out)"
        password = click.prompt(
            question, default="", show_default=False, hide_input=True, err=True, type=str
        )
        if password:
            typed[document] = password
    return typed
