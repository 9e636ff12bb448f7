"""The client and its process: results, errors, callbacks, interrupts, deaths. The other end is a fake."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ragkit.errors import (
    ConfigFault,
    Fault,
    Interrupted,
    ProcessLost,
    RagkitError,
    UnreadableDocument,
    UsageFault,
)
from ragkit.remote import worker
from ragkit.remote.client import Workspace
from ragkit.types import SearchResult, Step
from tests.remote.conftest import Marks
from tests.remote.fakes import framed

ROOT = Path(__file__).parents[2]


def test_arguments_and_results_keep_their_types(fake: Workspace) -> None:
    assert fake.search("p", "how?", k=3) == SearchResult("how?", (), 3.0)
    assert fake.search("p", "odd \udcff \ud800 \x1b") == SearchResult(
        "odd \udcff \ud800 \x1b", (), 8.0
    )
    assert fake.pipelines == ("p",)
    assert fake.config.pipelines.keys() == {"p"}


def test_arguments_of_a_wrong_type_do_not_leave_the_caller(fake: Workspace) -> None:
    with pytest.raises(TypeError, match=r"search\(\): `k` must be int"):
        fake.search("p", "how?", k="many")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="missing a required argument"):
        fake.search("p")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword"):
        fake.search("p", "how?", whatever=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="`documents` must be"):
        fake.summarize("p", "a.txt")
    assert fake.search("p", "still") == SearchResult("still", (), 8.0)


def test_errors_arrive_as_what_they_are(fake: Workspace) -> None:
    with pytest.raises(ConfigFault) as caught:
        fake.search("p", "faults")
    assert caught.value.faults == (Fault("a.b", 3, "odd"),) * 2
    assert (caught.value.message, caught.value.hint) == ("Two faults.", "Mend it.")
    with pytest.raises(UnreadableDocument) as unreadable:
        fake.search("p", "unreadable")
    assert (unreadable.value.kind, unreadable.value.hint) == ("encrypted", "x")


def test_a_bug_is_told_without_words_of_a_document(fake: Workspace) -> None:
    with pytest.raises(RagkitError, match="unexpected ZeroDivisionError") as caught:
        fake.search("p", "bug")
    assert "words" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_what_the_process_prints_reaches_nobody(
    fake: Workspace, capfd: pytest.CaptureFixture[str]
) -> None:
    fake.search("p", "noise")
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ProcessLost, match="exit code 7") as caught:
        fake.search("p", "last_words")
    assert "words" not in str(caught.value)


def test_callbacks_are_called_in_the_callers_thread_and_their_faults_end_the_work(
    fake: Workspace, marks: Marks
) -> None:
    seen: list[tuple[int, Step]] = []

    def on_step(step: Step) -> None:
        seen.append((threading.get_ident(), step))
        if step.done == 3:
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        fake.ingest("p", on_step=on_step)
    assert {thread for thread, _ in seen} == {threading.get_ident()}
    assert [step for _, step in seen] == [Step("reading", done, 0) for done in range(4)]
    assert "interrupted" in marks("interrupted")
    assert fake.search("p", "again").question == "again"


@pytest.mark.parametrize("deaf", [{"retry": True}, {"rebuild": True}], ids=["silent", "talking"])
def test_work_that_does_not_end_after_a_callbacks_fault_is_killed(
    fake: Workspace, monkeypatch: pytest.MonkeyPatch, deaf: dict[str, bool]
) -> None:
    """It would end by itself after some seconds, and then be the same process."""

    def on_step(step: Step) -> None:
        raise LookupError("enough")

    monkeypatch.setattr(worker, "_SECONDS_TO_STOP", 0.3)
    before = process_that_reads(fake)
    with pytest.raises(LookupError, match="enough"):
        fake.ingest("p", on_step=on_step, **deaf)
    assert not Path(f"/proc/{before}").exists()
    assert fake.search("p", "pid").question != before


def process_that_reads(fake: Workspace) -> str:
    """Of an ingest, and of what comes after it."""

    def on_step(step: Step) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        fake.ingest("p", on_step=on_step)
    return fake.search("p", "pid").question


def test_a_callback_cannot_ask_again(fake: Workspace) -> None:
    def on_step(step: Step) -> None:
        fake.search("p", "meanwhile")

    with pytest.raises(UsageFault, match="around this callback"):
        fake.ingest("p", on_step=on_step)


def test_another_thread_is_told_and_may_ask_later(fake: Workspace, marks: Marks) -> None:
    caught: list[BaseException] = []

    def slow() -> None:
        try:
            fake.search("p", "slow")
        except BaseException as error:  # noqa: BLE001
            caught.append(error)

    thread = threading.Thread(target=slow)
    thread.start()
    process = int(marks("slow")[0].split()[1])
    with pytest.raises(UsageFault, match="in another thread"):
        fake.search("p", "now")
    os.kill(process, signal.SIGKILL)
    thread.join()
    assert isinstance(caught[0], ProcessLost)
    assert fake.search("p", "now").question == "now"


def ctrl_c_when(marks: Marks, word: str, times: int = 1) -> threading.Thread:
    """Ctrl-C in this process, as soon as the other end has noted that word."""

    def press() -> None:
        marks(word)
        for _ in range(times):
            time.sleep(0.3)
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


def test_ctrl_c_interrupts_the_work_and_the_same_process_goes_on(
    fake: Workspace, marks: Marks
) -> None:
    before = fake.search("p", "pid").question
    pressing = ctrl_c_when(marks, "slow")
    with pytest.raises(KeyboardInterrupt):
        fake.search("p", "slow")
    pressing.join()
    assert "woken" in marks("woken")
    assert fake.search("p", "pid").question == before


def test_ctrl_c_says_what_the_work_says_when_it_is_interrupted(fake: Workspace) -> None:
    def on_step(step: Step) -> None:
        if step.done == 5:
            raise KeyboardInterrupt  # as it arrives while the callback runs

    with pytest.raises(Interrupted, match="it is kept"):
        fake.ingest("p", on_step=on_step)


def test_a_second_ctrl_c_kills_and_the_next_call_starts_anew(fake: Workspace, marks: Marks) -> None:
    before = fake.search("p", "pid").question
    pressing = ctrl_c_when(marks, "stubborn", times=2)
    with pytest.raises(KeyboardInterrupt):
        fake.search("p", "stubborn")
    pressing.join()
    assert not Path(f"/proc/{before}").exists()
    assert fake.search("p", "pid").question != before


def test_a_killed_process_is_told_and_the_next_call_starts_anew(fake: Workspace) -> None:
    with pytest.raises(ProcessLost, match=r"killed by signal 9 \(SIGKILL\)") as caught:
        fake.search("p", "killed")
    assert "Call it again" in caught.value.hint
    assert fake.search("p", "again").question == "again"


def test_only_what_reads_documents_has_a_process_made_ready_for_it(fake: Workspace) -> None:
    """Getting ready starts other programs (OCR); a question does without. The first ingest replaces it."""

    def enough(step: Step) -> None:
        raise LookupError

    first = fake.search("p", "pid").question
    processes = [first]
    for _ in range(2):
        with pytest.raises(LookupError):
            fake.ingest("p", on_step=enough)
        processes.append(fake.search("p", "pid").question)
    assert processes[1] == processes[2] != first


def test_close_ends_the_process(fake: Workspace, marks: Marks) -> None:
    process = fake.search("p", "pid").question
    fake.close()
    assert "closed" in marks("closed")
    assert not Path(f"/proc/{process}").exists()


def test_a_closed_workspace_starts_no_process(fake: Workspace) -> None:
    fake.close()
    fake.close()
    with pytest.raises(UsageFault, match="is closed") as caught:
        fake.search("p", "again")
    assert "Open a new Workspace" in caught.value.hint
    with pytest.raises(UsageFault, match="is closed"), fake:
        raise AssertionError("it was entered")
    with pytest.raises(UsageFault, match="is closed"):
        _ = fake.pipelines
    assert fake._worker.process == 0
    assert fake.isolation.level in "ABCD"


def test_its_representation_tells_the_file_and_the_process(fake: Workspace) -> None:
    process = fake.search("p", "pid").question
    level = fake.isolation.level
    of = f"<ragkit.Workspace of {fake.config.path}: "
    assert repr(fake) == f"{of}process {process} runs, isolation {level}>"
    with pytest.raises(ProcessLost):
        fake.search("p", "killed")
    assert repr(fake) == f"{of}no process runs, the next call starts one>"
    fake.close()
    assert repr(fake) == f"{of}closed>"


def test_a_workspace_that_is_forgotten_ends_its_process(fake: Workspace) -> None:
    other = Workspace(fake.config.path)
    process = other.search("p", "pid").question
    del other
    assert not Path(f"/proc/{process}").exists()


def test_a_process_that_cannot_start_says_why(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MODULE", "ragkit.no_such_module")
    with pytest.raises(ProcessLost, match=r"exit code 1.*No module named ragkit\.no_such_module"):
        Workspace(config)


def test_a_forked_caller_is_told(fake: Workspace) -> None:
    process = os.fork()
    if process == 0:
        told = False
        try:
            fake.search("p", "x")
        except UsageFault as error:
            told = "forked" in error.message
        fake.close()  # must not end the parent's process
        os._exit(0 if told else 1)
    assert os.waitpid(process, 0)[1] == 0
    assert fake.search("p", "still here").question == "still here"


CALLER = """
import sys, threading, os
from ragkit.remote import worker
worker.MODULE = "tests.remote.fakes"
from ragkit import Workspace
w = Workspace(sys.argv[1])
if sys.argv[2] == "work":
    threading.Thread(target=lambda: w.search("p", "slow"), daemon=True).start()
    while "slow" not in open(os.environ["RAGKIT_TEST_MARKS"]).read(): pass
