"""Telling languages apart, on sentences as they stand in contracts, letters and questions."""

from __future__ import annotations

import pytest

from ragkit.language import LANGUAGE_NAMES, LONGEST_LOOK, STOP_WORDS, language_of

LINES = {
    "en": (
        "This agreement is governed by the laws of the State of Delaware.",
        "The tenant shall pay a deposit of two months' rent, to be returned at the end of the lease.",
        "The patient was admitted for chest pain and reports no known allergy to drugs.",
        "What is the governing law of the agreement?",
        "Who signed the amendment, and when?",
    ),
    "es": (
        "El presente contrato se rige por la ley española y los litigios se someten a los juzgados.",
        "El arrendatario entregará una fianza de dos mensualidades, que se devolverá al terminar.",
        "La paciente ingresó por dolor torácico y no tiene ninguna alergia a medicamentos.",
        "Se acuerda entre las partes lo que sigue.",
        "¿Cuál es la fecha de nacimiento de Ana Ruiz?",
        "¿Qué día nació Ana Ruiz?",
        "Dame el NHC de la paciente o el paciente.",
    ),
    "fr": (
        "Le présent contrat est régi par le droit français et tout litige relève des tribunaux.",
        "Le preneur verse un dépôt de garantie égal à deux mois de loyer, restitué à la fin du bail.",
        "La patiente a été hospitalisée pour une douleur thoracique et ne présente aucune allergie.",
        "Quel est le délai de préavis du bail ?",
        "Qui a signé l'avenant et quand ?",
        "Quelle loi régit le contrat de fourniture ?",
    ),
    "de": (
        "Dieser Vertrag unterliegt dem Recht der Bundesrepublik; Gerichtsstand ist Hamburg.",
        "Der Mieter hat eine Kaution in Höhe von zwei Monatsmieten zu leisten.",
        "Die Patientin wurde wegen Brustschmerzen aufgenommen; Allergien sind nicht bekannt.",
        "Welche Kündigungsfrist gilt für den Mietvertrag?",
        "Wer hat den Nachtrag unterschrieben und wann?",
    ),
    "it": (
        "Il presente contratto è regolato dalla legge italiana; è competente il foro di Torino.",
        "Il conduttore versa un deposito pari a due mensilità, restituito alla fine della locazione.",
        "La paziente è stata ricoverata per dolore toracico e non riferisce allergie.",
        "Qual è il termine di preavviso della locazione?",
        "Chi ha firmato l'appendice e quando?",
    ),
    "pt": (
        "O presente contrato é regido pela lei portuguesa e qualquer litígio cabe aos tribunais.",
        "O arrendatário entrega uma caução de duas rendas, que lhe é devolvida no fim do contrato.",
        "A doente foi internada por dor torácica e não refere alergias a medicamentos.",
        "Qual é o prazo de aviso prévio do arrendamento?",
        "Quem assinou o aditamento e em que data?",
    ),
    "ca": (
        "Aquest contracte es regeix per la llei catalana i els litigis se sotmeten als tribunals.",
        "L'arrendatari ha de lliurar una fiança de dues mensualitats, que se li tornarà al final.",
        "La pacient va ingressar per dolor toràcic i no té cap al·lèrgia coneguda.",
        "Quin és el termini de preavís del lloguer?",
        "Qui va signar l'annex i quan?",
    ),
}


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in LINES.items() for text in texts]
)
def test_a_line(language: str, text: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("language", LINES)
def test_a_document(language: str) -> None:
    assert language_of("\n\n".join(LINES[language] * 20)) == language


@pytest.mark.parametrize("language", LINES)
def test_a_document_that_quotes_another_language(language: str) -> None:
    """A clause or two in another language do not make a document of that language."""
    for other in set(LINES) - {language}:
        assert language_of("\n".join([*LINES[language][:3] * 6, *LINES[other][:3]])) == language


@pytest.mark.parametrize(
    "text",
    [
        "Hb 12.3 g/dl Na 140",
        "",
        "This is what they have. Esto es lo que hay.",
        "\n".join(line for pair in zip(LINES["en"], LINES["es"], strict=False) for line in pair),
        "d n s t l c y m j e o a i u x z d n s t l",
        "Договор регулируется правом Российской Федерации.",
    ],
)
def test_too_short_or_mixed_or_another(text: str) -> None:
    assert language_of(text) == ""


def test_the_beginning_of_a_text_tells() -> None:
    assert language_of(LINES["de"][0] * 400 + LINES["fr"][0] * 4000) == "de"
    assert len(LINES["de"][0] * 400) > LONGEST_LOOK


def test_every_language_has_a_name() -> None:
    assert set(LANGUAGE_NAMES) == set(STOP_WORDS)
