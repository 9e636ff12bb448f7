"""Templates from YAML: those that come with ragkit, and a user's own, which take their place by name.

    name: contract
    when: {kinds: [contract, lease], title: [agreement, contrato]}
    sections:
      - {title: Term, headings: [term, duration, durac*]}
    fields:
      - name: effective_date
        label: {en: Effective date, es: Entrada en vigor}
        type: date
        find:                                    # in order: the first that finds something decides
          - {label: [effective date], in: opening}
          - {phrase: ["effective as of {}"], never: [amend*]}

Every fault of every file is told at once, with its line.
"""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any

from ragkit.errors import ConfigFault, Fault
from ragkit.templates.faults import KEYS, SAYS, problems_of
from ragkit.templates.template import (
    Rule,
    Template,
    TemplateField,
    TemplateSection,
    When,
)
from ragkit.yamlfile import YamlFile, parse_yaml, read_yaml

VERSION = "3"
"""Changes when the same template would find other values; kept summaries are then made anew."""
SHIPPED = ("contract", "discharge-letter", "lab-report", "deposition", "correspondence", "generic")
"""In the order in which they are tried; the last fits every document."""
SUFFIXES = (".yaml", ".yml")


def read_templates(own: Path | None = None) -> tuple[Template, ...]:
    """In the order in which they are tried. own: a user's file or folder of files.

    One of the user's takes the place of the one of its name; any other is tried before all of those.
    Raises ConfigFault with every fault of every file.
    """
    shipped = {name: _shipped(name) for name in SHIPPED}
    bases = {name: file.data for name, file in shipped.items()}
    theirs = [template for file in _own_files(own) for template in _read(file, bases)]
    names = [template.name for template in theirs]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise ConfigFault(f"{own} holds the template {twice!r} twice.")
    by_name = {template.name: template for template in theirs}
    new = [template for template in theirs if template.name not in SHIPPED]
    return (
        *new,
        *(by_name.get(name) or _read(file, bases)[0] for name, file in shipped.items()),
    )


def _shipped(name: str) -> YamlFile:
    text = files("ragkit.templates").joinpath("shipped", f"{name}.yaml").read_text("utf-8")
    return parse_yaml(text, Path(f"{name}.yaml"))


def _own_files(own: Path | None) -> list[YamlFile]:
    if own is None:
        return []
    if not own.is_dir():
        return [read_yaml(own)]
    paths = sorted(path for path in own.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise ConfigFault(
            f"The folder of templates {own} holds no .yaml file.",
            hint="Put one there, or take `summaries.templates` out of pipelines.yaml.",
        )
    return [read_yaml(path) for path in paths]


def _read(file: YamlFile, bases: dict[str, Any]) -> list[Template]:
    """The templates of a file: one, or those under `templates`."""
    data, place = file.data, ""
    several = isinstance(data, dict) and "templates" in data
    entries = data["templates"] if several else [data]
    if not isinstance(entries, list) or not entries:
        fault = Fault("templates", file.line("templates"), "must be a list of templates")
        raise ConfigFault(f"{file.path} holds no template.", faults=[fault])
    faults: list[Fault] = []
    made = []
    for number, entry in enumerate(entries):
        place = f"templates.{number}" if several else ""
        problems = list(problems_of(entry, bases))
        for inner, problem in problems:
            where = ".".join(filter(None, (place, inner)))
            faults.append(Fault(where or "the file", file.line(where), problem))
        if not problems:
            made.append(_template(_extended(entry, bases)))
    if faults:
        count = len(faults)
        raise ConfigFault(
            f"{file.path} has {count} fault{'s' if count > 1 else ''}.",
            faults=sorted(faults, key=lambda fault: fault.line),
            hint=f"Mend {'them' if count > 1 else 'it'} in {file.path} and run the command again.",
        )
    return made


def _extended(entry: dict[str, Any], bases: dict[str, Any]) -> dict[str, Any]:
    """With what it takes over from the template it extends: all it does not say, and fields of other
    names, before its own."""
    if not (base := bases.get(entry.get("extends", ""))):
        return entry
    own = {field["name"]: field for field in entry.get("fields", ())}
    taken = [own.pop(field["name"], field) for field in base.get("fields", ())]
    return {**base, **entry, "fields": [*taken, *own.values()]}


def _template(data: dict[str, Any]) -> Template:
    when = data.get("when", {})
    template = Template(
        name=data["name"],
        when=When(**{key: tuple(when.get(key, ())) for key in KEYS["when"]}),
        sections=tuple(
            TemplateSection(_labels(item["title"]), tuple(item["headings"]))
            for item in data.get("sections", ())
        ),
        fields=tuple(_field(item) for item in data.get("fields", ())),
        digest="",
    )
    said = json.dumps([VERSION, data], sort_keys=True, ensure_ascii=False, default=str)
    digest = blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return replace(template, digest=digest)


def _labels(label: str | dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(label.items()) if isinstance(label, dict) else (("", label),)


def _field(data: dict[str, Any]) -> TemplateField:
    label = data.get("label") or data["name"].replace("_", " ").capitalize()
    rules = tuple(_rule(item, data["type"]) for item in data["find"])
    return TemplateField(data["name"], _labels(label), data["type"], rules)


def _rule(data: dict[str, Any], kind: str) -> Rule:
    lists = {key: tuple(data.get(key, ())) for key in ("label", "phrase", "under", "never")}
    return Rule(
        read_as=data.get("as", kind),
        place=data.get("in", "anywhere"),
        joined=tuple(data.get("and", ())),
        needs=tuple(data.get("with", ())),
        take=data.get("take", "only"),
        same_as=data.get("same_as", ""),
        says=SAYS.get(data.get("says"), ""),
        **lists,
    )