print(w._worker._running._process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("doing", ["work", "nothing"])
def test_no_process_outlives_a_killed_caller(config: Path, marks: Marks, doing: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALLER, str(config), doing],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert "closed" in marks("closed")
    for _ in range(100):
        if not Path(f"/proc/{int(done.stdout)}").exists():
            return
        time.sleep(0.05)
    raise AssertionError("an orphan is left")


PASSAGE = {"is": "Passage", "fields": {}}
HOSTILE = {
    "not JSON": "raw:\x00\x00\x00\x03xyz",
    "too long": "raw:\xff\xff\xff\xff",
    "not an object": framed([]),
    "no result": framed({}),
    "another type": framed({"result": {"is": "Answer", "fields": {}}, "attempts": []}),
    "a field too few": framed({"result": {"is": "SearchResult", "fields": {"question": "x"}}}),
    "a module's name": framed({"result": {"is": "os.system", "fields": {"command": "id"}}}),
    "passages of a wrong type": framed(
        {
            "result": {
                "is": "SearchResult",
                "fields": {"question": "x", "passages": [PASSAGE], "seconds": 1.0},
            },
            "attempts": [],
        }
    ),
    "deep": framed({"result": json.loads("[" * 90 + "]" * 90), "attempts": []}),
    "very deep": "raw:" + (100_001 * 2).to_bytes(4, "big").decode("latin-1") + "[" * 200_002,
    "an error of no known class": framed(
        {"error": {"is": "SystemExit", "message": "x", "details": {}}}
    ),
    "a function of errors.py": framed(
        {"error": {"is": "explained", "message": "x", "details": {}}}
    ),
    "an error with more": framed(
        {"error": {"is": "Busy", "message": "x", "details": {"hint": "", "__class__": "x"}}}
    ),
    "an event nobody wants": framed({"event": "on_step", "value": None}),
}


@pytest.mark.parametrize("question", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_the_process_sends_is_believed_only_in_its_form(
    hostile: Workspace, question: str
) -> None:
    with pytest.raises(ProcessLost):
        hostile.search("p", question)
