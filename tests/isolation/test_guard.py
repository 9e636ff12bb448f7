"""Sealing: what it changes, that it fails closed, that ordinary work goes on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ragkit.isolation import Isolation, current, environment, prove
from ragkit.isolation.attempts import Attempt
from ragkit.isolation.namespace import has_no_way_out
from tests.isolation.conftest import in_child

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the guard's filter is Linux's")

SEAL = "import ragkit.isolation as guard; sealed = guard.seal(); "
REFUSING = textwrap.dedent("""
    import errno
    import ragkit.isolation as guard
    from ragkit.errors import IsolationFault
    from ragkit.isolation.kernel import Kernel

    class Refusing(Kernel):
        def {method}(self, *arguments):
            return -errno.{error}

    try:
        print(guard.seal(accept_weak={weak}, kernel=Refusing()).level)
    except IsolationFault as fault:
        print("fault", fault.exit_code, fault.message, fault.hint)
""")


def test_importing_the_guard_is_cheap() -> None:
    program = "import sys, ragkit.isolation; print(*sys.modules)"
    loaded = set(in_child(program).printed.split())
    assert loaded.isdisjoint({"ctypes", "socket", "subprocess", "asyncio", "resource", "numpy"})


@pytest.mark.parametrize(
    ("method", "error"),
    [("add_filter", "ENOSYS"), ("add_filter", "EINVAL"), ("prctl", "EPERM"), ("socket", "ENOSYS")],
)
def test_without_the_filter_nothing_is_opened(method: str, error: str) -> None:
    child = in_child(REFUSING.format(method=method, error=error, weak=False))
    assert child.printed.startswith("fault 4 The network cannot be shut off here")
    assert error in child.printed
    assert "a container may have to allow it. --accept-weak-isolation" in child.printed


def test_a_thread_that_cannot_be_reached_is_no_success() -> None:
    program = REFUSING.replace("-errno.{error}", "4711")
    child = in_child(program.format(method="add_filter", error="", weak=False))
    assert child.printed.startswith("fault 4")
    assert "4711" in child.printed


def test_a_weak_level_must_be_asked_for() -> None:
    """C where it could at least leave the network, or there is none; D else."""
    child = in_child(REFUSING.format(method="add_filter", error="ENOSYS", weak=True))
    assert child.printed in ("C", "D")
    stay = REFUSING.replace("guard.seal(", "guard.seal(allow_namespace=False, ")
    child = in_child(stay.format(method="add_filter", error="ENOSYS", weak=True))
    assert child.printed == ("C" if has_no_way_out() else "D")


def test_a_filter_that_refuses_nothing_is_found_out() -> None:
    program = REFUSING.replace("return -errno.{error}", "return 0")
    child = in_child(program.format(method="add_filter", error="", weak=False))
    assert "socket: TCP over IPv4 gives allowed" in child.printed


def test_no_namespace_still_is_level_b() -> None:
    assert in_child(REFUSING.format(method="unshare", error="EPERM", weak=False)).printed == "B"


def test_a_process_with_threads_keeps_to_the_filter() -> None:
    """The kernel would move one thread alone into the namespace."""
    program = "import threading as t; t.Thread(target=t.Event().wait, daemon=True).start()\n"
    child = in_child(program + SEAL + "print(sealed.level, *sealed.reasons)")
    assert child.printed == "B no network namespace: the process already has threads"


def test_a_user_namespace_that_cannot_be_mapped_is_not_entered() -> None:
    """A half-entered one would leave this process as nobody, so a child tries it first."""
    program = textwrap.dedent("""
        import errno, os
        import ragkit.isolation as guard
        from ragkit.isolation.kernel import CLONE_NEWNET, Kernel

        class Half(Kernel):
            entered = False
            def unshare(self, flags):
                if flags == CLONE_NEWNET:
                    return -errno.EPERM
                self.entered = True
                return 0

        os.geteuid = lambda: 4711
        kernel = Half()
        print(guard.seal(kernel=kernel).description, kernel.entered)
    """)
    assert in_child(program).printed == (
        "level B, no network: a system call filter; "
        "no network namespace: user namespaces are not allowed here False"
    )


def test_this_process_is_not_sealed() -> None:
    assert current() == Isolation("D", ("this process has not been sealed",))


def test_prove_tells_sealed_from_unsealed() -> None:
    assert not any(probe.refused for probe in prove() if "socket: TCP" in probe.name)
    child = in_child(SEAL + "print([p for p in guard.prove() if not p.refused])")
    assert child.printed == "[]"
    assert "a child process" in [probe.name for probe in prove()]


def test_sealing_twice_gives_the_same() -> None:
    assert in_child(SEAL + "print(guard.seal() is sealed, guard.current() is sealed)").printed == (
        "True True"
    )


def test_a_child_of_a_sealed_process_knows_its_level_and_seals_again() -> None:
    inner = (
        "import ragkit.isolation as g; from pathlib import Path; "
        "before = g.current(); after = g.seal(); "
        "filters = Path('/proc/self/status').read_text().split('Seccomp_filters:')[1].split()[0]; "
        "print(before == after, after.level, filters)"
    )
    program = f"import subprocess, sys; print(sealed.level); subprocess.run([sys.executable, '-c', {inner!r}])"
    child = in_child(
        SEAL
        + "import sys; "
        + program.replace("print(sealed.level)", "print(sealed.level, flush=True)")
    )
    level, inherited = child.printed.splitlines()
    agrees, inner_level, filters = inherited.split()
    before = Path("/proc/self/status").read_text().split("Seccomp_filters:")[1].split()[0]
    assert (agrees, inner_level) == ("True", level)
    assert int(filters) == int(before) + 1  # the filter was inherited, not laid on once more


def test_switches_are_set_and_leads_removed() -> None:
    settings = {"CHROMA_SERVER_HOST": "h", "https_proxy": "p", "HF_TOKEN": "t", "HOME": "/h"}
    settings["HF_HUB_OFFLINE"] = "0"
    environment.scrub_environment(settings)
    assert settings.pop("HOME") == "/h"
    assert settings == {switch.name: switch.value for switch in environment.SWITCHES}
    assert all(switch.reason for switch in environment.SWITCHES)


def test_files_are_for_the_owner_only(tmp_path: Path) -> None:
    in_child(SEAL + "open('made', 'w').close()", cwd=tmp_path)
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o600


def test_a_crash_leaves_no_dump(tmp_path: Path) -> None:
    allow = "import resource as r; r.setrlimit(r.RLIMIT_CORE, (r.getrlimit(r.RLIMIT_CORE)[1],) * 2)"
    crash = "import os; os.abort()"
    child = in_child(f"{allow}\n{SEAL}\n{crash}", cwd=tmp_path)
    assert child.code == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []


def test_crash_reporters_get_nothing_from_children_either() -> None:
    program = SEAL + "import subprocess; subprocess.run(['cat', '/proc/self/limits'])"
    (line,) = [one for one in in_child(program).printed.splitlines() if "core file" in one]
    assert line.split()[4:6] == ["1", "1"]


def test_inherited_connections_are_closed_and_pairs_kept() -> None:
    program = textwrap.dedent("""
        import os, sys
        import ragkit.isolation as guard
        numbers = [int(n) for n in sys.stdin.read().split()]
        guard.seal(keep_sockets=numbers[:1])
        print([os.path.exists(f"/proc/self/fd/{n}") for n in numbers])
    """)
    kept, listening = socket.socket(), socket.socket()
    datagram_pair = socket.socketpair(type=socket.SOCK_DGRAM)
    pair = socket.socketpair()
    local = socket.socket(socket.AF_UNIX)
    opened = [kept, listening, datagram_pair[0], local, pair[0]]
    numbers = [one.fileno() for one in opened]
    child = in_child(program, input=" ".join(map(str, numbers)), pass_fds=numbers)
    for one in (*opened, datagram_pair[1], pair[1]):
        one.close()
    assert child.printed == "[True, False, False, False, True]"


def test_files_that_a_parent_left_open_to_be_written_are_closed(tmp_path: Path) -> None:
    """`ragkit ask ... 9>>FILE`: no rule about files looks at a descriptor that is open."""
    program = textwrap.dedent("""
        import os, sys
        import ragkit.isolation as guard
        own = open(sys.argv[1], "a")
        numbers = [int(n) for n in sys.stdin.read().split()]
        if {seal}:
            guard.seal(write=())
        print([os.path.exists(f"/proc/self/fd/{{n}}") for n in [*numbers, own.fileno()]])
    """)
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    file.touch()
    os.mkfifo(pipe)
    ways = [(file, os.O_WRONLY | os.O_APPEND), (file, os.O_RDWR), (pipe, os.O_RDWR)]
    kept = [os.open(file, os.O_RDONLY), *os.pipe()]
    numbers = [*(os.open(*way) for way in ways), *kept]
    given = {"input": " ".join(map(str, numbers)), "pass_fds": numbers}
    body = program.replace("sys.argv[1]", repr(str(file)))
    printed = [in_child(body.format(seal=seal), **given).printed for seal in (False, True)]
    for number in numbers:
        os.close(number)
    assert printed == [str([True] * 7), str([False] * 3 + [True] * 4)]


def test_a_listener_bound_before_still_accepts() -> None:
    program = textwrap.dedent("""
        import socket
        import ragkit.isolation as guard
        listener = socket.create_server(("127.0.0.1", 0))
        level = guard.seal(keep_sockets=[listener.fileno()]).level
        print(listener.getsockname()[1], flush=True)
        connection, _ = listener.accept()
        connection.sendall(connection.recv(100).upper())
        print([str(one) for one in guard.attempts()])
    """)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        with socket.create_connection(("127.0.0.1", int(server.stdout.readline()))) as client:
            client.sendall(b"hello")
            assert client.recv(100) == b"HELLO"
        assert server.stdout.read().strip() == "[]"


def test_pipes_pairs_children_and_spawned_workers_go_on(tmp_path: Path) -> None:
    script = tmp_path / "work.py"
    script.write_text(
        textwrap.dedent("""
        import asyncio, multiprocessing, socket, sqlite3, subprocess, threading
        import ragkit.isolation as guard

        def double(value):
            return 2 * value, guard.seal().level

        if __name__ == "__main__":
            level = guard.seal().level
            one, other = socket.socketpair()
            one.sendall(b"x")
            assert other.recv(1) == b"x"
            assert subprocess.run(["cat"], input=b"y", capture_output=True).stdout == b"y"
            async def wait():
                return await asyncio.to_thread(lambda: 1)
            assert asyncio.run(wait()) == 1
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                assert pool.map(double, [21]) == [(42, level)]
            sqlite3.connect("file.db").execute("create table t (x)")
            print("done", guard.attempts())
        """)
    )
    child = in_child(
        f"import runpy; runpy.run_path({str(script)!r}, run_name='__main__')", cwd=tmp_path
    )
    assert (child.printed, child.errors) == ("done ()", "")


def test_looking_up_a_name_fails_at_once() -> None:
    program = (
        "import socket, time; start = time.monotonic()\n"
        "try: socket.getaddrinfo('example.com', 80)\n"
        "except socket.gaierror: print(time.monotonic() - start < 2)\n"
    )
    unhooked = "from ragkit.isolation import guard; guard.watch = lambda: None; guard.seal()\n"
    assert in_child(SEAL + "\n" + program).printed == "True"
    assert in_child(unhooked + program).printed == "True"


def test_attempts_are_told_by_their_line_and_without_data() -> None:
    program = SEAL + textwrap.dedent("""
        import socket, urllib.request

        def ask():
            try:
                urllib.request.urlopen("http://secret.example/")
            except OSError:
                pass

        def make():
            try:
                socket.socket()
            except PermissionError as error:
                assert error.errno == 13, error

        for _ in range(3):
            make()
        ask()
        socket.getaddrinfo("127.0.0.1", 80)
        socket.getaddrinfo("::1", 80)
        for pair in [socket.socketpair()]:
            [one.close() for one in pair]
        print(guard.attempts())
    """)
    child = in_child(program)
    made, asked = eval(child.printed, {"Attempt": Attempt})
    assert not made.harmless
    assert made == Attempt("socket", "<string>:12", 3)
    assert (asked.kind, asked.place, asked.times) == ("lookup", "<string>:6", 1)
    assert str(made) == "socket from <string>:12, 3 times"
    assert "secret" not in child.printed


def test_a_known_probe_is_told_apart(tmp_path: Path) -> None:
    probing = tmp_path / "urllib3" / "util" / "connection.py"
    probing.parent.mkdir(parents=True)
    probing.write_text(
        "import socket\n"
        "def attempt():\n"
        "    try: socket.socket(socket.AF_INET6)\n"
        "    except OSError: pass\n"
        "def _has_ipv6(): socket.socket(socket.AF_INET6)\n"
        "attempt()\n"
        "try: _has_ipv6()\n"
        "except OSError: pass\n"
    )
    program = f"import runpy; runpy.run_path({str(probing)!r})\n"
    child = in_child(SEAL + program + "print([one.harmless for one in guard.attempts()])")
    assert child.printed == "[False, True]"


def test_level_d_still_refuses_what_python_tries() -> None:
    program = REFUSING.format(method="add_filter", error="ENOSYS", weak=True) + textwrap.dedent("""
        import socket
        try:
            socket.create_connection(("127.0.0.1", 9))
        except PermissionError as error:
            print(error.strerror, [one.kind for one in guard.attempts()])
    """)
    last = in_child(program).printed.splitlines()[-1]
    assert last == "ragkit has shut this process off the network ['socket']"
