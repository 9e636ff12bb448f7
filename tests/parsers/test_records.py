"""JSON and XML: values as they are written, under the names that lead to them; hostile files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ragkit.errors import UnreadableDocument
from ragkit.parsers.registry import identify, in_process_parse


def text_of(written: str | bytes, name: str) -> str:
    data = written if isinstance(written, bytes) else written.encode()
    return in_process_parse(data, name).text


def refusal(written: str | bytes, name: str) -> UnreadableDocument:
    with pytest.raises(UnreadableDocument) as caught:
        text_of(written, name)
    return caught.value


LONG = "word " * 70


def test_json_values_stand_as_they_are_written() -> None:
    written = (
        '{"dose": 1.10, "count": 12345678901234567890, "share": 1e-7, "ok": true, "until": null,'
        ' "allergies": [], "name": "Núñez \\u00e1", "note": "' + LONG + '"}'
    )
    assert text_of(written, "a.json") == (
        "dose: 1.10 | count: 12345678901234567890 | share: 1e-7 | ok: true | until: null | "
        f"allergies: [] | name: Núñez á\n\nnote: {LONG.strip()}\n"
    )


def test_json_members_that_share_a_name_are_all_kept() -> None:
    assert text_of('{"a": 1, "a": 2}', "a.json") == "a: 1 | a: 2\n"


def test_json_records_are_rows_and_sections() -> None:
    written = {
        "title": "Lab export",
        "patient": {"name": {"given": "Ana", "family": "Núñez"}, "born": "1961-03-02"},
        "results": [{"test": "K", "value": 5.6}, {"test": "Na", "value": 140}],
        "letter": {"title": "Plan", "text": LONG, "lines": ["a", "b"]},
        "matrix": [[1, 2], [3, 4]],
    }
    document = in_process_parse(json.dumps(written).encode(), "a.json")
    assert document.text == (
        "title: Lab export\npatient: name.given: Ana | name.family: Núñez | born: 1961-03-02\n\n"
        "results: test: K | value: 5.6\nresults: test: Na | value: 140\n\n"
        "matrix: 1 | 2\nmatrix: 3 | 4\n\n"
        f"letter: Plan\n\ntext: {LONG.strip()}\n\nlines: a, b\n"
    )
    assert [(heading.level, heading.text) for heading in document.headings] == [(1, "letter: Plan")]
    assert document.title == "Lab export"


def test_fields_share_lines_that_stay_sentences_of_their_own() -> None:
    written = {f"field {number}": "x" * 90 for number in range(7)} | {"note": LONG}
    text = text_of(json.dumps({"record": written}), "a.json")
    assert [line.count("field") for line in text.splitlines() if "field" in line] == [2, 2, 2, 1]
    assert max(map(len, text.split(LONG.strip())[0].splitlines())) <= 300


def test_json_sections_of_a_list_are_numbered_so_that_none_stands_under_another() -> None:
    document = in_process_parse(json.dumps([{"note": LONG}, {"note": "short"}]).encode(), "a.json")
    assert [heading.text for heading in document.headings] == ["record 1", "record 2"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json"])
def test_json_lines(name: str) -> None:
    written = '\ufeff{"id": 1, "dose": "5 mg"}\r\n\r\n{"id": 2, "dose": "10 mg"}\r\n'
    document = in_process_parse(written.encode(), name)
    assert document.text == "id: 1 | dose: 5 mg\nid: 2 | dose: 10 mg\n"
    assert document.title == ""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_json_encodings(encoding: str) -> None:
    assert text_of('{"name": "Núñez"}'.encode(encoding), "a.json") == "name: Núñez\n"


def test_broken_json_is_told_with_its_place_and_without_its_words() -> None:
    fault = refusal('{"a": 1,\n "b": [1 2], "c": "secret"}', "a.json")
    assert fault.kind == "damaged"
    assert fault.message == "It is no valid JSON: expecting ',' delimiter (line 2, column 10)."
    assert "secret" not in refusal('{"a": secret}', "a.json").message


@pytest.mark.parametrize(
    "written",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "[" * 500 + "1" + "]" * 500,
        '{"a": 1, "b":' * 300 + "1" + "}" * 300,
    ],
)
def test_deep_json_is_refused(written: str) -> None:
    assert refusal(written, "a.json").kind == "too_large"


def test_base64_is_left_out() -> None:
    blob = "JVBERi0xLjQK" * 100
    assert text_of(json.dumps({"data": blob, "a": 1}), "a.json") == (
        "data: [binary data, 1,200 characters] | a: 1\n"
    )
    lines = "\n".join([blob[:76]] * 20 + ["QUJD=="])
    found = text_of(f'<r><file mime="application/pdf">{lines}</file></r>', "a.xml")
    assert found == "r: file: [binary data, 1,546 characters] (mime: application/pdf)\n"


CDA = """<?xml version="1.0" encoding="{encoding}"?>
<!-- a comment --><?style x?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <title>Informe de alta</title><effectiveTime value="20240510"/><empty/>
  <component><section><title>Alergias</title>
    <text><table><thead><tr><th>Sustancia</th><th>Reacción</th></tr></thead><tbody>
      <tr><td>Penicilina</td><td>Urticaria<br/>grave</td></tr></tbody></table></text>
    <observation><code code="2823-3" displayName="Potasio"/>
      <value xsi:type="PQ" value="5.60" unit="mmol/l"/></observation>
  </section></component>
  <component><section><title>Plan</title>
    <text>Ver en <b>cardio<i>logía</i></b>
      en 2 semanas.<br/>Sin aspirina.<list><item>Uno</item></list>Fin.</text></section></component>
