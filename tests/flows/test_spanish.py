"""Spanish documents and the English starter embedder: the words find what the vectors cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.workspace import Workspace

LETTERS = {
    "alta_ruiz.txt": (
        "Informe de alta. Paciente: Ana Ruiz Peña.\n\n"
        "Diagnóstico. Neumonía adquirida en la comunidad.\n\n"
        "Tratamiento al alta. Se pauta amoxicilina 875 mg cada ocho horas durante siete días.\n\n"
        "Alergias. La paciente niega alergias medicamentosas.\n"
    ),
    "alta_soler.txt": (
        "Informe de alta. Paciente: Jordi Soler Mas.\n\n"
        "Diagnóstico. Fractura de cadera derecha tras una caída.\n\n"
        "Tratamiento al alta. Enoxaparina 40 mg al día durante un mes y rehabilitación.\n\n"
        "Alergias. Es alérgico a la penicilina, que le produjo un exantema.\n"
    ),
    "contrato.txt": (
        "Contrato de arrendamiento entre Viviendas Alcor, S.L. y Marta Gil.\n\n"
        "Renta. La renta mensual asciende a 950 euros, pagaderos los cinco primeros días.\n\n"
        "Desistimiento. La arrendataria podrá rescindir el contrato con un preaviso de treinta días.\n\n"
        "Fianza. Se entrega una fianza equivalente a dos mensualidades.\n"
    ),
}
QUESTIONS = (
    ("¿A qué medicamento es alérgico Jordi Soler?", "alta_soler.txt", "penicilina"),
    ("que antibiotico se pauto a ana ruiz pena", "alta_ruiz.txt", "amoxicilina"),
    ("¿Con cuánto preaviso se rescinde el arrendamiento?", "contrato.txt", "treinta días"),
    ("¿De cuánto son las fianzas de la arrendataria?", "contrato.txt", "dos mensualidades"),
    ("¿Qué pacientes tienen neumonias?", "alta_ruiz.txt", "Neumonía"),
)


@pytest.mark.real
def test_spanish_questions_with_the_english_starter(
    tmp_path: Path, starter_models: dict[str, Path]
) -> None:
    """Without accents, in other forms of the words; and the report says what model would do better."""
    (tmp_path / "files").mkdir()
    for name, text in LETTERS.items():
        (tmp_path / "files" / name).write_text(text, encoding="utf-8")
    config = tmp_path / "pipelines.yaml"
    config.write_text("pipelines: {cartas: {folders: [files]}}\n", encoding="utf-8")
    with Workspace(config) as workspace:
        report = workspace.ingest("cartas")
        (note,) = [note for note in report.notes if "Spanish" in note]
        assert note.startswith("100% of the passages are in Spanish, which the embedder all-MiniLM")
        assert "`embedder: {model: multilingual-e5-small}`" in note
        assert workspace.status("cartas")[0].notes == (note,)
        for question, document, words in QUESTIONS:
            passage = workspace.search("cartas", question, k=1).passages[0]
            assert passage.document == document, question
            assert words in passage.text, question
