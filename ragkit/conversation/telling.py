"""What a conversation says of itself, in the language of the last question: English or Spanish."""

from __future__ import annotations

from collections.abc import Mapping

_TEXTS: Mapping[str, tuple[str, str]] = {
    "empty": ("The question is empty.", "La pregunta está vacía."),
    "no command": ("There is no command /{word}.", "No hay ninguna orden /{word}."),
    "meant": (" Did you mean /{near}?", " ¿Quería decir /{near}?"),
    "help lists": ("/help lists them.", "/help las enumera."),
    "no answer": (
        "There is no answer yet, or none is remembered.",
        "Todavía no hay ninguna respuesta, o no se recuerda ninguna.",
    ),
    "on or off": ("/asis {rest} is neither on nor off.", "/asis {rest} no es ni on ni off."),
    "asis usage": ("/asis, or /asis off", "/asis, o /asis off"),
    "as typed": (
        "Questions are asked as typed from now on.",
        "Desde ahora se pregunta tal cual se escribe.",
    ),
    "rewritten": (
        "Questions are asked so that they stand alone from now on.",
        "Desde ahora las preguntas se completan con lo dicho antes.",
    ),
    "no number": ("{rest!r} is no number of a turn.", "{rest!r} no es el número de ningún turno."),
    "forget usage": ("/forget 2, or /forget for all", "/forget 2, o /forget para todos"),
    "from one": ("Turns are numbered from 1.", "Los turnos se numeran desde el 1."),
    "no turn": (
        "There is no turn {number}; remembered: {there}.",
        "No hay ningún turno {number}; se recuerdan: {there}.",
    ),
    "none": ("none", "ninguno"),
    "forgot": ("1 turn is forgotten.", "Se ha olvidado 1 turno."),
    "forgot many": ("{count} turns are forgotten.", "Se han olvidado {count} turnos."),
    "still holds": (
        " {place} still holds what was saved.",
        " {place} conserva lo que se guardó.",
    ),
    "save usage": ("/save needs the name of a file.", "/save necesita el nombre de un archivo."),
    "saved": (
        "1 turn in {place}; every turn from now on is added.",
        "1 turno en {place}; se añadirá cada turno desde ahora.",
    ),
    "saved many": (
        "{count} turns in {place}; every turn from now on is added.",
        "{count} turnos en {place}; se añadirá cada turno desde ahora.",
    ),
    "not listed": (
        "No documents were listed to choose {words} of; “the second one” means the second document "
        "that the last answer quotes.",
        "No se ha enumerado ningún documento del que elegir {words}; «el segundo» es el segundo "
        "documento que cita la última respuesta.",
    ),
    "not among": (
        "There is no {words!r} among the {count} documents of the last answer.",
        "No hay ningún {words!r} entre los {count} documentos de la última respuesta.",
    ),
    "no choice": (
        "{words!r} chooses between documents, and the last answer left no choice.",
        "{words!r} elige entre documentos, y la última respuesta no dejaba elección.",
    ),
    "turn gone": ("Turn {numbers} is forgotten: {why}.", "Se olvida el turno {numbers}: {why}."),
    "turns gone": (
        "Turns {numbers} are forgotten: {why}.",
        "Se olvidan los turnos {numbers}: {why}.",
    ),
    "full": (
        "the history is full, the oldest goes first",
        "no caben más, y el más antiguo se va primero",
    ),
    "changed": (
        "a document in it has changed or is no longer in the index",
        "un documento suyo ha cambiado o ya no está en el índice",
    ),
}

HELP: Mapping[str, tuple[str, str]] = {
    "/sources": (
        "the quotes of the last answer, with file, page and digest",
        "las citas de la última respuesta, con archivo, página y huella",
    ),
    "/why": (
        "why the last question was answered as it was",
        "por qué se respondió así a la última pregunta",
    ),
    "/asis [off]": (
        "ask as typed: follow-ups are not rewritten any more; off: they are again",
        "preguntar tal cual, sin completar las preguntas; off: se completan de nuevo",
    ),
    "/forget [N]": (
        "forget everything said so far, or turn N",
        "olvidar todo lo dicho hasta ahora, o el turno N",
    ),
    "/save FILE.jsonl": (
        "write what is remembered to a new file, and from now on every turn",
        "escribir lo que se recuerda en un archivo nuevo, y desde ahora cada turno",
    ),
    "/help": ("this list", "esta lista"),
    "/quit": (
        "end, as Ctrl-D does; Ctrl-C stops an answer, twice it ends",
        "terminar, como Ctrl-D; Ctrl-C detiene una respuesta, dos veces termina",
    ),
}
"""The commands, and what each does."""


def told(key: str, language: str, **named: object) -> str:
    """One of the sentences above. language: "es", any other is English."""
    return _TEXTS[key][language == "es"].format(**named)


def help_lines(language: str) -> list[str]:
    """The commands, one a line."""
    return [f"  {name:<18}{about[language == 'es']}" for name, about in HELP.items()]
