"""Killing one ingest, and looking at what it left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter

from tests.crash.scene import AskingReader, Scene, start
from tests.flows.corpus import published_state

CALLED_ONCE = (
    "vectors are kept",
    *("the run is noted", "the state is published", "orphans are erased", "the log is emptied"),
    *("the vector index is put in place", "readers are told of the index"),
    *("the old index is removed", "the run has ended"),
)


def settle(
    scene: Scene, process: subprocess.Popen[bytes], reader: AskingReader, *, rebuilt: bool
) -> str:
    """Check what a killed ingest left, and that the next one ends well. Returns which state it left.

    rebuilt: it was a rebuild, which the next, plain ingest does not go on with.
    """
    told, _ = process.communicate(timeout=60)
    acknowledged = set(told.decode().split())
    state = published_state(scene.store)
    assert state in (scene.old, scene.new), what_differs(state, scene.new)
    assert acknowledged <= scene.kept(), "a document that was kept is lost"
    again = start(scene.folder)
    told, _ = again.communicate(timeout=120)
    assert again.returncode == 0
    if not rebuilt:
        again_kept = acknowledged & set(told.decode().split())
        assert not again_kept, "a document that was kept is read again"
    assert published_state(scene.store) == scene.new
    assert reader.faults == []
    return "new" if state == scene.new else "old"


def what_differs(state: dict[str, object], other: dict[str, object]) -> list[str]:
    """Paths of the documents that are not the same in both."""
    mine, theirs = state["documents"], other["documents"]
    assert isinstance(mine, dict)
    assert isinstance(theirs, dict)
    return sorted(
        path for path in mine.keys() | theirs.keys() if mine.get(path) != theirs.get(path)
    )


def kill_at_random(scene: Scene, seed: int, fates: Counter[str]) -> None:
    chance = random.Random(seed)
    scene.restore_old_store()
    with AskingReader(scene) as reader:
        rebuild = chance.random() < 0.25
        process = start(scene.folder, *(["--rebuild"] if rebuild else []))
        time.sleep(chance.uniform(0.15, 1.0) * scene.seconds)
        if process.poll() is not None:
            fates["too late"] += 1
        elif chance.random() < 0.5:
            process.send_signal(signal.SIGKILL)
        else:
            os.killpg(process.pid, signal.SIGKILL)  # with its parsers and the index's builder
        fates[settle(scene, process, reader, rebuilt=rebuild)] += 1
    assert reader.answers > 0


def kill_at_step(scene: Scene, step: str, number: int, *, rebuild: bool) -> None:
    scene.restore_old_store()
    moment = ("before", "after")[number % 2]
    count = 1 if step in CALLED_ONCE else 1 + number // 2 % 2
    with AskingReader(scene) as reader:
        options = ["--rebuild"] if rebuild else []
        process = start(scene.folder, *options, "--die", step, moment, str(count))
        process.wait(60)
        assert process.returncode == -signal.SIGKILL, "the step was not reached"
        settle(scene, process, reader, rebuilt=rebuild)
