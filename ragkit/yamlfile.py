"""YAML files with the line of every key, so that a fault can be shown at its place. Owner of PyYAML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ragkit.errors import ConfigFault, Fault

MAXIMUM_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class YamlFile:
    """`data` as plain Python; `lines` maps a dotted place ("pipelines.legal.folders.0") to its line."""

    path: Path
    data: Any
    lines: dict[str, int]

    def line(self, place: str) -> int:
        """The line of `place`, or of the nearest thing around it; 0 if none is known."""
        while place and place not in self.lines:
            place = place.rpartition(".")[0]
        return self.lines.get(place, 0)


def read_yaml(path: Path, *, as_written: bool = False) -> YamlFile:
    """The file as plain data with lines. Raises ConfigFault for anything that is not readable YAML.

    as_written: every value is the text that stands there: 0123 is no number, and 2024-05-01 no date.
    """
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise ConfigFault(f"{path} is larger than {MAXIMUM_BYTES // 1_000_000} MB.")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigFault(f"There is no file {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigFault(f"{path} cannot be read: {reason}.") from None
    return parse_yaml(text, path, as_written=as_written)


def parse_yaml(text: str, path: Path, *, as_written: bool = False) -> YamlFile:
    """Like read_yaml, for a text at hand; `path` is only named in messages."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.load(text, Loader=yaml.BaseLoader if as_written else yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        fault = Fault("the file", line, f"is not valid YAML: {error.problem or 'unreadable'}")
        raise ConfigFault(f"{path} is not valid YAML.", faults=[fault]) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        # ValueError: PyYAML builds dates and numbers itself and lets theirs through ("2024-99-99").
        raise ConfigFault(f"{path} is not valid YAML: {type(error).__name__}.") from None
    lines: dict[str, int] = {}
    twice: list[Fault] = []
    if root is not None:
        _note_lines(root, "", lines, twice, set())
    if twice:
        raise ConfigFault(f"{path} holds a key twice.", faults=twice)
    return YamlFile(path, data, lines)


def _note_lines(
    node: yaml.Node, place: str, lines: dict[str, int], twice: list[Fault], above: set[int]
) -> None:
    if id(node) in above:  # an alias to something around it
        return
    lines.setdefault(place, node.start_mark.line + 1)
    inside = above | {id(node)}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = _join(place, str(key.value))
            line = key.start_mark.line + 1
            if name in lines and name:  # "" is the file itself, and a key that is empty
                twice.append(Fault(name, line, f"stands here again; first on line {lines[name]}"))
            lines[name] = line
            _note_lines(value, name, lines, twice, inside)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _note_lines(item, _join(place, str(number)), lines, twice, inside)


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
