"""Runs chat templates, which are programs of strangers, in a process of its own within limits.

    python -m ragkit.llm.template_process      the job on standard input, the frames on standard output, as JSON

A sandbox keeps a template from Python's insides, but not from taking all time and memory: doubling a
text sixty times is plain template language. So the kernel limits both, and the process has no network
and writes no file. It is never given a message, only the roles; what it returns is text that is checked.
Owner of jinja2.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ragkit
from ragkit.files import scratch_file
from ragkit.isolation import seal

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

Shape = tuple[str, ...]
"""The roles of the messages, in order."""

LONGEST_FRAME = 100_000
_LONGEST_RANGE = 1_000
_CPU_SECONDS = 2
_SECONDS = 20.0
_MEMORY = 512 * 1024 * 1024
_LARGEST_ANSWER = 4 * 1024 * 1024
_GLOBALS = ("dict", "namespace", "range")
"""What templates may call; jinja2 also has lipsum, cycler and joiner, which no chat template needs."""


class TemplateFault(Exception):
    """The model's template cannot be used; the message says why. Caught where the fallback is chosen."""


def run_template(
    source: str, specials: dict[str, str], shapes: Sequence[Shape]
) -> list[str | TemplateFault]:
    """For each shape the rendered text with a placeholder for each message, or why there is none."""
    job = {"source": source, "specials": specials, "shapes": [list(shape) for shape in shapes]}
    answer = _in_child(json.dumps(job).encode("ascii"))
    if not isinstance(answer, list) or len(answer) != len(shapes):
        fault = TemplateFault("it takes too much time or memory")
        return [fault for _ in shapes]
    return [_frame_or_fault(one) for one in answer]


def _frame_or_fault(answer: Any) -> str | TemplateFault:
    frame = answer.get("frame") if isinstance(answer, dict) else None
    if isinstance(frame, str) and len(frame) <= LONGEST_FRAME:
        return frame
    reason = answer.get("fault") if isinstance(answer, dict) else None
    return TemplateFault(str(reason)[:200])


def _in_child(job: bytes) -> Any:
    """What the child wrote; None if it was killed, or wrote what is no JSON."""
    root = str(Path(ragkit.__path__[0]).parent)
    with scratch_file("template") as given, scratch_file("frames") as answer:
        given.write(job)
        given.seek(0)
        try:
            subprocess.run(
                [sys.executable, "-P", "-W", "ignore", "-m", "ragkit.llm.template_process"],
                stdin=given,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PATH": os.defpath, "PYTHONUTF8": "1", "PYTHONPATH": root},
                timeout=_SECONDS,
                check=True,
            )
            answer.seek(0)
            return json.loads(answer.read(_LARGEST_ANSWER))
        except (subprocess.SubprocessError, ValueError, RecursionError):
            return None


def main() -> None:
    """Limits first, then the template."""
    for limit, value in (
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, _LARGEST_ANSWER),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(limit, (value, value))
    seal(accept_weak=True, write=())  # where it is possible; the parent has shut itself in already
    job = json.load(sys.stdin)
    answers = [_rendered(job["source"], job["specials"], shape) for shape in job["shapes"]]
    sys.stdout.write(json.dumps(answers))


def _rendered(source: str, specials: dict[str, str], shape: Sequence[str]) -> dict[str, str]:
    messages = [
        {"role": role, "content": f"\ue000{place}\ue001"} for place, role in enumerate(shape)
    ]
    variables = {"add_generation_prompt": True, "enable_thinking": False, **specials}
    try:
        frame = ""
        for part in _sandbox().from_string(source).generate(messages=messages, **variables):
            frame += part
            if len(frame) > LONGEST_FRAME:
                raise TemplateFault("it writes too much")
    except MemoryError:
        return {"fault": "it takes too much time or memory"}
    except TemplateFault as fault:
        return {"fault": str(fault)}
    except Exception as fault:  # noqa: BLE001 (whatever a stranger's program raises, it cannot be used)
        return {"fault": f"{type(fault).__name__}: {fault}"}
    return {"frame": frame}


def _sandbox() -> ImmutableSandboxedEnvironment:
    """A template language without imports, private attributes, changes to its inputs or long loops."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    for name in [name for name in environment.globals if name not in _GLOBALS]:
        del environment.globals[name]
    environment.globals["range"] = _short_range
    environment.globals["raise_exception"] = _refuse
    return environment


def _short_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > _LONGEST_RANGE:
        raise TemplateFault("it loops too long")
    return numbers


def _refuse(reason: str) -> str:
    raise TemplateFault(str(reason))


if __name__ == "__main__":
    main()
