"""Contracts and letters that differ in little but parties, dates, amounts and numbers.

Made up, in English and Spanish, from a seed: the hardest case for finding the right clause, which
stands word for word in every other document too. Each document comes with questions that name it in
different ways, and the place of the answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_FIRMS = (
    "Alder Birch Cedar Dogwood Elm Fir Ginkgo Hazel Ivory Juniper Kauri Larch Maple Nutmeg Oak Pine "
    "Quince Rowan Spruce Teak"
)
_TRADES = (
    "Biologics Logistics Textiles Optics Foundry Robotics Ceramics Analytics Shipping Pharma Motors "
    "Paper Networks Mining Foods"
)
_GIVEN = (
    "Ana Bruno Carla Diego Elena Fermín Gloria Hugo Irene Jaime Laura Marta Nuria Óscar Pilar Raúl "
    "Sara Tomás Vera Xavier"
)
_FAMILY = (
    "Abril Bosch Cano Duarte Esteve Fuster Galván Herrero Ibáñez Jurado Lozano Mestre Navas Oliva "
    "Pardo Quiroga Rivas Soler Tejada Urrutia"
)
_MONTHS_EN = "January February March April May June July August September October November December"
_MONTHS_ES = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
)
_DRUGS = ("apixaban", "bisoprolol", "metformin", "ramipril", "sertraline", "omeprazole")

_CONTRACT_EN = """SUPPLY AGREEMENT

Contract No. {number}

This Supply Agreement is made on {day} by and between {first}, Inc. (the "Supplier") and {second} LLC
(the "Buyer").

1. Supply. The Supplier shall deliver the goods listed in Schedule 1 to the Buyer's warehouse during
working hours, properly packed and marked, together with all papers that the customs authorities of
either country may ask for. Deliveries in part are allowed where the Buyer has agreed to them beforehand
in writing.

2. Price. The Buyer shall pay the price of {amount} euros for each delivery. The price includes packing,
insurance and carriage to the warehouse, and all taxes but value added tax, which is shown apart on each
invoice.

3. Payment. Invoices are payable within {days} days of receipt. Sums that are overdue bear interest at
the rate of five per cent a year from the day on which they fell due until the day on which they are
received.

4. Quality. The goods shall correspond to the samples that both parties have sealed. The Buyer shall
examine each delivery within ten working days and shall notify the Supplier of every defect that can be
seen; of hidden defects within ten working days of the day on which they are found.

5. Warranty. The Supplier warrants the goods for {months} months from delivery against defects of
material and workmanship, and shall at its choice repair or replace those that fail. Wear in ordinary
use is not covered by this warranty.

6. Liability. In no event shall the aggregate liability of either party under this agreement exceed
{cap} euros. Nothing in this agreement limits liability for death, personal injury or fraud.

7. Confidentiality. Each party shall keep secret whatever it learns of the other's trade, prices,
processes and customers, and shall use it for the purposes of this agreement only. This duty survives
the end of the agreement by three years.

8. Term and termination. This agreement runs for two years. Either party may terminate it at any time by
{notice} days' written notice. The right to terminate at once for a material breach that was not
remedied stays untouched.

9. Assignment. Neither party may assign or transfer this agreement, in whole or in part, without the
prior written consent of the other, which shall not be withheld without good reason.

10. Governing law. This agreement is governed by the laws of {place}. The courts of its capital have
exclusive jurisdiction over all disputes that arise out of it or in connection with it.
"""
_CONTRACT_ES = """CONTRATO DE ARRENDAMIENTO

Contrato n.º {number}

En Madrid, a {day}, entre {first}, S.L. (en adelante, la arrendadora) y {second}, S.A. (en adelante, la
arrendataria).

1. Objeto. La arrendadora cede en arrendamiento a la arrendataria la nave industrial descrita en el
anexo, con todas sus instalaciones, que la arrendataria declara conocer y recibir en buen estado de
conservación y de funcionamiento.

2. Renta. La arrendataria pagará una renta de {amount} euros al mes, por adelantado, dentro de los cinco
primeros días de cada mes, en la cuenta que la arrendadora indique por escrito.

3. Gastos. Los gastos de agua, luz, gas y teléfono serán de cuenta de la arrendataria desde la entrega
de las llaves, así como las tasas que graven la actividad que en la nave se ejerza.

4. Obras. La arrendataria no podrá hacer obras que alteren la estructura o la fachada sin permiso previo
y por escrito de la arrendadora. Las mejoras quedarán en beneficio de la finca al término del contrato.

5. Fianza. La arrendataria entrega en este acto una fianza de {cap} euros, que le será devuelta al
término del contrato si no hubiera daños ni rentas pendientes de pago.

6. Seguro. La arrendataria contratará un seguro que cubra los daños por incendio, agua y robo, y
entregará copia de la póliza y del recibo a la arrendadora cada año.

7. Cesión. La arrendataria no podrá ceder el contrato ni subarrendar la nave, en todo o en parte, sin el
consentimiento previo y escrito de la arrendadora.

