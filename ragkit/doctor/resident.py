"""`python -m ragkit.doctor.resident SETTINGS PIPELINE SECONDS`: a program that stays open.

It does what a session of questions does, says "idle", keeps everything open for so many seconds and
ends: libraries that report in the background, or when the process exits, do it then.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import ragkit
from ragkit.doctor.corpus import QUESTION

IDLE = "idle"


def main(settings: str, pipeline: str, seconds: str) -> None:
    """Raises what the workspace raises."""
    ragkit.seal()
    from ragkit.workspace import Workspace

    with Workspace(Path(settings)) as workspace:
        workspace.search(pipeline, QUESTION)
        workspace.ask(pipeline, QUESTION, style="quote")
        sys.stdout.write(f"{IDLE}\n")
        sys.stdout.flush()
        time.sleep(float(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
