"""The program tesseract: whether it is here, which languages it has, how it is called.

Asked of the installed program itself, once for each pool of workers (some 50 ms).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = "tesseract"
_ORIENTATION = "osd"
"""The data by which it tells how a page lies."""
_VERSION = re.compile(r"tesseract v?(\d[\w.-]*)")
_ANSWER_SECONDS = 20.0
SWITCHED_OFF = "needs OCR, which is switched off (parsing.ocr in pipelines.yaml)"


@dataclass(frozen=True, slots=True)
class OcrSettings:
    """What is wanted. languages: tesseract's codes, the likeliest first. seconds: for one page."""

    enabled: bool = True
    languages: tuple[str, ...] = ("eng", "spa")
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class OcrEngine:
    """How pages are recognised on this machine. Plain values: it travels as JSON.

    absent: why they are not, with the command that mends it, to be put after "no text layer: ";
    the rest is then empty. lacking: languages that are wanted and not installed.
    """

    program: str = ""
    version: str = ""
    languages: tuple[str, ...] = ()
    segmentation: int = 3
    seconds: float = 120.0
    absent: str = ""
    lacking: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What the recognised text depends on, e.g. "tesseract 5.3.0 eng+spa psm1"; "" without OCR."""
        if self.absent:
            return ""
        return f"tesseract {self.version} {'+'.join(self.languages)} psm{self.segmentation}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know, a sentence each."""
        if self.absent or not self.lacking:
            return ()
        return (f"Tesseract lacks {_spoken(self.lacking)}: {_install(self.lacking)}",)

    def command(self, dpi: int) -> list[str]:
        """Reads an image from standard input, writes its words as tab-separated values."""
        languages = "+".join(self.languages)
        options = ["-l", languages, "--psm", str(self.segmentation), "--dpi", str(dpi)]
        return [self.program, "stdin", "stdout", *options, "tsv"]


def find_engine(settings: OcrSettings) -> OcrEngine:
    """The engine that those settings give here; one with `absent` set where there is none."""
    if not settings.enabled:
        return OcrEngine(absent=SWITCHED_OFF)
    program = shutil.which(_PROGRAM)
    version = _VERSION.search(_ask(program, "--version")) if program else None
    if program is None or version is None:
        packages = [f"{_PROGRAM}-ocr", *_packages(settings.languages)]
        return OcrEngine(absent=f"needs OCR (sudo apt install {' '.join(packages)})")
    installed = set(_ask(program, "--list-langs").split())
    usable = tuple(code for code in settings.languages if code in installed)
    lacking = tuple(code for code in settings.languages if code not in installed)
    if not usable:
        return OcrEngine(absent=f"needs OCR with {_spoken(lacking)} ({_install(lacking)})")
    return OcrEngine(
        program=installed_program(),
        version=version[1],
        languages=usable,
        segmentation=1 if _ORIENTATION in installed else 3,
        seconds=settings.seconds,
        lacking=(*lacking, *(() if _ORIENTATION in installed else (_ORIENTATION,))),
    )


def installed_program() -> str:
    """Its absolute path, without running it; an empty string where there is none."""
    program = shutil.which(_PROGRAM)
    return str(Path(program).absolute()) if program else ""


def _ask(program: str, question: str) -> str:
    """What it answers; an empty string where it does not run."""
    try:
        done = subprocess.run(
            [program, question],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _install(languages: Iterable[str]) -> str:
    return f"sudo apt install {' '.join(_packages(languages))}"


def _packages(languages: Iterable[str]) -> list[str]:
    # English and the telling of orientation come with the program.
    return [f"{_PROGRAM}-ocr-{code.replace('_', '-')}" for code in languages if code != "eng"]


def _spoken(languages: tuple[str, ...]) -> str:
    return f"the language{'s' if len(languages) > 1 else ''} {', '.join(languages)}"
