"""A reader that has been taken over by its document, and what it would try then. Run as a script.

Its argument is JSON: {"confined": whether the worker and its child are shut in, "folder": where the
targets lie, "port", "service": listeners, "sibling": a process, "terminal": a file}. The document is read
by the worker's own code, in a child that it sets up; only the reader of its format is another. It prints
JSON: the name of each try and "" if it worked, else the error.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib
import json
import mmap
import os
import platform
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from ragkit import isolation
from ragkit.errors import UnreadableDocument
from ragkit.isolation.profiles import ReaderProfile
from ragkit.parsers import registry, worker
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.ocr_line import OcrDesk
from ragkit.parsers.tesseract import OcrEngine

TARGET: dict[str, Any] = {}
LIBRARY = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
F_SETSIG = 10


def call(x86: int, arm: int, *arguments: Any) -> int:
    return made(LIBRARY.syscall(x86 if X86 else arm, *arguments))


def made(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def place(name: str) -> Path:
    return Path(TARGET["folder"]) / name


def read_a_key() -> None:
    assert place("home/.ssh/id_ed25519").read_text() == "a key"


def read_the_store() -> None:
    assert place("store/catalog.db").read_bytes() == b"other documents"


def read_its_neighbour() -> None:
    assert place("documents/neighbour.txt").read_text() == "another patient"


def read_the_documents_folder() -> None:
    assert "neighbour.txt" in os.listdir(place("documents"))  # noqa: PTH208 (what a reader would call)


def read_the_users() -> None:
    assert Path("/etc/passwd").read_text()


def read_the_parents_environment() -> None:
    assert Path(f"/proc/{os.getppid()}/environ").read_bytes()


def read_the_parents_memory() -> None:
    maps = Path(f"/proc/{os.getppid()}/maps").read_text()
    start = next(int(line.split("-")[0], 16) for line in maps.splitlines() if " rw-p " in line)
    with Path(f"/proc/{os.getppid()}/mem").open("rb", buffering=0) as memory:
        memory.seek(start)
        assert len(memory.read(16)) == 16


def read_the_parents_memory_by_call() -> None:
    buffer = ctypes.create_string_buffer(8)
    vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)  # the same address: it was forked
    call(310, 270, os.getppid(), vector, 1, vector, 1, 0)


def read_its_own_environment() -> None:
    assert Path("/proc/self/environ").read_bytes()


def write_a_new_file() -> None:
    place("documents/leak").open("w").close()


def write_an_old_file() -> None:
    place("documents/neighbour.txt").open("a").close()


def write_a_temporary_file() -> None:
    os.close(os.open(place("documents"), os.O_TMPFILE | os.O_RDWR, 0o600))


def write_to_shared_memory() -> None:
    name = f"/dev/shm/hostile-{os.getpid()}"
    os.close(os.open(name, os.O_CREAT | os.O_RDWR, 0o600))
    Path(name).unlink()


def make_a_folder() -> None:
    place("documents/made").mkdir()


def make_a_pipe() -> None:
    os.mkfifo(place("documents/pipe"))


def make_a_link() -> None:
    place("documents/link").symlink_to("/etc/passwd")


def make_a_second_name() -> None:
    place("documents/name").hardlink_to(place("documents/neighbour.txt"))


def reopen_the_document_for_writing() -> None:
    for descriptor in range(3, 64):
        try:
            is_document = stat.S_ISREG(os.fstat(descriptor).st_mode)
        except OSError:
            continue
        if is_document:
            os.close(os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR))
            return
    raise AssertionError("there is no document")


def reach_by_handle() -> None:
    handle = ctypes.create_string_buffer(b"\x80\0\0\0" + bytes(132))
    number = ctypes.c_int()
    call(
        303,
        264,
        -100,
        os.fsencode(place("documents/neighbour.txt")),
        handle,
        ctypes.byref(number),
        0,
    )


def delete_a_file() -> None:
    place("documents/delete").unlink()


def rename_a_file() -> None:
    place("documents/rename").rename(place("documents/renamed"))


def truncate_a_file() -> None:
    os.truncate(place("documents/truncate"), 0)


def change_permissions() -> None:
    place("home/.ssh/id_ed25519").chmod(0o666)


def change_the_owner() -> None:
    os.chown(place("documents/neighbour.txt"), os.getuid(), os.getgid())


def change_times() -> None:
    os.utime(place("documents/neighbour.txt"), (1, 1))


def change_attributes() -> None:
    os.setxattr(place("documents/neighbour.txt"), "user.note", b"words")


def descriptor_of_the_document() -> int:
    for descriptor in range(3, 64):
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return descriptor
        except OSError:
            continue
    raise AssertionError("there is no document")


def mark_the_document() -> None:
    """FS_IOC_SETFLAGS with the flags that it has: whoever may do that may set others."""
    flags = bytearray(8)
    descriptor = descriptor_of_the_document()
    fcntl.ioctl(descriptor, 0x80086601, flags)
    fcntl.ioctl(descriptor, 0x40086602, flags)


def lock_the_document() -> None:
    fcntl.flock(descriptor_of_the_document(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def hold_up_who_writes_the_document() -> None:
    """The open for writing waits as long as the lease is held."""
    fcntl.fcntl(descriptor_of_the_document(), fcntl.F_SETLEASE, fcntl.F_RDLCK)


def lock_a_part_of_the_document() -> None:
    fcntl.fcntl(descriptor_of_the_document(), 37, bytes(32))  # F_OFD_SETLK, F_RDLCK


def watch_files() -> None:
    os.close(made(LIBRARY.inotify_init1(0)))


def connect() -> None:
    socket.create_connection(("127.0.0.1", TARGET["port"])).close()


def connect_to_a_service() -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(TARGET["service"])


def make_a_pair_of_sockets() -> None:
    for end in socket.socketpair():
        end.close()


def fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def run_a_program() -> None:
    subprocess.run(["/bin/true"], check=True)


def become_a_program() -> None:
    """Reached only if it is refused or in a child: here the path is not there, so that it goes on."""
    try:
        os.execv("/bin/there-is-no-such-program", ["x"])
    except FileNotFoundError:
        return


def signal_its_parent() -> None:
    os.kill(os.getppid(), 0)


def signal_its_group() -> None:
    os.killpg(0, 0)


def signal_a_sibling() -> None:
    os.kill(TARGET["sibling"], 0)


def signal_through_a_descriptor() -> None:
    one, other = os.pipe()
    fcntl.fcntl(one, fcntl.F_SETOWN, TARGET["sibling"])
    fcntl.fcntl(one, F_SETSIG, signal.SIGKILL)
    os.close(one)
    os.close(other)


def hold_a_process() -> None:
    os.close(os.pidfd_open(TARGET["sibling"]))


def trace_a_sibling() -> None:
    call(101, 117, 16, TARGET["sibling"], 0, 0)  # PTRACE_ATTACH
    os.waitpid(TARGET["sibling"], 0)


def slow_a_sibling_down() -> None:
    os.setpriority(os.PRIO_PROCESS, TARGET["sibling"], 1)


def limit_a_sibling() -> None:
    resource.prlimit(TARGET["sibling"], resource.RLIMIT_CORE, (0, 0))


def outlive_its_worker() -> None:
    made(LIBRARY.prctl(1, 0, 0, 0, 0))


def share_memory() -> None:
    call(29, 194, 0, 4096, 0o1600)


def keep_a_file_in_memory() -> None:
    os.close(os.memfd_create("hostile"))


def open_a_terminal() -> None:
    os.close(os.open(TARGET["terminal"], os.O_RDWR | os.O_NOCTTY))


def make_a_namespace() -> None:
    made(LIBRARY.unshare(0x10000000))


def use_a_ring() -> None:
    os.close(call(425, 425, 4, ctypes.create_string_buffer(120)))


TRIES: tuple[Callable[[], None], ...] = (
    read_a_key,
    read_the_store,
    read_its_neighbour,
    read_the_documents_folder,
    read_the_users,
    read_the_parents_environment,
    read_the_parents_memory,
    read_the_parents_memory_by_call,
    read_its_own_environment,
    write_a_new_file,
    write_an_old_file,
    write_a_temporary_file,
    write_to_shared_memory,
    make_a_folder,
    make_a_pipe,
    make_a_link,
    make_a_second_name,
    reopen_the_document_for_writing,
    reach_by_handle,
    delete_a_file,
    rename_a_file,
    truncate_a_file,
    change_permissions,
    change_the_owner,
    change_times,
    change_attributes,
    mark_the_document,
    lock_the_document,
    hold_up_who_writes_the_document,
    lock_a_part_of_the_document,
    watch_files,
    connect,
    connect_to_a_service,
    make_a_pair_of_sockets,
    fork,
    run_a_program,
    become_a_program,
    signal_its_parent,
    signal_its_group,
    signal_a_sibling,
    signal_through_a_descriptor,
    hold_a_process,
    slow_a_sibling_down,
    limit_a_sibling,
    outlive_its_worker,
    share_memory,
    keep_a_file_in_memory,
    open_a_terminal,
    use_a_ring,
    trace_a_sibling,
    make_a_namespace,
)


def start_a_thread() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.set)
    thread.start()
    thread.join()
    assert done.is_set()


def import_a_module() -> None:
    for name in ("wave", "chunk", "ragkit.parsers.rst", "ragkit.parsers.slides"):
        importlib.import_module(name)


def look_up_a_time_zone() -> None:
    zoneinfo.ZoneInfo("Europe/Madrid")


def ask_for_memory_and_chance() -> None:
    mmap.mmap(-1, 1 << 20).close()
    assert len(os.urandom(8)) == 8
    Path("/dev/urandom").open("rb").close()
    Path(os.devnull).open("w").close()


NEEDED: tuple[Callable[[], None], ...] = (
    start_a_thread,
    import_a_module,
    look_up_a_time_zone,
    ask_for_memory_and_chance,
)
"""What readers and their libraries do."""


def attempt(way: Callable[[], None]) -> str:
    try:
        way()
    except (
        OSError,
        subprocess.SubprocessError,
        ImportError,
        zoneinfo.ZoneInfoNotFoundError,
    ) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def read(data: bytes, *_: object) -> NoReturn:
    """The reader: what came of it goes out as the reason why the document cannot be read."""
    assert data == b"a document"
    ended = {way.__name__: attempt(way) for way in (*NEEDED, *TRIES)}
    raise UnreadableDocument(json.dumps(ended))


def main() -> None:
    TARGET.update(json.loads(sys.argv[1]))
    if TARGET["confined"]:
        isolation.seal(write=())
    else:
        ReaderProfile.confine = lambda self, **_: None  # type: ignore[method-assign]
    vars(registry)["in_process_parse"] = read
    desk = OcrDesk(OcrEngine(absent="needs OCR"), None, lambda page, pages: None)
    asked = {"path": str(place("documents/document.txt")), "suffix": ".txt", "passwords": []}
    outcome = json.loads(worker._serve(asked, ParseLimits(), desk))
    sys.stdout.write(json.dumps(json.loads(outcome["reason"])))


if __name__ == "__main__":
    main()