8. Duración. El contrato tiene una duración de {months} meses desde su firma y se prorrogará por años,
si ninguna de las partes lo denuncia antes de su término.

9. Preaviso. Cualquiera de las partes podrá resolver el contrato con un preaviso de {notice} días,
notificado a la otra por escrito y con acuse de recibo.

10. Ley aplicable. Este contrato se regirá por la legislación española y las partes se someten a los
juzgados y tribunales de {place}.
"""
_LETTER_EN = """DISCHARGE LETTER

Patient: {person}
Record number: {number}
Date of discharge: {day}

Reason for admission: shortness of breath on slight effort, with swelling of both legs that had grown
over two weeks, and a cough at night that kept the patient from sleep.

History: high blood pressure for many years, a stroke without lasting weakness, and an operation on the
gall bladder. There is no known allergy to any drug or food. The patient does not smoke and drinks a
glass of wine with meals.

Examination: blood pressure {cap} mmHg, pulse irregular, crackles over both lung bases, pitting oedema
up to the knees. The abdomen was soft, the liver was felt two fingers below the ribs, and there was no
sign of a new stroke.

Tests: the chest film showed a large heart and fluid in both costal angles. The ultrasound of the heart
showed a weak left ventricle and a moderate leak of the mitral valve. Kidney function and salts were
within the limits of the laboratory.

Course: with diuretics into the vein the patient lost {months} kilograms and could lie flat from the
third day on. The dose of the diuretic was then given by mouth, and the patient walked the length of the
ward without rest.

Medication at discharge: {drug} {amount} mg in the morning, furosemide 40 mg in the morning, and
paracetamol when needed. The patient was shown how to weigh herself every day and what to do if her
weight rises.

Follow-up: an appointment at the heart clinic in {notice} days, with a new blood test the week before.
The general practitioner is asked to check blood pressure and weight once a week until then.

Advice: no more than two grams of salt a day, no painkillers that the pharmacist has not approved of,
and a walk every day. In case of chest pain, fainting or new breathlessness the emergency number is to
be called at once.
"""
_LETTER_ES = """INFORME DE ALTA

Paciente: {person}
NHC: {number}
Fecha de alta: {day}

Motivo de ingreso: dolor en la fosa renal derecha de tres días de evolución, con fiebre y escalofríos,
náuseas y orina turbia, que no había cedido con el tratamiento pautado en su centro de salud.

Antecedentes: hipertensión arterial en tratamiento, cólicos nefríticos de repetición y una
apendicectomía en la juventud. No refiere alergias a medicamentos ni a alimentos. No fuma y bebe de
forma ocasional.

Exploración: presión arterial {cap} mmHg, temperatura de 38,9 grados, puñopercusión renal derecha
positiva, abdomen blando sin signos de irritación peritoneal. La auscultación cardíaca y la pulmonar
fueron normales.

Pruebas: en la analítica destacaban leucocitosis con desviación izquierda y proteína C reactiva elevada.
La ecografía mostró un riñón derecho aumentado de tamaño sin dilatación de la vía. El urocultivo fue
positivo para Escherichia coli.

Evolución: con antibiótico por vía intravenosa la fiebre cedió en {months} horas y el dolor desapareció.
Se pasó entonces al tratamiento por vía oral, con buena tolerancia, y la paciente pudo levantarse y
comer con normalidad.

Tratamiento al alta: cefuroxima {amount} mg cada doce horas durante diez días, paracetamol si dolor o
fiebre, y agua abundante. Debe seguir con su medicación habitual para la presión arterial sin cambios.

Revisión: cita en consulta de Urología en {notice} días, con ecografía y urocultivo de control la semana
anterior. Su médico de familia recibirá copia de este informe.

Recomendaciones: acudirá a Urgencias si reaparecen la fiebre o el dolor, si deja de orinar o si no
tolera el antibiótico. Evitará los antiinflamatorios salvo indicación de su médico.
"""

_ASKED = {
    "contract_en": (
        ("the Supply Agreement", "How many days of notice are needed to terminate {it}?", "notice"),
        ("the Supply Agreement", "What is the price of each delivery under {it}?", "amount"),
        ("the Supply Agreement", "What is the cap on liability in {it}?", "cap"),
        ("the Supply Agreement", "How long do the goods under {it} have a warranty?", "months"),
    ),
    "contract_es": (
        ("el contrato de arrendamiento", "¿Qué renta se paga según {it}?", "amount"),
        ("el contrato de arrendamiento", "¿Qué fianza se entrega según {it}?", "cap"),
        (
            "el contrato de arrendamiento",
            "¿Cuál es el plazo de preaviso para resolver {it}?",
            "notice",
        ),
    ),
    "letter_en": (
        (
            "the discharge letter",
            "Which dose was the patient discharged on according to {it}?",
            "amount",
        ),
        ("the discharge letter", "When is the appointment at the heart clinic in {it}?", "notice"),
    ),
    "letter_es": (
        ("el informe de alta", "¿Qué antibiótico se pautó en {it}?", "amount"),
        ("el informe de alta", "¿Cuándo es la cita en consulta de Urología según {it}?", "notice"),
    ),
}
_TEXTS = {
    "contract_en": _CONTRACT_EN,
    "contract_es": _CONTRACT_ES,
    "letter_en": _LETTER_EN,
    "letter_es": _LETTER_ES,
}
_CAPS = {"contract_en": (50_000, 990_000), "contract_es": (1_000, 9_000)}
KINDS = tuple(_TEXTS)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on one document. way: how it names it. start, end: characters of the answer's clause."""

    question: str
    document: str
    way: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Made:
    """A document: its path, its text and the questions on it."""

    path: str
    text: str
    asked: tuple[Asked, ...]


