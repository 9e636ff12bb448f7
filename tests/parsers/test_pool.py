"""Worker processes: outcomes for every request, whatever a document does to its reader."""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from ragkit import isolation
from ragkit.cli.door import Door, guarded
from ragkit.errors import IsolationFault
from ragkit.parsers import pool as pool_module
from ragkit.parsers import reading_child, registry, wire, worker
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.ocr import Ocr
from ragkit.parsers.ocr_line import OcrDesk
from ragkit.parsers.pool import WorkerPool
from ragkit.parsers.tesseract import OcrEngine
from ragkit.protocols import ParseOutcome, ParseRequest
from ragkit.settings import ParsingSettings
from tests.parsers import archives, samples

attempts_module = sys.modules["ragkit.isolation.attempts"]  # its name is also a function's
UNKNOWN = "an unknown place in the reader of a document"


def request(path: Path) -> ParseRequest:
    return ParseRequest(path.name, path, path.suffix.lower())


def parse(pool: WorkerPool, *paths: Path) -> dict[str, ParseOutcome]:
    return {outcome.key: outcome for outcome in pool.parse_all(map(request, paths))}


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(workers=2) as workers:
        yield workers


def test_outcomes(pool: WorkerPool, tmp_path: Path) -> None:
    text, pdf, gone = tmp_path / "ñ a.txt", tmp_path / "b.pdf", tmp_path / "gone.txt"
    text.write_bytes("uno\r\ndós\n".encode())
    pdf.write_bytes(samples.pdf(["page one", ""]))
    fifo = tmp_path / "fifo.txt"
    os.mkfifo(fifo)
    outcomes = parse(pool, text, pdf, gone, fifo)
    assert len(outcomes) == 4
    found = outcomes[text.name]
    assert found.document is not None
    assert found.document.text == "uno\r\ndós\n"
    assert found.sha256 == hashlib.sha256(text.read_bytes()).hexdigest()
    assert found.parser == pool.fingerprint(".txt")
    read = outcomes["b.pdf"].document
    assert read is not None
    assert [unread.number for unread in read.unread_pages] == [2]
    assert (outcomes["gone.txt"].kind, outcomes["gone.txt"].sha256) == ("gone", "")
    assert outcomes["fifo.txt"].reason == "It is not a regular file."


def test_requests_are_taken_as_workers_become_free(pool: WorkerPool, tmp_path: Path) -> None:
    taken: list[str] = []

    def requests() -> Iterator[ParseRequest]:
        for number in range(5):
            path = tmp_path / f"{number}.txt"
            path.write_text("words")
            taken.append(path.name)
            yield request(path)

    outcomes = pool.parse_all(requests())
    next(outcomes)
    assert len(taken) <= 3
    assert len(list(outcomes)) == 4


def test_a_document_that_needs_too_much_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_bytes(b"words and words\n" * 4_000_000)
    with WorkerPool(ParseLimits(memory_bytes=150_000_000), workers=1) as workers:
        outcome = parse(workers, path)[path.name]
    assert (outcome.kind, outcome.document) == ("memory", None)
    assert outcome.reason == (
        "It needs more than 150 MB of memory to be read: "
        "raise parsing.memory_mb in pipelines.yaml to read it."
    )


def test_a_document_that_takes_too_long(tmp_path: Path) -> None:
    path, after = tmp_path / "slow.html", tmp_path / "after.txt"
    path.write_text("<html><body>" + "<p>words</p>" * 100_000)
    after.write_text("words")
    with WorkerPool(ParseLimits(wall_seconds=0.2), workers=1) as workers:
        outcomes = parse(workers, path, after)
    assert outcomes["slow.html"].kind == "timeout"
    assert outcomes["slow.html"].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert outcomes["after.txt"].document is not None


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(3)]
    for path in paths:
        path.write_text("words")
    with WorkerPool(workers=1) as workers:
        outcomes = workers.parse_all(map(request, paths))
        next(outcomes)
        process = workers._workers[0]._process
        assert process is not None
        process.kill()
        process.wait()
        assert [outcome.document is not None for outcome in outcomes] == [True, True]


