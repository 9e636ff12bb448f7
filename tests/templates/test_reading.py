"""Templates from YAML: what comes with ragkit, one's own, and every fault in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ragkit.errors import ConfigFault
from ragkit.templates.choosing import choose_template
from ragkit.templates.reading import SHIPPED, read_templates
from tests.conftest import REPOSITORY
from tests.templates.reading import document, fields_of, shown, template_from

README = REPOSITORY / "README.md"
EXTENDED = """
name: contract
extends: contract
fields:
  - name: price
    label: {en: Price, es: Precio}
    type: money
    find:
      - {phrase: ["price is {}", "precio es de {}"]}
"""


def faults_of(path: Path) -> list[str]:
    with pytest.raises(ConfigFault) as raised:
        read_templates(path)
    return [str(fault) for fault in raised.value.faults]


def test_the_shipped_ones_have_no_fault_and_both_languages() -> None:
    templates = read_templates()
    assert tuple(template.name for template in templates) == SHIPPED
    assert len({template.digest for template in templates}) == len(SHIPPED)
    for template in templates:
        assert template.fields
        for field in template.fields:
            assert field.label("en") != "" != field.label("es")
            assert dict(field.labels).keys() == {"en", "es"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("LEASE AGREEMENT\n\nThis lease is made between A Ltd and B Ltd.", "contract"),
        ("DISCHARGE LETTER\n\nPatient: Ann Lee\n", "discharge-letter"),
        ("LABORATORY REPORT\n\nPatient: Ann Lee\n", "lab-report"),
        ("From: a@b.example\nTo: c@d.example\nSubject: Invoice\n\nDear Bob,", "correspondence"),
        ("DEPOSITION OF JOHN DREW\n\nthe witness, having been duly sworn, said", "deposition"),
        ("Shopping: milk, bread and some cheese from the market.", "generic"),
    ],
)
def test_a_document_has_the_template_of_its_kind(text: str, name: str) -> None:
    assert choose_template(read_templates(), document(text)).name == name


def test_an_own_template_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    template = template_from(tmp_path, EXTENDED, "contract")
    names = [field.name for field in template.fields]
    assert names[0] == "parties"
    assert names[-1] == "price"
    text = "SALES CONTRACT\n\nThe price is $1,200. The law of Spain applies.\n"
    assert shown(fields_of(text, template)["price"]) == ["$1,200"]
    shipped = next(one for one in read_templates() if one.name == "contract")
    assert template.digest != shipped.digest


def test_the_one_in_the_readme_is_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    names = [field.name for field in template_from(tmp_path, text, "contract").fields]
    assert names[-2:] == ["interest", "deposit"]


def test_a_new_one_is_tried_first_and_a_folder_holds_several(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "name: invoice\nwhen: {title: [invoice]}\nfields:\n"
        "  - {name: total, type: money, find: [{label: [total]}]}\n",
        encoding="utf-8",
    )
    (tmp_path / "b.yml").write_text(EXTENDED, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a template", encoding="utf-8")
    templates = read_templates(tmp_path)
    assert templates[0].name == "invoice"
    chosen = choose_template(templates, document("INVOICE\n\nTotal: 1.200,50 €\n"))
    assert chosen.name == "invoice"


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "name: Contract!\n"
        "fields:\n"
        "  - name: price\n"
        "    type: sum\n"
        "    find: [{phrase: [price]}]\n"
        "  - name: law\n"
        "    type: text\n"
        "    find:\n"
        "      - {phrase: ['... law {}'], in: somewhere}\n"
        "      - {labels: [law]}\n"
        "      - {label: ['law {}']}\n"
        "  - name: renews\n"
        "    type: yes/no\n"
        "    find: [{phrase: [renew*]}]\n"
        "  - {name: law, type: date, find: []}\n",
        encoding="utf-8",
    )
    told = "\n".join(faults_of(path))
    for words in (
        "line 1, name: must be a text of small letters",
        "line 4, fields.0.type: must be one of date",
        "line 9, fields.1.find.0.phrase.0: '... law {}' begins or ends with '...'",
        "line 9, fields.1.find.0.in: must be one of anywhere",
        "line 10, fields.1.find.1.labels: is not a key of a rule",
        "fields.1.find.2.label.0: 'law {}' has {}",
        "needs `says: yes` or `says: no`",
        "is the name of a field before it: law",
        "must be a list with at least one rule",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "must be a mapping"),
        ("templates: []", "must be a list of templates"),
        ("name: a\nfields: {x: 1}", "must be a list"),
        ("name: a\nextends: nothing", "must be one of contract"),
        ("name: a\nwhen: [contract]", "must be a mapping of kinds"),
        ("name: a\nsections: [{title: T}]", "needs `headings`"),
        (
            "name: a\nfields: [{name: b, type: yes/no, find: [{phrase: [c], says: [yes]}]}]",
            "needs `says: yes`",
        ),
        (
            "name: a\nfields: [{name: b, type: party, find: [{phrase: ['guarantor {}']}]}]",
            "finds no party",
        ),
    ],
)
def test_what_is_no_template_is_told(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    assert problem in "\n".join(faults_of(path))


def test_a_missing_or_empty_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match=r"no \.yaml file"):
        read_templates(tmp_path)
    with pytest.raises(ConfigFault, match="There is no file"):
        read_templates(tmp_path / "none.yaml")
