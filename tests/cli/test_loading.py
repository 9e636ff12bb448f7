"""Ctrl-C in the moment before a command can answer it."""

from __future__ import annotations

import sys

import pytest

from ragkit.__main__ import main


class _Pressed:
    """Ctrl-C is pressed while the commands are loaded."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "ragkit.cli.main":
            raise KeyboardInterrupt


def test_ctrl_c_while_the_command_is_loaded_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "ragkit.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Pressed(), *sys.meta_path])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "Interrupted; nothing was done.\n"