def test_a_worker_that_dies_while_busy(tmp_path: Path) -> None:
    path = tmp_path / "slow.html"
    path.write_text("<html><body>" + "<p>words</p>" * 200_000)
    with WorkerPool(workers=1) as workers:

        def requests() -> Iterator[ParseRequest]:
            yield request(path)

        def kill(*_: object) -> None:
            process = workers._workers[0]._process
            assert process is not None
            process.kill()

        signal.signal(signal.SIGALRM, kill)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        (outcome,) = workers.parse_all(requests())
    assert outcome.kind == "crash"


def test_a_worker_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_GRACE_SECONDS", 0.0)
    path = tmp_path / "a.txt"
    path.write_text("words")
    with WorkerPool(ParseLimits(wall_seconds=0.0), workers=1) as workers:
        outcome = parse(workers, path)[path.name]
    assert outcome.kind == "timeout"


def test_giving_up_half_way_stops_the_workers(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(4)]
    for path in paths:
        path.write_text("words")
    with WorkerPool(workers=2) as workers:
        outcomes = workers.parse_all(map(request, paths))
        next(outcomes)
        outcomes.close()  # type: ignore[attr-defined]
        assert not any(one.is_busy for one in workers._workers)
        assert len(parse(workers, *paths)) == 4


def _serve(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, act: Callable[[], None], limits: ParseLimits
) -> dict[str, object]:
    """The outcome of a worker whose reader does `act` in its child process."""

    def reader(data: bytes, name: str, limits: ParseLimits, ocr: Ocr, passwords: object) -> None:
        act()

    path = tmp_path / "a.txt"
    path.write_text("words")
    monkeypatch.setattr(registry, "in_process_parse", reader)
    desk = OcrDesk(OcrEngine(absent="needs OCR"), None, lambda page, pages: None)
    outcome: dict[str, object] = json.loads(
        worker._serve({"path": str(path), "suffix": ".txt", "passwords": []}, limits, desk)
    )
    assert outcome["sha256"] == hashlib.sha256(b"words").hexdigest()
    return outcome


def test_a_hanging_reader_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    began = time.monotonic()
    outcome = _serve(monkeypatch, tmp_path, lambda: time.sleep(600), ParseLimits(wall_seconds=0.3))
    assert outcome["kind"] == "timeout"
    assert outcome["reason"] == (
        "It could not be read within 0.3 s: raise parsing.seconds in pipelines.yaml to read it."
    )
    assert time.monotonic() - began < 30


def test_a_reader_that_computes_too_long_is_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def compute() -> None:
        while True:
            pass

    outcome = _serve(monkeypatch, tmp_path, compute, ParseLimits(cpu_seconds=1))
    assert outcome["kind"] == "timeout"
    assert outcome["reason"] == (
        "It could not be read within 1 s of processor time: "
        "raise parsing.cpu_seconds in pipelines.yaml to read it."
    )


def test_a_reader_that_writes_without_end_is_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    endless = b"x" * (4 << 20)
    monkeypatch.setattr(reading_child, "_parse", lambda *_: endless)
    outcome = _serve(monkeypatch, tmp_path, lambda: None, ParseLimits(characters=1000))
    assert outcome["kind"] == "too_large"
    assert outcome["reason"] == (
        "Its reader wrote more than 1,000 characters: "
        "raise parsing.text_mb in pipelines.yaml to read it."
    )


@pytest.mark.parametrize(
    ("limits", "setting"),
    [(ParseLimits(file_bytes=1000), "file_mb"), (ParseLimits(characters=1000), "text_mb")],
)
def test_a_file_over_a_limit_names_the_setting(
    tmp_path: Path, limits: ParseLimits, setting: str
) -> None:
    path = tmp_path / "long.txt"
    path.write_text("words " * 1000)
    with WorkerPool(limits, workers=1) as workers:
        outcome = parse(workers, path)[path.name]
    assert outcome.kind == "too_large"
    assert outcome.reason.endswith(f": raise parsing.{setting} in pipelines.yaml to read it.")


