"""Paths with spaces, percent signs, dollars, quotes and letters of any language, read back as the tools do."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from ragkit.errors import UsageFault
from ragkit.scheduling import cron
from ragkit.scheduling.job import Job
from ragkit.scheduling.systemd import Manager

FOLDERS = ("plain", "two words", "50% off", "año 2024 – señor", "$HOME", "it's", "a;b #c")
ONLY_ARGUMENTS = ('"quoted"', "back\\slash")
"""systemd starts no program of such a path, but passes it on."""


def job(folder: str, python: str = "/usr/bin/python3") -> Job:
    return Job.at("02:00", Path("/srv") / folder / "pipelines.yaml", Path(python))


def exec_start(service: str) -> list[str]:
    """ExecStart's words as systemd reads them: quotes, then specifiers, then variables."""
    (line,) = re.findall(r"^ExecStart=(.*)$", service, re.MULTILINE)
    words = [
        re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line)
    ]
    assert not any(re.search(r"(?<!%)%(?!%)(?:%%)*[^%]", word) for word in words)
    program, *arguments = [word.replace("%%", "%") for word in words]
    return [program, *(word.replace("$$", "$") for word in arguments)]


@pytest.mark.parametrize("folder", [*FOLDERS, *ONLY_ARGUMENTS])
def test_systemd_reads_the_same_words(folder: str) -> None:
    service, _ = Manager("ana").files(job(folder))
    assert exec_start(service.text) == list(job(folder).command)


@pytest.mark.parametrize("folder", FOLDERS)
def test_systemd_reads_the_same_program(folder: str) -> None:
    if "'" in folder:
        with pytest.raises(UsageFault, match="quote or a backslash"):
            Manager("ana").files(job("x", python=f"/opt/{folder}/python"))
        return
    odd = job("x", python=f"/opt/{folder}/bin/python")
    service, _ = Manager("ana").files(odd)
    assert exec_start(service.text) == list(odd.command)


@pytest.mark.parametrize("folder", [*FOLDERS, '"quoted"'])
def test_cron_and_its_shell_read_the_same_words(folder: str) -> None:
    """cron ends a command at a bare percent sign, and takes the backslash from an escaped one."""
    hourly, at_start = cron.lines_of(job(folder, python=f"/opt/{folder}/python")).split("\n")
    minute, *stars, command = hourly.split(" ", 5)
    assert [minute, *stars] == ["0", "*", "*", "*", "*"]
    assert at_start == f"@reboot {command}"
    assert not re.search(r"(?<!\\)%", command)
    words = shlex.split(command.replace("\\%", "%"))
    expected = job(folder, python=f"/opt/{folder}/python").command
    catching_up = ("--catch-up", "02:00")
    nice = ("nice", "-n", "10")
    assert words == ["cd", "/", "&&", *nice, *expected, *catching_up, ">", "/dev/null"]


def test_what_no_table_can_hold_is_refused() -> None:
    with pytest.raises(UsageFault, match="cannot be printed"):
        job("two\nlines")
    with pytest.raises(UsageFault, match="cannot be printed"):
        job("not utf-8 \udcff")
    with pytest.raises(UsageFault, match="backslash"):
        cron.lines_of(job("back\\slash"))


def test_names_tell_settings_files_apart() -> None:
    names = {job(folder).name for folder in FOLDERS}
    assert len(names) == len(FOLDERS)
    assert all(re.fullmatch(r"ragkit-[0-9a-f]{8}", name) for name in names)
    assert job("plain").name == job("plain").name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if "'" not in folder])
def test_systemd_accepts_the_units(tmp_path: Path, folder: str) -> None:
    """Its own check: every setting is known, and the program is found where the unit says."""
    python = tmp_path / folder / "python"
    python.parent.mkdir()
    python.symlink_to("/bin/true")
    files = Manager("root", system=True).files(job(folder, python=str(python)))
    for file in files:
        (tmp_path / file.path.name).write_text(file.text, encoding="utf-8")
    units = [str(tmp_path / file.path.name) for file in files]
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
