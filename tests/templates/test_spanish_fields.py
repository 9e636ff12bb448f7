"""Fields of Spanish documents: found as they are written there, and empty where nothing says them."""

from __future__ import annotations

import pytest

from tests.templates.reading import fields_of, shown

CONTRACT = """CONTRATO DE MANTENIMIENTO

En Alcor, a 3 de mayo de 2024.

Entre ASCENSORES PEÑALTA, S.L., con CIF B-00112233, representada por D. Julio Arce Mora (el «Prestador»), y
COMUNIDAD DE REGANTES DEL ARLA, S.A., con CIF A-00445566 (el «Cliente»), se acuerdan las siguientes cláusulas.

Primera. Duración

El contrato tendrá una duración de dos años a contar desde el 1 de junio de 2024. Se prorrogará por periodos
anuales, salvo que una de las partes comunique lo contrario con tres meses de antelación.

Segunda. Resolución

El Cliente podrá resolver el contrato, sin necesidad de causa, con un preaviso de 45 días.

Tercera. Responsabilidad

La responsabilidad del Prestador se limita a 150.000 € por siniestro y a 300.000 € por año.

Cuarta. Ley

Este contrato se rige por la legislación española.
"""
REPORT = """INFORME DE ALTA HOSPITALARIA

Paciente: Aurora Belmonte Saz
Fecha de nacimiento: 05/03/1961
Fecha de ingreso: 2 de enero de 2024
Fecha de alta: 09/01/2024
Facultativa responsable: Dra. Nieves Otero Lago

Antecedentes
Mujer de 62 años. No tenía alergias conocidas.

Juicio clínico
Neumonía adquirida en la comunidad.

Recomendaciones
Revisión en la consulta de Neumología el 20 de febrero de 2024.
"""


def plain_of(text: str) -> dict[str, list[str]]:
    found = fields_of(text).items()
    return {name: [one.value.plain or one.shown for one in field.values] for name, field in found}


def test_a_contract_is_asked_for_its_terms() -> None:
    assert plain_of(CONTRACT) == {
        "parties": ["ASCENSORES PEÑALTA, S.L.", "COMUNIDAD DE REGANTES DEL ARLA, S.A."],
        "agreement_date": ["2024-05-03"],
        "effective_date": ["2024-06-01"],
        "expiration": ["2 years"],
        "governing_law": ["legislación española"],
        "renewal_term": ["1 year"],
        "notice_period": ["3 months"],
        "automatic_renewal": ["yes"],
        "liability_cap": ["EUR 150000"],
        "termination_for_convenience": [
            "El Cliente podrá resolver el contrato, sin necesidad de causa, con un preaviso de 45 días"
        ],
    }


def test_what_can_be_renewed_by_agreement_does_not_renew_by_itself() -> None:
    text = CONTRACT.replace(
        "Se prorrogará por periodos\nanuales, salvo que una de las partes comunique lo contrario con tres "
        "meses de antelación.",
        "Podrá prorrogarse por un año mediante acuerdo escrito.",
    )
    found = plain_of(text)
    assert (found["automatic_renewal"], found["renewal_term"]) == (["no"], ["1 year"])
    assert found["notice_period"] == ["45 days"]


def test_a_notice_after_a_change_of_control_is_not_the_one_that_ends_it() -> None:
    more = (
        "Si el control del Prestador cambia, el Cliente podrá resolver el contrato con un preaviso "
        "de dos meses.\n"
    )
    text = (
        CONTRACT.replace("con tres meses de antelación", "por escrito")
        + "\nQuinta. Control\n\n"
        + more
    )
    assert plain_of(text)["notice_period"] == ["45 days"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (
            "El Arrendador podrá resolver el contrato en cualquier momento en caso de impago.",
            "termination_for_convenience",
        ),
        (
            "Ninguna de las partes podrá resolver el contrato sin justa causa.",
            "termination_for_convenience",
        ),
        (
            "El Cliente no podrá desistir del contrato en cualquier momento.",
            "termination_for_convenience",
        ),
        ("El pago está sujeto a Factura emitida por el Prestador.", "governing_law"),
        ("La responsabilidad del Prestador no se limita a 150.000 euros.", "liability_cap"),
    ],
)
def test_a_clause_that_says_the_opposite_or_something_else_is_no_value(
    said: str, name: str
) -> None:
    found = fields_of(f"{CONTRACT.partition('Primera.')[0]}Primera. Régimen\n\n{said}\n")
    assert shown(found[name]) == []


def test_a_right_to_end_it_at_any_time_is_one() -> None:
    said = "El Cliente podrá desistir del contrato en cualquier momento con un preaviso de 45 días."
    found = fields_of(f"{CONTRACT.partition('Primera.')[0]}Primera. Régimen\n\n{said}\n")
    assert shown(found["termination_for_convenience"]) == [said.rstrip(".")]


