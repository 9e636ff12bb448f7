"""The user's own list of how documents say what people ask for.

YAML, what is asked -> what documents say, one phrase or several: `retainer: [advance fee, on account]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ragkit.errors import ConfigFault, Fault
from ragkit.retrieval.wording import Rule, Wording
from ragkit.yamlfile import read_yaml

_FORM = (
    "must map what is asked to what documents say, such as 'retainer: [advance fee, on account]'"
)


def load_wording(path: Path | None, *, is_built_in: bool) -> Wording:
    """The rules in `path`, beside those of the trades or in their place. None: no list of one's own.

    Raises ConfigFault with every fault of the file.
    """
    return Wording(_rules(path) if path else (), is_built_in=is_built_in)


def _rules(path: Path) -> Iterator[Rule]:
    file = read_yaml(path, as_written=True)
    data = file.data if file.data else {}
    if not isinstance(data, dict):
        raise ConfigFault(f"{path} {_FORM}.")
    faults = []
    for asked, said in data.items():
        rule = Rule.of(asked, _listed(said)) if _are_phrases(said) else None
        if rule is None:
            faults.append(Fault(asked, file.line(asked), _problem(said)))
        else:
            yield rule
    if faults:
        raise ConfigFault(f"{path} has faults.", faults=faults)


def _listed(said: Any) -> Iterable[Any]:
    return said if isinstance(said, list) else [said]


def _are_phrases(said: Any) -> bool:
    phrases = list(_listed(said))
    return bool(phrases) and all(isinstance(each, str) and each.strip() for each in phrases)


def _problem(said: Any) -> str:
    if not _are_phrases(said):
        return "needs a phrase, or a list of phrases, that documents say"
    return "has no word to be found by: only small words and signs"
