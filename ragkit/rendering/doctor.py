"""What `ragkit doctor` found, and its proof, for the terminal; the words of the page are here, too."""

from __future__ import annotations

from collections.abc import Iterator

from ragkit.rendering.terminal import one_line
from ragkit.rendering.times import duration_between, local_time
from ragkit.types.doctor import Checkup, Finding, PhaseDone, Proof, Sent, Tried

MARKS = {"ok": "ok     ", "note": "note   ", "warning": "WARNING", "fault": "FAULT  "}
VERDICTS = {
    "proved": "Proved: nothing was sent",
    "not provable": "Not provable here",
    "violated": "Violated",
}
REPEAT = (
    ("Start a long command, in one terminal", "ragkit ingest PIPELINE --rebuild"),
    ("In another one, find its process", "PID=$(pgrep -f 'ragkit ingest' | head -1)"),
    (
        "The kernel's filter is over it (2), and it can gain no privilege (1)",
        "grep -E '^(Seccomp|NoNewPrivs):' /proc/$PID/status",
    ),
    (
        "At level A its network is another than yours: the two differ",
        "readlink /proc/$PID/ns/net /proc/self/ns/net",
    ),
    ("... and has one interface, lo, with no traffic", "cat /proc/$PID/net/dev"),
    (
        "... and neither an address nor a route",
        "cat /proc/$PID/net/fib_trie /proc/$PID/net/if_inet6",
    ),
    (
        "The same holds for each process it has started",
        "for P in $(pgrep -P $PID); do grep -E '^(Name|Seccomp):' /proc/$P/status; done",
    ),
    (
        "The digest of ragkit's source files",
        "cd \"$(python -c 'import ragkit; print(ragkit.__path__[0])')\" && find . -type f ! -name '*.pyc' "
        "| LC_ALL=C sort | xargs sha256sum | sha256sum",
    ),
    ("The whole proof", "ragkit doctor --prove-offline --output proof.html"),
)
"""What an auditor does, and the command."""

CALLS_AND_PACKETS = (
    "A socket that is made sends nothing, nor does one that is bound or connected to a local service "
    "(AF_UNIX) or, with UDP, to an address: only what is sent over it does, and no packet was."
)
REFUSED_UNCOUNTED = (
    "What the guard refuses never comes to be and is not among these calls: the kernel answers before "
    "the counter is told. How it answers each way out, the controls under the guard show."
)
STRONG_LEVELS = ("level A", "level B")
_SENDS_NOTHING = (
    "internet sockets",
    "local services (AF_UNIX)",
    "connections to internet addresses",
    "connections to local services",
)

NOT_PROVED = (
    "That root, or a program of root's, does not take data out: root can change anything.",
    "What other processes of the same user do: they may read the same files and have a network.",
    "That no other program copies the folders: a synchronised folder, a backup, a mounted network disk. "
    "ragkit doctor looks for signs of them.",
    "What the machine writes below ragkit: swap, hibernation, snapshots, a disk that is not encrypted.",
    "Hardware and firmware, and whoever runs the machine if it is a virtual one.",
    "Local services (AF_UNIX): a call to one sends no packet. Such calls are counted above, not followed; "
    "under the guard the kernel refuses them.",
    "Documents and models other than these: another one may bring other code to run. The guard holds for "
    "all of them.",
    "Any other version: it is a proof of the digests below, on this kernel, on this day.",
)


def show_checkup(checkup: Checkup) -> str:
    """One page: each area with its findings, then what is to be done."""
    lines: list[str] = []
    area = ""
    for finding in checkup.findings:
        if finding.area != area:
            area = finding.area
            lines += ["", area]
        lines += _finding(finding)
    return "\n".join([*lines[1:], "", _sum(checkup)])


def _finding(finding: Finding) -> Iterator[str]:
    yield f"  {MARKS[finding.state]}  {one_line(finding.name)}: {one_line(finding.text)}"
    if finding.mend:
        yield f"           -> {one_line(finding.mend)}"


def _sum(checkup: Checkup) -> str:
    counts = [(len(checkup.of(state)), state) for state in ("fault", "warning", "note")]
    told = ", ".join(f"{count} {state}{'' if count == 1 else 's'}" for count, state in counts)
    return f"{told}."