def test_what_is_taken_on_discharge_is_told_below_a_title_with_the_same_word() -> None:
    said = "Dada de alta el 3 de mayo, en tratamiento con apixabán 5 mg cada 12 horas."
    text = f"INFORME DE ALTA\n\nPaciente: Aurora Belmonte Saz\n\nEvolución\n{said}\n"
    assert shown(fields_of(text)["medication"]) == [said.rstrip(".")]


def test_a_letter_of_discharge_is_asked_for_its_facts() -> None:
    found = plain_of(REPORT)
    assert found["patient"] == ["Aurora Belmonte Saz"]
    assert found["date_of_birth"] == ["1961-03-05"]
    assert (found["admission_date"], found["discharge_date"]) == (["2024-01-02"], ["2024-01-09"])
    assert found["doctor"] == ["Dra. Nieves Otero Lago"]
    assert found["diagnoses"] == ["Neumonía adquirida en la comunidad"]
    assert "No tenía alergias conocidas" in found["allergies"][0]
    assert "20 de febrero de 2024" in found["follow_up"][0]


@pytest.mark.parametrize(
    ("added", "name"),
    [
        ("No debe conducir hasta la revisión en consulta.", "follow_up"),
        ("Su madre fue diagnosticada de lupus. Se descartó el diagnóstico de lupus.", "diagnoses"),
        ("En otro centro fue diagnosticado de osteomielitis; se operó.", "diagnoses"),
        ("Ingresó en planta y evolucionó bien.", "medication"),
        ("Se inicia tratamiento con heparina.", "medication"),  # the phrase begins in the title
        ("Solicita el alta y rechaza el tratamiento con apixabán 5 mg.", "medication"),
        ("No se llegó al diagnóstico de sarcoidosis.", "diagnoses"),
        ("Está pendiente de establecerse el diagnóstico definitivo de linfoma.", "diagnoses"),
    ],
)
def test_what_only_sounds_like_it_is_no_value(added: str, name: str) -> None:
    text = f"INFORME DE ALTA\n\nPaciente: Aurora Belmonte Saz\n\nEvolución\n{added}\n"
    assert shown(fields_of(text)[name]) == []


def test_a_diagnosis_that_the_text_calls_final_is_one() -> None:
    text = (
        "INFORME DE ALTA\n\nPaciente: Aurora Belmonte Saz\n\nEvolución\n"
        "El diagnóstico definitivo fue sarcoidosis. Mejoró con reposo.\n"
    )
    assert shown(fields_of(text)["diagnoses"]) == ["El diagnóstico definitivo fue sarcoidosis"]


def test_a_total_that_nobody_is_to_pay_is_no_amount_to_pay() -> None:
    head = "CARTA\n\nPara: Viveros Arla, S.L.\n\nAsunto: facturas\n\n"
    asked = "Le requerimos para que abone la cantidad de 900 € antes del 3 de mayo de 2024.\n"
    deducted = "Descontaremos de las facturas un total de 900 €.\n"
    assert plain_of(head + asked)["amount"] == ["EUR 900"]
    assert plain_of(head + asked)["answer_by"] == ["2024-05-03"]
    assert plain_of(head + deducted)["amount"] == []


def test_a_comment_on_microbiology_is_no_laboratory_report() -> None:
    text = "Comentario de examen - Microbiology\n\nLa respuesta correcta es la primera.\n"
    assert "out_of_range" not in fields_of(text)


def test_a_long_value_ends_with_a_word() -> None:
    words = "dolor " * 100
    (reason,) = shown(fields_of(f"INFORME DE ALTA\n\nMotivo de ingreso: {words}\n")["reason"])
    assert reason.endswith("dolor")
    assert len(reason) <= 300


def test_a_value_that_goes_on_in_the_next_line_ends_with_a_sentence() -> None:
    text = (
        "INFORME DE ALTA\n\nMotivo de ingreso: Disnea de esfuerzo. Acude con fiebre desde\n"
        "hace tres días y tos.\n"
    )
    assert shown(fields_of(text)["reason"]) == ["Disnea de esfuerzo"]


def test_parties_that_brackets_call_something_and_a_name_with_an_and() -> None:
    franchise = """CONTRATO DE FRANQUICIA

Entre Pan y Más S.A. (el franquiciador) y Luis Gómez Abad (el franquiciado), firmado el 4 de mayo de 2023.

Este contrato se rige por la Ley de Arrendamientos Urbanos.
"""
    found = plain_of(franchise)
    assert found["parties"] == ["Pan y Más S.A.", "Luis Gómez Abad"]
    assert found["agreement_date"] == ["2023-05-04"]
    assert found["governing_law"] == ["Ley de Arrendamientos Urbanos"]
