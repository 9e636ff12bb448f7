"""Ways of writing elsewhere than was given, each tried for real. Run as a script, in its own process.

Its argument is JSON: {"root": where the package ragkit lies, "sealed": bool, "given", "elsewhere": folders}.
It prints JSON: {"files": why they are not restricted, "ways": the name of each way and "" if it was open,
else the error}. `elsewhere` holds a file "old"; the test looks at what is there afterwards.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

TARGET: dict[str, Any] = {}
LIBRARY = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, AT_SYMLINK_FOLLOW = -100, 0x400


def elsewhere(name: str) -> Path:
    return Path(TARGET["elsewhere"]) / name


def given(name: str) -> Path:
    return Path(TARGET["given"]) / name


def made(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def a_new_file() -> None:
    elsewhere("new").write_text("words")


def an_old_file() -> None:
    with elsewhere("old").open("a") as file:
        file.write("words")


def emptying_by_name() -> None:
    os.truncate(elsewhere("old"), 1)


def a_folder() -> None:
    elsewhere("folder").mkdir()


def a_deletion() -> None:
    elsewhere("deleted").unlink()


def a_move_into() -> None:
    given("moved").write_text("words")
    given("moved").rename(elsewhere("moved"))


def a_move_out() -> None:
    elsewhere("taken").rename(given("taken"))


def a_second_name() -> None:
    given("named").write_text("words")
    elsewhere("named").hardlink_to(given("named"))


def a_second_name_inside() -> None:
    """Through which an old file elsewhere could then be written."""
    given("inside").hardlink_to(elsewhere("old"))
    with given("inside").open("a") as file:
        file.write("words")


def a_link_and_through_it() -> None:
    link = given(f"link-{os.getpid()}")
    link.symlink_to(elsewhere("through"))
    link.write_text("words")


def a_link_that_was_there() -> None:
    given("link").write_text("words")


def an_unnamed_file() -> None:
    os.close(os.open(TARGET["elsewhere"], os.O_TMPFILE | os.O_RDWR, 0o600))


def an_unnamed_file_of_the_store() -> None:
    descriptor = os.open(TARGET["given"], os.O_TMPFILE | os.O_RDWR, 0o600)
    os.write(descriptor, b"words")
    old = f"/proc/self/fd/{descriptor}".encode()
    new = os.fsencode(elsewhere("unnamed"))
    made(LIBRARY.linkat(AT_FDCWD, old, AT_FDCWD, new, AT_SYMLINK_FOLLOW))


def another_root() -> None:
    Path(f"/proc/self/root{elsewhere('root')}").write_text("words")


def opening_again() -> None:
    descriptor = os.open(elsewhere("old"), os.O_RDONLY)
    try:
        os.close(os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR))
    finally:
        os.close(descriptor)


def from_a_folder_that_is_open() -> None:
    folder = os.open(TARGET["elsewhere"], os.O_RDONLY)
    try:
        os.close(os.open("relative", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=folder))
    finally:
        os.close(folder)


def upwards() -> None:
    given(f"../{Path(TARGET['elsewhere']).name}/upwards").write_text("words")


def a_pipe_file() -> None:
    os.mkfifo(elsewhere("pipe"))


def a_socket_file() -> None:
    """One end of a pair: no other socket can be had when it is sealed."""
    one, other = socket.socketpair()
    with one, other:
        one.bind(str(elsewhere("socket")))


def a_socket_file_in_the_store() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.bind(str(given(f"socket-{os.getpid()}")))


def a_child() -> None:
    command = ["/bin/sh", "-c", 'echo words > "$0"', str(elsewhere("child"))]
    subprocess.run(command, check=True, capture_output=True)


def a_python_child() -> None:
    program = "import sys; open(sys.argv[1], 'w').write('words')"
    command = [sys.executable, "-I", "-c", program, str(elsewhere("python"))]
    subprocess.run(command, check=True, capture_output=True)


def a_forked_child() -> None:
    child = os.fork()
    if child == 0:
        try:
            elsewhere("forked").write_text("words")
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise OSError("the child could not")


def a_mount() -> None:
    """The folder given, seen at another place; needs privilege."""
    flags = 4096  # MS_BIND
    made(LIBRARY.mount(os.fsencode(TARGET["given"]), os.fsencode(TARGET["elsewhere"]), 0, flags, 0))


def shared_memory() -> None:
    path = Path(f"/dev/shm/ragkit-test-{os.getpid()}")
    path.write_text("words")
    path.unlink()


def an_attribute() -> None:
    os.setxattr(elsewhere("old"), "user.note", b"words")
    os.removexattr(elsewhere("old"), "user.note")


def an_attribute_through_a_descriptor() -> None:
    descriptor = os.open(elsewhere("old"), os.O_RDONLY)
    try:
        os.setxattr(descriptor, "user.note", b"words")
        os.removexattr(descriptor, "user.note")
    finally:
        os.close(descriptor)


def memory_that_outlives_it() -> None:
    number = made(LIBRARY.shmget(0, 4096, 0o600))
    made(LIBRARY.shmctl(number, 0, 0))  # IPC_RMID


def messages_that_outlive_it() -> None:
    number = made(LIBRARY.msgget(0, 0o600))
    made(LIBRARY.msgctl(number, 0, 0))


def a_message_queue() -> None:
    name = f"/ragkit-test-{os.getpid()}".encode()
    os.close(made(LIBRARY.mq_open(name, os.O_CREAT | os.O_RDWR, 0o600, 0)))
    made(LIBRARY.mq_unlink(name))


OF_THE_FILTER: tuple[Callable[[], None], ...] = (
    an_attribute,
    an_attribute_through_a_descriptor,
    memory_that_outlives_it,
    messages_that_outlive_it,
    a_message_queue,
)
"""Ways that no rule about files knows."""

WAYS: tuple[Callable[[], None], ...] = (
    a_new_file,
    an_old_file,
    emptying_by_name,
    a_folder,
    a_deletion,
    a_move_into,
    a_move_out,
    a_second_name,
    a_second_name_inside,
    a_link_and_through_it,
    a_link_that_was_there,
    an_unnamed_file,
    an_unnamed_file_of_the_store,
    another_root,
    opening_again,
    from_a_folder_that_is_open,
    upwards,
    a_pipe_file,
    a_socket_file,
    a_socket_file_in_the_store,
    a_child,
    a_python_child,
    a_forked_child,
    shared_memory,
    *OF_THE_FILTER,
    a_mount,
)


def work_in_the_store() -> None:
    (given("a") / "b").mkdir(parents=True)
    (given("a") / "new").write_text("words")
    (given("a") / "new").rename(given("a") / "b" / "old")
    os.truncate(given("a") / "b" / "old", 1)
    connection = sqlite3.connect(given("catalog.db"))
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table t (x)")
    connection.close()
    shutil.rmtree(given("a"))


def reading_elsewhere() -> None:
    elsewhere("old").read_text()
    os.listdir(TARGET["elsewhere"])  # noqa: PTH208
    Path("/proc/self/status").read_text()


def the_null_device() -> None:
    Path(os.devnull).write_text("words")


def a_pipe_by_name() -> None:
    reading, writing = os.pipe()
    Path(f"/dev/fd/{writing}").write_text("words")
    os.close(reading)
    os.close(writing)


NEEDED: tuple[Callable[[], None], ...] = (
    work_in_the_store,
    reading_elsewhere,
    the_null_device,
    a_pipe_by_name,
)


def attempt(way: Callable[[], None]) -> str:
    try:
        way()
    except (OSError, sqlite3.Error, subprocess.CalledProcessError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def main() -> None:
    TARGET.update(json.loads(sys.argv[1]))
    sys.path.insert(0, TARGET["root"])
    files = "not sealed"
    if TARGET["sealed"]:
        from ragkit import isolation

        files = isolation.seal(write=[Path(TARGET["given"])]).files
    ways = {way.__name__: attempt(way) for way in (*NEEDED, *WAYS)}
    sys.stdout.write(json.dumps({"files": files, "ways": ways}))


if __name__ == "__main__":
    main()
