"""The words of an answer's frame, one small table for each language that questions are asked in.

Only what ragkit says of itself stands here: quotes, titles and names stay as the documents write them,
and JSON holds codes and figures alone. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ragkit.language import language_of


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is said in one language; what stands in braces is filled in with `str.format`.

    Where a number decides, there are two: for one, and for any other. reasons, kinds and statuses are
    short words for the codes that JSON has.
    """

    language: str
    decimal: str
    percent: str
    yes: str
    no: str
    not_found: tuple[str, str]
    searched: tuple[str, str]
    not_searched: tuple[str, str]
    in_part: tuple[str, str]
    no_metadata: tuple[str, str]
    pages: tuple[str, str]
    page: str
    more: str
    how_to_open: str
    ambiguous: str
    ask_again: str
    nearest: str
    nothing_near: str
    style: str
    statuses: Mapping[str, tuple[str, str]]
    seconds: str
    ocr: str
    ocr_sure: str
    poor_text: str
    fenced: str
    scope: str
    undated: tuple[str, str]
    reasons: Mapping[str, str]
    kinds: Mapping[str, str]

    def number(self, value: float, decimals: int = 1) -> str:
        """'1.2' or '1,2'."""
        return f"{value:.{decimals}f}".replace(".", self.decimal)

    def share(self, value: float) -> str:
        """0 to 1 as '91%' or '91 %'."""
        return self.percent.format(round(100 * value))

    def counted(self, forms: tuple[str, str], count: int, **named: object) -> str:
        """The form for that count, with `count` and the rest filled in."""
        return forms[count != 1].format(count=count, **named)

    def status(self, status: str, count: int) -> str:
        """'3 kept', '1 sustituida'. status: of an answer's sentence, or "withheld"."""
        return f"{count} {self.statuses[status][count != 1]}"

    def reason(self, kind: str) -> str:
        """A word or two for why a document could not be read; "" for none. kind: its code in JSON."""
        return self.reasons.get(kind, "")

    def kind(self, kind: str) -> str:
        """What a short fact is, such as 'date'; "" where its text says it. kind: its code in JSON."""
        return self.kinds.get(kind, kind)


ENGLISH = Phrases(
    language="en",
    decimal=".",
    percent="{}%",
    yes="Yes",
    no="No",
    not_found=(
        "Not found in {searched} of {count} document",
        "Not found in {searched} of {count} documents",
    ),
    searched=(
        "Searched {searched} of {count} document",
        "Searched {searched} of {count} documents",
    ),
    not_searched=("{count} could not be read", "{count} could not be read"),
    in_part=("{count} was read only in part", "{count} were read only in part"),
    no_metadata=(
        "{count} file of metadata could not be used",
        "{count} files of metadata could not be used",
    ),
    pages=("without page {pages}", "without pages {pages}"),
    page="p. {page}",
    more="and {count} more (--json lists all)",
    how_to_open="To open what is encrypted, give its password",
    ambiguous="The question fits several documents. Which one is meant?",
    ask_again="Ask again and name it, or add --document with its path.",
    nearest="Nearest passages, which may not answer it:",
    nothing_near="No passage comes near.",
    style="Style: {style}",
    statuses={
        "quoted": ("quoted", "quoted"),
        "kept": ("kept", "kept"),
        "repaired": ("repaired", "repaired"),
        "replaced": ("replaced", "replaced"),
        "withheld": ("withheld", "withheld"),
    },
    seconds="{seconds} s",
    ocr="OCR",
    ocr_sure="OCR, {share} sure",
    poor_text="poor text layer, quality {share}",
    fenced="reads like an instruction to a machine",
    scope="Only {documents} of {total} documents ({filters})",
    undated=(
        "{count} without a known date left out",
        "{count} without a known date left out",
    ),
    reasons={
        "password": "encrypted",
        "needs_ocr": "a picture, not read by OCR",
        "too_large": "too large",
        "damaged": "damaged",
        "empty": "empty",
        "unsupported": "a kind of file that is not read",
        "unknown": "of no known kind",
        "timeout": "took too long",
        "memory": "needs too much memory",
        "crash": "its reader crashed",
        "permission": "no permission",
        "gone": "gone since",
        "changed": "changed or removed meanwhile",
        "link": "a symbolic link",
        "special": "not a regular file",
        "same_path": "two files of one name",
        "metadata": "",
    },
    kinds={"yes/no": "", "field": ""},
)