def test_a_pdf_that_claims_a_billion_pages_is_read_or_refused_at_once(
    pool: WorkerPool, tmp_path: Path
) -> None:
    path = tmp_path / "claims.pdf"
    path.write_bytes(re.sub(rb"/Count \d+", b"/Count 1000000000", samples.pdf(["One page."])))
    outcome = parse(pool, path)[path.name]
    assert outcome.seconds < 20
    assert outcome.kind not in ("crash", "timeout")


def test_limits_are_those_of_the_settings() -> None:
    assert ParseLimits.of(ParsingSettings()) == ParseLimits()
    asked = ParsingSettings(
        seconds=9, memory_mb=300, file_mb=7, text_mb=2, unpacked_mb=3, members=4
    )
    assert ParseLimits.of(asked) == ParseLimits(
        memory_bytes=300_000_000,
        wall_seconds=9,
        cpu_seconds=9,
        file_bytes=7_000_000,
        characters=2_000_000,
        archive_bytes=3_000_000,
        children=4,
    )
    assert ParseLimits.of(ParsingSettings(cpu_seconds=5)).cpu_seconds == 5


def test_passwords_go_through_the_pipe_and_stand_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "locked.zip"
    path.write_bytes(archives.aes({"a.txt": "Locked words."}, b"s3cret-pass"))
    asked = ParseRequest("locked", path, ".zip", ("s3cret-pass",))
    assert "s3cret" not in repr(asked)
    with WorkerPool(workers=1) as workers:
        (outcome,) = workers.parse_all(iter([asked]))
        process = workers._workers[0]._process
        assert process is not None
        proc = Path(f"/proc/{process.pid}")
        assert b"s3cret" not in (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
        # The next document is read without it.
        (other,) = workers.parse_all(iter([ParseRequest("again", path, ".zip")]))
    assert outcome.document is not None
    assert outcome.document.children[0].document is not None
    assert other.document is not None
    assert other.document.children[0].kind == "password"


def test_a_crashing_reader_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def crash() -> None:
        faulthandler.disable()
        os.kill(os.getpid(), signal.SIGSEGV)

    outcome = _serve(monkeypatch, tmp_path, crash, ParseLimits())
    assert outcome["kind"] == "crash"
    assert outcome["reason"] == "Its reader crashed on it (signal 11)."


def test_a_reader_can_write_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    target = tmp_path / "leak"
    outcome = _serve(
        monkeypatch, tmp_path, lambda: target.write_text("words") and None, ParseLimits()
    )
    assert outcome["kind"] == "crash"
    assert not target.exists()


def start_instead(monkeypatch: pytest.MonkeyPatch, script: Path) -> None:
    """Have pools start a script with a worker's arguments."""

    def start(module: str, arguments: list[str], pipes: tuple[int, ...]) -> Popen[bytes]:
        command = [sys.executable, script, module, *arguments]
        environment = {**os.environ, "PYTHONPATH": str(Path(worker.__file__).parents[2])}
        return Popen(command, stdin=PIPE, stdout=PIPE, bufsize=0, env=environment, pass_fds=pipes)

    monkeypatch.setattr(pool_module, "start_module", start)


UNCONFINED = """
import sys
from ragkit import isolation
from ragkit.errors import IsolationFault
from ragkit.isolation import profiles
from ragkit.parsers import worker

def refuse(*_, **__):
    raise IsolationFault("a reason", hint="a step")

if {sealed}:
    profiles._open_ways = lambda *_, **__: "a reason"
else:
    isolation.seal = refuse
sys.argv[1:] = sys.argv[2:]
worker.main()
"""


@pytest.mark.parametrize("sealed", [True, False], ids=["the reader", "the worker"])
def test_readers_that_cannot_be_shut_in_end_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sealed: bool
) -> None:
    """It is no document's fault, so none gets an outcome."""
    script, paths = tmp_path / "unconfined.py", [tmp_path / "a.txt", tmp_path / "b.txt"]
    script.write_text(UNCONFINED.format(sealed=sealed))
    for path in paths:
        path.write_text("words")
    start_instead(monkeypatch, script)
    with WorkerPool(workers=1) as workers, pytest.raises(IsolationFault, match="a reason"):
        parse(workers, *paths)
    if sealed:
        with WorkerPool(workers=1, accept_weak_isolation=True) as workers:
            assert all(each.document for each in parse(workers, *paths).values())