def near_duplicates(count: int, seed: int = 0) -> Iterator[Made]:
    """`count` documents of the four kinds in turn; no two have the same names, day or number."""
    chance = random.Random(seed)
    firms = [f"{tree} {trade}" for tree in _FIRMS.split() for trade in _TRADES.split()]
    people = [f"{given} {a} {b}" for given in _GIVEN.split() for a, b in _pairs(_FAMILY.split())]
    chance.shuffle(firms)
    chance.shuffle(people)
    days = chance.sample(range(3_000), count)
    for index in range(count):
        kind = KINDS[index % len(KINDS)]
        yield _made(kind, index, firms, people, date(2015, 1, 1) + timedelta(days[index]), chance)


def number_of(index: int) -> str:
    """Numbers of neighbours differ by two digits that changed places: 2023-0117 and 2023-0171."""
    tens, ones = divmod(index // 2, 9)
    pair = (tens % 9, (tens + ones + 1) % 10)
    first, last = pair if index % 2 else pair[::-1]
    return f"20{15 + index // 162:02d}-{index % 7}{first}{last}{index % 10}"


def _made(
    kind: str,
    index: int,
    firms: list[str],
    people: list[str],
    day: date,
    chance: random.Random,
) -> Made:
    spanish = kind.endswith("_es")
    first, second = firms[(2 * index) % len(firms)], firms[(2 * index + 1) % len(firms)]
    written = _written(day, spanish)
    low, high = _CAPS.get(kind, (100, 190))
    facts = {
        "number": number_of(index),
        "day": written,
        "first": first,
        "second": second,
        "person": people[index],
        "amount": str(chance.randrange(250, 9_750, 250)),
        "cap": str(chance.randrange(low, high, 10)),
        "days": str(chance.randrange(10, 90)),
        "notice": str(chance.randrange(15, 180)),
        "months": str(chance.randrange(3, 48)),
        "place": chance.choice(("Ireland", "Austria", "Portugal", "Denmark")),
        "drug": chance.choice(_DRUGS),
    }
    text = _TEXTS[kind].format(**facts)
    path = f"{kind.split('_')[0]}_{index:04d}.txt"
    asked = [
        _asked(template, facts[fact], way, named, path, text, kind, fact)
        for what, template, fact in _ASKED[kind]
        for way, named in _names(kind, what, facts, path)
    ]
    return Made(path, text, tuple(asked))


def _names(kind: str, what: str, facts: dict[str, str], path: str) -> Iterator[tuple[str, str]]:
    spanish, letter = kind.endswith("_es"), kind.startswith("letter")
    de, entre, y = ("de", "entre", "y") if spanish else ("of", "between", "and")
    if letter:
        yield "patient", f"{what} {de} {facts['person']}"
    else:
        yield "party", f"{what} {entre} {facts['first']} {y} {facts['second']}"
        yield "one party", f"{what} {'con' if spanish else 'with'} {facts['first']}"
    yield "date", f"{what} {'del' if spanish else 'of'} {facts['day']}"
    yield "file", f"{'el archivo' if spanish else 'the file'} {path}"
    yield "number", f"{what} {'n.º' if spanish else 'no.'} {facts['number']}"


def _asked(
    template: str,
    value: str,
    way: str,
    named: str,
    path: str,
    text: str,
    kind: str,
    fact: str,
) -> Asked:
    at = len(_TEXTS[kind].partition(f"{{{fact}}}")[0].split("\n\n")) - 1
    paragraphs = text.split("\n\n")
    start = sum(len(paragraph) + 2 for paragraph in paragraphs[:at])
    assert value in paragraphs[at]
    return Asked(template.format(it=named), path, way, start, start + len(paragraphs[at]))


def _written(day: date, spanish: bool) -> str:
    if spanish:
        return f"{day.day} de {_MONTHS_ES.split()[day.month - 1]} de {day.year}"
    return f"{day.day} {_MONTHS_EN.split()[day.month - 1]} {day.year}"


def _pairs(names: list[str]) -> Iterator[tuple[str, str]]:
    return ((a, b) for a in names for b in names if a != b)
