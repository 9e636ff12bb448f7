"""Who runs the job here: the user's systemd if it answers, else cron; a user's job is never left with both."""

from __future__ import annotations

import os
import pwd

from ragkit.errors import NotReady, UsageFault
from ragkit.scheduling import cron
from ragkit.scheduling.job import Job
from ragkit.scheduling.plan import Plan
from ragkit.scheduling.systemd import Manager, asking_user, this_user


def plan_install(job: Job, *, system: bool = False, user: str = "") -> Plan:
    """What has to be done so that the job runs every night.

    system: a unit of the system's manager, run as `user`; else one of the caller's own.
    Raises NotReady, with the line to put somewhere, where there is neither systemd nor cron.
    """
    if user and not system:
        raise UsageFault("--user says whom a unit of the system runs as.", hint="Add --system.")
    if system:
        manager = Manager(_existing(user or asking_user()), system=True)
        return Plan(manager.title, manager.install(job))
    manager = Manager(this_user())
    if manager.answers():
        return Plan(manager.title, (*manager.install(job), *cron.remove(job)), _notes(manager))
    if cron.is_at_hand():
        steps = (*manager.remove(job), *cron.install(job))
        return Plan(cron.TITLE, steps, (cron.CATCHES_UP,))
    raise NotReady(
        "There is neither a systemd manager of this user nor a crontab command here.",
        hint=f"Have something run these lines, written as for cron: {cron.lines_of(job)}",
    )


def plan_remove(job: Job, *, system: bool = False) -> Plan:
    """What has to be done so that nothing of the job is left; no steps if nothing is."""
    if system:
        manager = Manager(asking_user(), system=True)
        return Plan(manager.title, manager.remove(job))
    manager = Manager(this_user())
    return Plan(manager.title, (*manager.remove(job), *cron.remove(job)))


def _existing(user: str) -> str:
    try:
        return pwd.getpwnam(user).pw_name
    except KeyError:
        raise UsageFault(f"There is no user {user!r} on this machine.") from None


def require_root() -> None:
    """Raises NotReady for a user who may not write units of the system."""
    if os.geteuid() != 0:
        raise NotReady(
            "A unit of the system is root's to install and remove.",
            hint="Run it with sudo, or carry out by hand what `ragkit schedule show --system` prints.",
        )


def _notes(manager: Manager) -> tuple[str, ...]:
    if manager.lingers():
        return ()
    return (
        f"The timer runs only while {manager.user} is logged in, until lingering is on:"
        f" loginctl enable-linger {manager.user}",
    )