def show_verdict(proof: Proof, written: str) -> str:
    """Of a proof that was written elsewhere: the verdict, a line for each phase, and where the rest is."""
    lines = [*_verdict(proof), ""]
    lines += [f"{phase.name}: {packets_of(phase)}, {phase.seconds:.1f} s" for phase in proof.phases]
    lines += _listed("Sent", [one_line(in_words(sent)) for sent in proof.sent])
    lines += _listed("Notes", [one_line(note) for note in proof.notes])
    rest = "The calls, how to repeat it, what it does not prove, and all digests"
    return "\n".join([*lines, "", f"{rest}: {one_line(written)}"])


def _verdict(proof: Proof) -> Iterator[str]:
    yield f"{VERDICTS[proof.verdict]}. {one_line(proof.reason)}".rstrip()
    if proof.remedy:
        yield f"  -> {one_line(proof.remedy)}"
    took = duration_between(proof.started, proof.finished)
    yield f"  {local_time(proof.started)}, {took}; idle for {proof.idle_seconds:g} s"


def show_proof(proof: Proof) -> str:
    """The verdict, each phase with its figures, how to repeat it, what it does not prove."""
    lines = list(_verdict(proof))
    for phase in proof.phases:
        lines += ["", *_phase(phase)]
    lines += _listed("Sent", [one_line(in_words(sent)) for sent in proof.sent])
    lines += _listed("Notes", [one_line(note) for note in proof.notes])
    lines += _listed("Repeat it yourself", [f"{what}: {command}" for what, command in REPEAT])
    lines += _listed("What this does not prove", NOT_PROVED)
    return "\n".join([*lines, *_facts(proof)])


def _phase(phase: PhaseDone) -> Iterator[str]:
    yield f"{phase.name}: {packets_of(phase)}, {phase.seconds:.1f} s"
    if phase.level:
        yield f"  {one_line(phase.level)}"
    if phase.steps:
        yield f"  {steps_of(phase)}"
    for line in calls_of(phase):
        yield f"  {one_line(line)}"
    for tried in phase.tried:
        yield f"  {one_line(tried.way)}: {seen_of(tried)}"


def packets_of(phase: PhaseDone) -> str:
    return f"{phase.packets} packet{'' if phase.packets == 1 else 's'}"


def steps_of(phase: PhaseDone) -> str:
    """The commands that were run, each with how it ended."""
    ended = (f"{one_line(step.name)} ({step.seconds:.1f} s)" for step in phase.steps)
    return ", ".join(ended)


def calls_of(phase: PhaseDone) -> Iterator[str]:
    """What was asked of the kernel, by which command, by which library, and why that is no packet."""
    if phase.calls is None:
        yield "calls: not counted on this kernel"
        return
    yield f"calls: {_counted(phase.calls)}"
    for step in phase.steps:
        if step.calls is not None:
            yield f"calls of {step.name}: {_counted(step.calls)}"
    for caller, count in phase.callers.items():
        yield f"asked for in Python by {caller}: {count}"
    for service, count in phase.services.items():
        yield f"connections begun to the local service {service}: {count}"
    if not phase.packets and any(phase.calls.get(kind) for kind in _SENDS_NOTHING):
        yield CALLS_AND_PACKETS
    if phase.level.startswith(STRONG_LEVELS):
        yield REFUSED_UNCOUNTED
    if phase.tried:
        refused = sum(not tried.seen and bool(tried.answer) for tried in phase.tried)
        yield f"ways tried: {len(phase.tried)}, not let out: {refused}"


def _counted(calls: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in calls.items() if count) or "none"


def seen_of(tried: Tried) -> str:
    """What became of one way out."""
    answer = one_line(tried.answer)
    if tried.seen:
        return f"seen by the sensor{f' ({answer})' if answer else ''}"
    return f"not let out ({answer})" if answer else "NOT SEEN"


def in_words(sent: Sent) -> str:
    """Where packets went: "3 UDP packets to 192.0.2.1 port 53, in: idle and exit"."""
    port = f" port {sent.port}" if sent.port is not None else ""
    plural = "" if sent.packets == 1 else "s"
    return f"{sent.packets} {sent.protocol} packet{plural} to {sent.destination}{port}, in: {sent.phase}"


def _listed(title: str, lines: list[str] | tuple[str, ...]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _facts(proof: Proof) -> Iterator[str]:
    for section, values in proof.facts.items():
        yield ""
        yield section
        for name, value in values.items():
            yield f"  {one_line(name)}: {one_line(value)}"