SPANISH = Phrases(
    language="es",
    decimal=",",
    percent="{}\N{NO-BREAK SPACE}%",
    yes="Sí",
    no="No",
    not_found=(
        "No se ha encontrado en {searched} de {count} documento",
        "No se ha encontrado en {searched} de {count} documentos",
    ),
    searched=(
        "Se ha buscado en {searched} de {count} documento",
        "Se ha buscado en {searched} de {count} documentos",
    ),
    not_searched=("{count} no se ha podido leer", "{count} no se han podido leer"),
    in_part=("{count} se ha leído solo en parte", "{count} se han leído solo en parte"),
    no_metadata=(
        "{count} archivo de metadatos no se ha podido usar",
        "{count} archivos de metadatos no se han podido usar",
    ),
    pages=("sin la página {pages}", "sin las páginas {pages}"),
    page="pág. {page}",
    more="y {count} más (--json los enumera todos)",
    how_to_open="Para abrir lo cifrado, indique su contraseña",
    ambiguous="La pregunta encaja con varios documentos. ¿A cuál se refiere?",
    ask_again="Pregunte de nuevo nombrándolo, o añada --document con su ruta.",
    nearest="Pasajes más cercanos, que quizá no respondan:",
    nothing_near="Ningún pasaje se acerca.",
    style="Estilo: {style}",
    statuses={
        "quoted": ("citada", "citadas"),
        "kept": ("conservada", "conservadas"),
        "repaired": ("corregida", "corregidas"),
        "replaced": ("sustituida", "sustituidas"),
        "withheld": ("retirada", "retiradas"),
    },
    seconds="{seconds} s",
    ocr="OCR",
    ocr_sure="OCR, fiabilidad {share}",
    poor_text="capa de texto deficiente, calidad {share}",
    fenced="parece una instrucción para una máquina",
    scope="Solo {documents} de {total} documentos ({filters})",
    undated=(
        "{count} sin fecha conocida queda fuera",
        "{count} sin fecha conocida quedan fuera",
    ),
    reasons={
        "password": "cifrado",
        "needs_ocr": "una imagen, no leída por OCR",
        "too_large": "demasiado grande",
        "damaged": "dañado",
        "empty": "vacío",
        "unsupported": "un tipo de archivo que no se lee",
        "unknown": "de tipo desconocido",
        "timeout": "tardó demasiado",
        "memory": "necesita demasiada memoria",
        "crash": "su lector falló",
        "permission": "sin permiso",
        "gone": "ya no está",
        "changed": "modificado o eliminado entretanto",
        "link": "un enlace simbólico",
        "special": "no es un archivo normal",
        "same_path": "dos archivos con un mismo nombre",
        "metadata": "",
    },
    kinds={
        "yes/no": "",
        "field": "",
        "address": "dirección",
        "age": "edad",
        "amount": "importe",
        "date": "fecha",
        "dose": "dosis",
        "duration": "duración",
        "e-mail": "correo electrónico",
        "governing law": "ley aplicable",
        "hospital": "hospital",
        "identifier": "identificador",
        "name": "nombre",
        "party": "parte",
        "percentage": "porcentaje",
        "phone": "teléfono",
        "sex": "sexo",
    },
)

BY_LANGUAGE: Mapping[str, Phrases] = {"en": ENGLISH, "es": SPANISH}
"""By ISO 639-1 code: the languages in which an answer's own words can be said."""


def phrases_for(question: str, fallback: str = "") -> Phrases:
    """The words for an answer to `question`: in its language, where that cannot be told or has no
    table in `fallback` (ISO 639-1, such as the documents' most frequent language), else in English.
    """
    return BY_LANGUAGE.get(language_of(question)) or BY_LANGUAGE.get(fallback, ENGLISH)
