"""A systemd service and its timer, of the user's own manager or of the system's."""

from __future__ import annotations

import os
import pwd
import re
from dataclasses import dataclass
from pathlib import Path

from ragkit.errors import UsageFault
from ragkit.scheduling.job import Job
from ragkit.scheduling.plan import DeleteFile, RunCommand, WriteFile
from ragkit.scheduling.tools import has_tool, run_tool

SYSTEM_FOLDER = Path("/etc/systemd/system")
UNSAFE = re.compile(r"[\"'\\]")
PLAIN = re.compile(r"[\w@,./:+-]+")
WRITTEN_BY = "# Written by `ragkit schedule install`; `ragkit schedule remove` deletes it.\n"

SERVICE = """\
{written_by}[Unit]
Description=ragkit nightly ({config})

[Service]
Type=oneshot
ExecStart={command}
WorkingDirectory=/
{own}\
# The report names documents: it stays in the store, out of the journal. Faults are logged.
StandardOutput=null
StandardError=journal
# Exit code 3, documents that newly could not be read, has to show as a failed unit in the morning:
# there is no SuccessExitStatus=3 on purpose. Known failures end with 0.
# Being stopped is like Ctrl-C: the main process ends its helpers and keeps what is done.
KillMode=mixed
UMask=0077
Nice=10
IOSchedulingClass=idle
# A second lock beside the one that ragkit puts on itself. PrivateNetwork= and what else needs a
# namespace is left out: ragkit makes its own, and a user's manager could not make it without a map
# of users that gets in the way. MemoryDenyWriteExecute= would stop the compiled embedder.
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX
SystemCallArchitectures=native
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
"""

TIMER = """\
{written_by}[Unit]
Description=ragkit nightly at {time} ({config})

[Timer]
OnCalendar=*-*-* {time}:00
# A night on which the machine was off is made up for at its next start.
Persistent=true
RandomizedDelaySec=2min

[Install]
WantedBy=timers.target
"""


@dataclass(frozen=True, slots=True)
class Manager:
    """The service manager that runs the job. user: whose it is; for the system's: who it runs as."""

    user: str
    system: bool = False

    @property
    def title(self) -> str:
        if self.system:
            return f"a systemd timer of the system, run as {self.user}"
        return f"a systemd timer of {self.user}"

    @property
    def folder(self) -> Path:
        if self.system:
            return SYSTEM_FOLDER
        home = os.environ.get("XDG_CONFIG_HOME")
        return (Path(home) if home else Path.home() / ".config") / "systemd" / "user"

    def systemctl(self, *words: str) -> RunCommand:
        return RunCommand(("systemctl", *(() if self.system else ("--user",)), *words))

    def answers(self) -> bool:
        """Whether there is such a manager here: systemctl alone says nothing, containers have it too."""
        words = self.systemctl("show-environment").words
        return has_tool("systemctl") and run_tool(words).code == 0

    def lingers(self) -> bool:
        """Whether the user's manager runs while the user is not logged in."""
        words = ("loginctl", "show-user", self.user, "--property=Linger")
        return has_tool("loginctl") and run_tool(words).output.strip() == "Linger=yes"

    def files(self, job: Job) -> tuple[WriteFile, WriteFile]:
        """Service and timer."""
        config = _specifiers(str(job.config))
        own = "".join(f"Environment={_quoted(f'{k}={v}')}\n" for k, v in job.environment)
        if self.system:
            # The kernel drops what the service would send; a user's manager may not ask for that.
            own += f"User={self.user}\nIPAddressDeny=any\n"
        service = SERVICE.format(
            written_by=WRITTEN_BY, config=config, command=command_line(job.command), own=own
        )
        timer = TIMER.format(written_by=WRITTEN_BY, config=config, time=job.time)
        return (
            WriteFile(self.folder / f"{job.name}.service", service),
            WriteFile(self.folder / f"{job.name}.timer", timer),
        )

    def install(self, job: Job) -> tuple[WriteFile | RunCommand, ...]:
        timer = f"{job.name}.timer"
        return (
            *self.files(job),
            self.systemctl("daemon-reload"),
            self.systemctl("enable", timer),
            self.systemctl("restart", timer),  # one that runs already takes the new time
        )

    def remove(self, job: Job) -> tuple[DeleteFile | RunCommand, ...]:
        """Nothing if nothing is installed."""
        files = [file.path for file in self.files(job)]
        link = self.folder / "timers.target.wants" / f"{job.name}.timer"
        present = [path for path in (link, *files) if path.is_symlink() or path.exists()]
        if not present:
            return ()
        deleted = tuple(DeleteFile(path) for path in present)
        if not self.answers():
            return deleted
        stop = self.systemctl("disable", "--now", f"{job.name}.timer")
        return (stop, *deleted, self.systemctl("daemon-reload"))


def this_user() -> str:
    """Who runs this."""
    return pwd.getpwuid(os.geteuid()).pw_name


def asking_user() -> str:
    """Who wants it: under sudo not root, but who called it."""
    return os.environ.get("SUDO_USER") or this_user()


def command_line(words: tuple[str, ...]) -> str:
    """Words as ExecStart= takes them.

    Percent signs begin specifiers everywhere; dollar signs begin variables, but not in the program.
    Raises UsageFault for a program that systemd starts under no way of writing it.
    """
    program, *arguments = words
    if UNSAFE.search(program):
        raise UsageFault(f"systemd cannot start {program}: its path holds a quote or a backslash.")
    return " ".join([_quoted(program), *(_quoted(word.replace("$", "$$")) for word in arguments)])


def _quoted(word: str) -> str:
    word = _specifiers(word)
    if PLAIN.fullmatch(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")
