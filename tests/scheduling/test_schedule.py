"""`ragkit schedule` on machines with systemd, with cron, with both and with neither."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import pytest

from tests.scheduling.conftest import Machine

OTHERS = "# mine\nMAILTO=me\n30 4 * * 1 echo 100\\% sure\n"


def written(steps: list[dict]) -> dict[str, str]:
    return {Path(step["write"]).name: step["text"] for step in steps if "write" in step}


def commands(steps: list[dict]) -> list[str]:
    return [" ".join(step["run"]) for step in steps if "run" in step]


def test_install_with_systemd(machine: Machine) -> None:
    machine.with_systemd()
    run = machine("install", "--at", "3:30")
    assert run.code == 0, run.err
    timer, service = sorted(machine.units.glob("*.timer")), sorted(machine.units.glob("*.service"))
    assert [len(timer), len(service)] == [1, 1]
    name = timer[0].name
    assert machine.calls() == [
        "systemctl --user daemon-reload",
        f"systemctl --user enable {name}",
        f"systemctl --user restart {name}",
    ]
    text = service[0].read_text(encoding="utf-8")
    assert f"-m ragkit nightly --all --config {machine.config} --quiet\n" in text
    assert f"ExecStart={sys.executable} " in text
    assert "SuccessExitStatus=" not in text.replace("no SuccessExitStatus=", "")
    for line in ("NoNewPrivileges=yes", "UMask=0077", "Nice=10", "StandardOutput=null"):
        assert f"\n{line}\n" in text
    assert "\nOnCalendar=*-*-* 03:30:00\n" in timer[0].read_text(encoding="utf-8")
    assert "\nPersistent=true\n" in timer[0].read_text(encoding="utf-8")


@pytest.mark.parametrize("tools", ["systemd", "cron"])
def test_show_is_what_install_does_byte_for_byte(machine: Machine, tools: str) -> None:
    machine.with_systemd() if tools == "systemd" else machine.have("crontab")
    machine.crontab.write_text(OTHERS, encoding="utf-8")
    shown, text = machine("show", "--json").data, machine("show").out
    assert machine.calls() == []
    assert machine.state() == {"crontab": OTHERS}
    assert machine("install", "--json").data == shown
    state = machine.state()
    if tools == "systemd":
        assert written(shown["steps"]) == {k: v for k, v in state.items() if k != "crontab"}
        assert state["crontab"] == OTHERS
    else:
        assert [step["given"] for step in shown["steps"]] == [state["crontab"]]
    assert machine.calls() == commands(shown["steps"])
    for words in (*written(shown["steps"]).values(), *commands(shown["steps"])):
        assert words in text


@pytest.mark.parametrize("tools", ["systemd", "cron"])
def test_twice_is_as_once_and_a_new_time_replaces_the_old(machine: Machine, tools: str) -> None:
    machine.with_systemd() if tools == "systemd" else machine.have("crontab")
    assert machine("install").code == 0
    once = machine.state()
    assert machine("install").code == 0
    assert machine.state() == once
    assert machine("install", "--at", "04:15").code == 0
    changed = machine.state()
    assert set(changed) == set(once)
    assert changed != once
    assert "02:00" not in "".join(changed.values())


def test_cron_leaves_every_other_byte_alone(machine: Machine) -> None:
    machine.have("crontab")
    others = b"# se\xf1or\n\n30 4 * * 1 echo 100\\% sure\n\t# END\n"  # not even UTF-8
    machine.crontab.write_bytes(others)
    assert machine("install").code == 0
    between = machine.crontab.read_bytes()
    assert between.startswith(others)
    machine.crontab.write_bytes(between + b"@daily true\n")
    assert machine("install", "--at", "5:00").code == 0
    assert machine.crontab.read_bytes().startswith(others)
    assert machine.crontab.read_bytes().endswith(b"@daily true\n")
    assert machine("remove").code == 0
    assert machine.crontab.read_bytes() == others + b"@daily true\n"


def test_cron_asks_every_hour_and_at_the_start_whether_a_night_was_missed(
    machine: Machine,
) -> None:
    machine.have("crontab")
    run = machine("install", "--at", "2:05", "--json")
    assert any("made up for" in note for note in run.data["notes"])
    begin, hourly, at_start, end = machine.crontab.read_text(encoding="utf-8").splitlines()
    assert begin.startswith("# BEGIN ragkit-")
    assert end.startswith("# END ragkit-")
    night = f"{sys.executable} -m ragkit nightly --all --config {machine.config} --quiet"
    command = f"cd / && nice -n 10 {night} --catch-up 02:05 > /dev/null"
    assert hourly == f"5 * * * * {command}"
    assert at_start == f"@reboot {command}"


def test_remove_takes_away_exactly_what_was_installed(machine: Machine) -> None:
    machine.with_systemd()
    other = machine.root / "other.yaml"
    other.write_text(machine.config.read_text(encoding="utf-8"), encoding="utf-8")
    assert machine("install", config=other).code == 0
    before = machine.state()
    assert machine("install").code == 0
    assert len(machine.state()) == 2 * len(before)
    machine.calls()
    run = machine("remove", "--json")
    assert machine.state() == before
    timer = f"{run.data['name']}.timer"
    assert machine.calls() == [
        f"systemctl --user disable --now {timer}",
        "systemctl --user daemon-reload",
    ]
    again = machine("remove")
    assert (again.code, machine.calls()) == (0, [])
    assert "Nothing is installed" in again.out


def test_remove_works_without_the_settings_file_and_without_a_manager(machine: Machine) -> None:
    machine.with_systemd()
    assert machine("install").code == 0
    machine.config.unlink()
    (machine.root / "systemd-answers").unlink()
    assert machine("remove").code == 0
    assert machine.state() == {}


def test_a_job_never_runs_twice_a_night(machine: Machine) -> None:
    """cron at first, systemd later: the old line goes when the timer comes."""
    machine.have("crontab")
    machine.crontab.write_text(OTHERS, encoding="utf-8")
    assert machine("install").code == 0
    machine.with_systemd()
    assert machine("install").code == 0
    assert machine.crontab.read_text(encoding="utf-8") == OTHERS
    assert len(list(machine.units.glob("*.timer"))) == 1
    assert machine("remove").code == 0
    assert machine.state() == {"crontab": OTHERS}


def test_systemctl_without_a_manager_is_no_systemd(machine: Machine) -> None:
    machine.have("systemctl", "loginctl", "crontab")
    assert machine("install", "--json").data["how"] == "two lines of the user's crontab"
    assert not machine.units.exists()


def test_lingering_is_asked_for_only_where_it_is_off(machine: Machine) -> None:
    machine.with_systemd(linger="no")
    user = getpass.getuser()
    run = machine("install")
    assert run.code == 0
    assert f"loginctl enable-linger {user}" in run.out
    (machine.root / "linger").write_text("yes")
    assert "linger" not in machine("install").out


def test_without_systemd_and_cron_the_line_is_given(machine: Machine) -> None:
    for action in ("install", "show"):
        run = machine(action)
        assert run.code == 4
        assert f"0 * * * * cd / && nice -n 10 {sys.executable} -m ragkit nightly" in run.err
    assert machine("install", "--json").data["error"] == "NotReady"


def test_system_unit_names_its_user_and_drops_packets(machine: Machine) -> None:
    machine.with_systemd()
    assert "\nUser=daemon\n" in machine("show", "--system", SUDO_USER="daemon").out
    run = machine("show", "--system", "--user", "nobody", "--json")
    texts = written(run.data["steps"])
    (service,) = [text for name, text in texts.items() if name.endswith(".service")]
    assert "\nUser=nobody\nIPAddressDeny=any\n" in service
    assert [Path(step["write"]).parent for step in run.data["steps"] if "write" in step] == [
        Path("/etc/systemd/system")
    ] * 2
    assert commands(run.data["steps"])[0] == "systemctl daemon-reload"


def test_models_elsewhere_are_found_at_night_too(machine: Machine) -> None:
    machine.with_systemd()
    (text,) = [
        text
        for name, text in written(
            machine("show", "--json", RAGKIT_MODELS="/srv/mo dels 5%").data["steps"]
        ).items()
        if name.endswith(".service")
    ]
    assert 'Environment="RAGKIT_MODELS=/srv/mo dels 5%%"\n' in text
    (machine.root / "systemd-answers").unlink()
    machine.have("crontab")
    line = machine("show", RAGKIT_MODELS="/srv/mo dels 5%").out
    assert "env 'RAGKIT_MODELS=/srv/mo dels 5\\%' nice -n 10" in line


def test_tesseract_elsewhere_is_found_at_night_too(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.with_systemd()
    assert "PATH=" not in machine("show").out
    (machine.root / "bin" / "tesseract").symlink_to("/bin/true")
    monkeypatch.setattr("ragkit.cli.schedule.PATH_OF_CRON", "/nowhere")
    path = f"{machine.root}/bin:/usr/local/bin:/nowhere"
    assert f"Environment=PATH={path}\n" in machine("show").out.replace('"', "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("install", "--at", "25:00"), "is not a time of day"),
        (("install", "--at", "noon"), "is not a time of day"),
        (("show", "--nonsense"), "No such option"),
        (("show", "--system", "--user", "no-such-user"), "no user 'no-such-user'"),
    ],
)
def test_wrong_input(machine: Machine, arguments: tuple[str, ...], words: str) -> None:
    machine.with_systemd()
    run = machine(*arguments)
    assert run.code == 2
    assert words in run.err
    assert machine.state() == {}


def test_settings_that_cannot_run_are_not_scheduled(machine: Machine) -> None:
    machine.with_systemd()
    machine.config.write_text("pipelines: {p: {folder: [files]}}\n", encoding="utf-8")
    assert machine("install").code == 2
    assert machine.state() == {}


def test_a_crontab_that_cannot_be_read_is_left_alone(machine: Machine) -> None:
    machine.have("crontab")
    machine.crontab.write_text(OTHERS, encoding="utf-8")
    (machine.root / "forbidden").touch()
    run = machine("install")
    assert run.code == 4
    assert "you may not use this program" in run.err
    assert machine.crontab.read_text(encoding="utf-8") == OTHERS


def test_who_may_not_use_cron_can_use_systemd(machine: Machine) -> None:
    machine.with_systemd()
    machine.have("crontab")
    (machine.root / "forbidden").touch()
    assert machine("install").code == 0
    assert machine("remove").code == 0
    assert machine.state() == {}


def test_a_block_that_was_taken_apart_is_left_alone(machine: Machine) -> None:
    machine.have("crontab")
    assert machine("install").code == 0
    torn = "\n".join(machine.crontab.read_text(encoding="utf-8").splitlines()[:-1]) + "\n"
    machine.crontab.write_text(torn, encoding="utf-8")
    run = machine("install")
    assert run.code == 4
    assert "crontab -e" in run.err
    assert machine.crontab.read_text(encoding="utf-8") == torn


def test_a_command_that_fails_is_told(machine: Machine) -> None:
    machine.with_systemd()
    script = machine.root / "bin" / "systemctl"
    script.write_text(script.read_text().replace("fail me", "enable"))
    run = machine("install")
    assert run.code == 4
    assert "enable" in run.err
    assert "it broke" in run.err
    assert list(machine.units.iterdir()) == []


def test_an_update_that_fails_leaves_the_old_files(machine: Machine) -> None:
    machine.with_systemd()
    assert machine("install").code == 0
    before = machine.state()
    script = machine.root / "bin" / "systemctl"
    script.write_text(script.read_text().replace("fail me", "enable"))
    assert machine("install", "--at", "03:00").code == 4
    assert machine.state() == before
