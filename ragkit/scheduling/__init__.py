"""Having the machine run `ragkit nightly` every night: a systemd timer, or the user's crontab."""

from ragkit.scheduling.job import Job
from ragkit.scheduling.plan import Plan, carry_out
from ragkit.scheduling.planning import plan_install, plan_remove

__all__ = ["Job", "Plan", "carry_out", "plan_install", "plan_remove"]