def test_a_document_cannot_end_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By saying what a worker says that cannot shut its readers in."""
    said = b'{"fault": "words", "hint": "", "reason": "r", "kind": "k"}'
    monkeypatch.setattr(reading_child, "_parse", lambda *_: said)
    outcome = _serve(monkeypatch, tmp_path, lambda: None, ParseLimits())
    with WorkerPool(workers=1) as workers:
        worker_there = workers._workers[0]
        worker_there._request = request(tmp_path / "a.txt")
        told = worker_there._understood(dict(outcome))
    assert isinstance(told, ParseOutcome)
    assert told.reason == "r"


CONNECTING = """
import socket, sys
from ragkit.parsers import registry, worker

def reader(data, name, limits, ocr, passwords):
    try:
        socket.create_connection(("192.0.2.1", 80))
    except OSError:
        return parse(data, name, limits, ocr, passwords)

parse, registry.in_process_parse = registry.in_process_parse, reader
sys.argv[1:] = sys.argv[2:]
worker.main()
"""


def test_a_reader_that_tries_to_connect_is_told_with_its_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script, path = tmp_path / "connecting.py", tmp_path / "a.txt"
    script.write_text(CONNECTING)
    path.write_text("words")

    start_instead(monkeypatch, script)
    monkeypatch.setattr(attempts_module, "_seen", {})
    with WorkerPool(workers=1) as workers:
        outcome = parse(workers, path)["a.txt"]
    assert outcome.document is not None
    assert outcome.document.text == "words"
    assert [str(one) for one in isolation.attempts()] == [f"socket from {script}:7"]
    door = Door(path, as_json=False, quiet=False, verbose=False)
    assert guarded(door, lambda door: 0) == 8


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        (None, []),
        ("words", []),
        ([["socket", "words of the document", 1, False]], ["socket from " + UNKNOWN]),
        ([["socket", "/etc/passwd:7", 1, False]], ["socket from " + UNKNOWN]),
        ([["socket", f"{wire.__file__}:1; words", 1, False]], ["socket from " + UNKNOWN]),
        (
            [["connect", f"{wire.__file__}:12", 3, False]],
            [f"connect from {wire.__file__}:12, 3 times"],
        ),
        ([["words", f"{wire.__file__}:1", 1, False], ["socket"], 7, ["socket", "x", "y", "z"]], []),
    ],
)
def test_what_a_hostile_reader_says_it_tried_is_checked(
    monkeypatch: pytest.MonkeyPatch, told: object, seen: list[str]
) -> None:
    monkeypatch.setattr(attempts_module, "_seen", {})
    isolation.report(told)
    assert [str(one) for one in isolation.attempts()] == seen


def test_a_frame_is_checked() -> None:
    plain = wire.document_to_plain(
        registry.in_process_parse(samples.word(), "a.docx")  # headings, one page
    )
    assert wire.document_from_plain(plain).title == "Services Agreement"
    for key, value in (
        ("pages", [[None, 1, "x", "file", None]]),
        ("pages", [[None, 0, 7, "file", None]]),
        ("pages", [[None, 0, "x", "ocr", 7.5]]),
        ("headings", [[0, 99_999, 1, "x"]]),
        ("children", [{}]),
        ("title", None),
    ):
        with pytest.raises(wire.BadFrame):
            wire.document_from_plain({**plain, key: value})


@pytest.mark.long
def test_a_pdf_of_1600_pages_is_read_within_the_default_limits(tmp_path: Path) -> None:
    body = "\n".join(
        f"Clause {number}: the supplier replaces pump {number} in June." for number in range(45)
    )
    path = tmp_path / "long.pdf"
    path.write_bytes(samples.pdf([f"Page {number}\n{body}" for number in range(1, 1601)]))
    limits = ParseLimits()
    with WorkerPool(limits, workers=1) as workers:
        document = parse(workers, path)["long.pdf"].document
    assert document is not None
    assert [page.number for page in document.pages] == list(range(1, 1601))
    assert limits.memory_bytes == ParseLimits.of(ParsingSettings()).memory_bytes
