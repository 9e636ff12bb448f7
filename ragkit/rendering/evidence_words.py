"""The words of an evidence page, beside those of an answer's frame; in the question's language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvidenceWords:
    """What is said in one language; what stands in braces is filled in with `str.format`."""

    title: str
    outcomes: Mapping[str, str]
    statuses: Mapping[str, str]
    all_quoted: str
    evidence: str
    nearest: str
    nearest_mark: str
    file: Mapping[str, str]
    digest: str
    read_as: Mapping[str, str]
    sure: str
    quality: str
    no_picture: Mapping[str, str]
    not_drawn: str
    not_found: str
    picture_of: str
    about: str
    facts: Mapping[str, str]
    made: str


ENGLISH = EvidenceWords(
    title="Answer with its evidence",
    outcomes={"found": "Found", "not_found": "Not found", "ambiguous": "Ambiguous"},
    statuses={
        "quoted": "quoted word for word",
        "kept": "written by the model, checked against its quotes",
        "repaired": "written again by the model, checked against its quotes",
        "replaced": "the model's sentence failed the check; its quote stands in its place",
    },
    all_quoted="Every sentence is quoted word for word.",
    evidence="Evidence",
    nearest="Nearest passages, which may not answer it",
    nearest_mark="nearest {number}",
    file={
        "same": "the file holds the very bytes that were read",
        "changed": "the file has changed since it was read",
        "gone": "the file is not where it was",
        "unknown": "the file could not be compared",
    },
    digest="SHA-256 of the document as it was read",
    read_as={
        "file": "read from the file itself",
        "text layer": "read from the text of the PDF",
        "text layer (pypdf)": "read from the text of the PDF by a second reader",
        "ocr": "a picture, read by OCR",
    },
    sure="{share} sure",
    quality="quality of the text {share}",
    no_picture={
        "no pages": "A document of this kind has no pages to draw: the quote with the text around it.",
        "changed": "The file has changed since it was read, so its page is not drawn: "
        "the text as it was read.",
        "gone": "The file is not there any more, so its page is not drawn: the text as it was read.",
        "other index": "The index has changed since the answer was given: only the quote is shown.",
        "too many": "So many pages are quoted that this one is not drawn: the text as it was read.",
    },
    not_drawn="The page is not drawn: {reason} The text as it was read.",
    not_found="Where this quote stands on the picture could not be found: the text as it was read.",
    picture_of="Picture of {place}, the quotes marked",
    about="How this answer was made",
    facts={
        "pipeline": "Pipeline",
        "generation": "Generation of the index",
        "style": "Style",
        "model": "Model",
        "seconds": "Time taken",
        "scope": "Filters",
        "coverage": "Searched",
        "made": "Page made",
    },
    made="This page needs no network and runs no program. To check the quotes against the files again, "
    "save the answer with --json and use ragkit verify.",
)

SPANISH = EvidenceWords(
    title="Respuesta con sus pruebas",
    outcomes={"found": "Encontrada", "not_found": "No encontrada", "ambiguous": "Ambigua"},
    statuses={
        "quoted": "citada palabra por palabra",
        "kept": "escrita por el modelo, comprobada con sus citas",
        "repaired": "escrita de nuevo por el modelo, comprobada con sus citas",
        "replaced": "la frase del modelo no superó la comprobación; la sustituye su cita",
    },
    all_quoted="Cada frase está citada palabra por palabra.",
    evidence="Pruebas",
    nearest="Pasajes más cercanos, que quizá no respondan",
    nearest_mark="cercano {number}",
    file={
        "same": "el archivo tiene los mismos bytes que se leyeron",
        "changed": "el archivo ha cambiado desde que se leyó",
        "gone": "el archivo ya no está donde estaba",
        "unknown": "el archivo no se ha podido comparar",
    },
    digest="SHA-256 del documento tal como se leyó",
    read_as={
        "file": "leído del propio archivo",
        "text layer": "leído del texto del PDF",
        "text layer (pypdf)": "leído del texto del PDF por un segundo lector",
        "ocr": "una imagen, leída por OCR",
    },
    sure="fiabilidad {share}",
    quality="calidad del texto {share}",
    no_picture={
        "no pages": "Un documento de este tipo no tiene páginas que dibujar: la cita con el texto que "
        "la rodea.",
        "changed": "El archivo ha cambiado desde que se leyó, así que su página no se dibuja: el texto "
        "tal como se leyó.",
        "gone": "El archivo ya no está, así que su página no se dibuja: el texto tal como se leyó.",
        "other index": "El índice ha cambiado desde la respuesta: solo se muestra la cita.",
        "too many": "Se citan tantas páginas que esta no se dibuja: el texto tal como se leyó.",
    },
    not_drawn="La página no se dibuja: {reason} El texto tal como se leyó.",
    not_found="No se ha encontrado en la imagen el lugar de esta cita: el texto tal como se leyó.",
    picture_of="Imagen de {place}, con las citas marcadas",
    about="Cómo se hizo esta respuesta",
    facts={
        "pipeline": "Pipeline",
        "generation": "Generación del índice",
        "style": "Estilo",
        "model": "Modelo",
        "seconds": "Tiempo",
        "scope": "Filtros",
        "coverage": "Búsqueda",
        "made": "Página hecha",
    },
    made="Esta página no necesita red ni ejecuta ningún programa. Para comprobar otra vez las citas con "
    "los archivos, guarde la respuesta con --json y use ragkit verify.",
)

BY_LANGUAGE: Mapping[str, EvidenceWords] = {"en": ENGLISH, "es": SPANISH}
"""By ISO 639-1 code."""
