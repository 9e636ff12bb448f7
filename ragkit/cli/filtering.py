"""The filters of a question as options: --document, --type, --since, --until, --where."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from ragkit.errors import UsageFault
from ragkit.filters import checked, where_of
from ragkit.types.scope import Scope


def _given(option: str, value: str | None) -> str:
    """Raises UsageFault for an empty value: a script's variable that was not set would ask all documents."""
    if value is not None and not value.strip():
        raise UsageFault(f"{option} is empty.", hint=f"Leave {option} out to ask all documents.")
    return value or ""


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the filters to a command, which is given them as one `scope`."""

    @click.option(
        "--document",
        "documents",
        metavar="PATTERN",
        multiple=True,
        help="Only in this document, folder or pattern such as 'contracts/*.pdf'; may be repeated: "
        "then one of them must fit.",
    )
    @click.option(
        "--type",
        "types",
        metavar="TYPE",
        multiple=True,
        help="Only in documents of this kind (contract, letter) or format (pdf); may be repeated.",
    )
    @click.option(
        "--since",
        metavar="DATE",
        help="Only in documents dated so or later: 2024, 2024-03 or 2024-03-05. Those without a "
        "known date are left out, and counted.",
    )
    @click.option(
        "--until",
        metavar="DATE",
        help="Only in documents dated so or earlier.",
    )
    @click.option(
        "--where",
        metavar="KEY=VALUE",
        multiple=True,
        help="Only in documents with this metadata, such as client=Acme or 'matter=2024/*'; the same "
        "key again: one of its values must fit.",
    )
    @wraps(command)
    def with_scope(
        documents: tuple[str, ...],
        types: tuple[str, ...],
        since: str | None,
        until: str | None,
        where: tuple[str, ...],
        **rest: Any,
    ) -> Any:
        def scope() -> Scope:
            dates = _given("--since", since), _given("--until", until)
            return checked(Scope(documents, types, *dates, where_of(where)))

        return command(scope=scope, **rest)

    return with_scope