</ClinicalDocument>"""


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "UTF-16"])
def test_xml_document(encoding: str) -> None:
    document = in_process_parse(CDA.format(encoding=encoding).encode(encoding), "a.xml")
    assert document.text == (
        "ClinicalDocument: Informe de alta\n\neffectiveTime: 20240510\n\n"
        "component.section: Alergias\n\nSustancia | Reacción\nPenicilina | Urticaria grave\n\n"
        "observation: code: code: 2823-3, displayName: Potasio | value: 5.60 (unit: mmol/l)\n\n"
        "component.section: Plan\n\nVer en cardiología en 2 semanas.\nSin aspirina.\n\nUno\n\nFin.\n"
    )
    assert [heading.level for heading in document.headings] == [1, 2, 2]
    assert document.title == "Informe de alta"


def test_xml_records() -> None:
    line = '<Line><ID>{}</ID><Amount currency="EUR">{}.50</Amount><Item><Name>Hours</Name></Item></Line>'
    lines = "".join(line.format(number, number) for number in (1, 2, 3, 4))
    rows = [
        f"Line: ID: {n} | Amount: {n}.50 (currency: EUR) | Item.Name: Hours" for n in range(1, 5)
    ]
    found = text_of(f"<Invoice><Line/><Note>a\n b</Note>{lines}</Invoice>", "a.xml")
    assert found == "Invoice\n\nNote: a\nb\n\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("declared", "encoding"), [("utf-16", "utf-8"), ("utf-8", "cp1252"), ("nonsense", "utf-8")]
)
def test_xml_with_a_wrong_declaration(declared: str, encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{declared}"?><a><b>año</b></a>'.encode(encoding)
    assert text_of(data, "a.xml") == "a: b: año\n"


def test_xml_entities_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    found = text_of(
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY % p SYSTEM "http://127.0.0.1:9/e">'
        " %p;]><a><b>before &x; after</b></a>",
        "a.xml",
    )
    assert found == "a: b: before &x; after\n"


@pytest.mark.parametrize("place", ["<a>&l9;</a>", '<a b="&l9;">x</a>'])
def test_xml_bombs(place: str) -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    written = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "lol">{levels}]>{place}'
    assert refusal(written, "a.xml").kind in ("too_large", "damaged")


@pytest.mark.parametrize("levels", [150, 100_000])
def test_deep_xml_is_refused(levels: int) -> None:
    written = "<a><b>1</b>" * levels + "x" + "</a>" * levels
    assert refusal(written, "a.xml").kind == "too_large"


def test_broken_xml_is_told_with_its_place_and_without_its_words() -> None:
    fault = refusal('<?xml version="1.0"?>\n<a>\n<secret>words</a>', "a.xml")
    assert fault.kind == "damaged"
    assert fault.message == "It is no well-formed XML: see line 3, column 18."
    assert refusal("<a></a>", "a.xml").kind == "empty"


def test_content_wins_over_name() -> None:
    assert identify(b'<?xml version="1.0"?><a/>', ".json").name == "xml"
    assert identify(b'[{"a": 1}]', ".xml").name == "json"
    assert identify(b'{"error": "not found"}', ".pdf").name == "json"
    assert identify(b"<!DOCTYPE html><html>", ".xml").name == "html"
    assert identify(b'<?xml version="1.0"?><svg/>', ".html").name == "html"
    assert identify(b'{"a": 1}', ".txt").name == identify(b"[[1], [2]]", ".md").name == "text"
