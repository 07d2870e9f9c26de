# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-lint in one of two ways: with profile ``production``, or without a profile so that rule ``args`` is loaded.

The second proves first that the rule sees a wrong option: a linter that has lost its rule passes everything.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

from tools import project

ARGS_SETTINGS = pathlib.Path(__file__).parent / "ansible-lint-args.yml"
NOT_CHECKED = ("Unable to load module", "Unable to parse documentation")
"""What ansible-lint says, without failing, when it leaves a task unchecked."""
WRONG = """\
---
- name: A play with an option that does not exist
  hosts: exchange
  gather_facts: false
  tasks:
    - name: Misspell an option
      m365.hybrid.exchange_remote_domain:
        name: Partner
        auto_forward_enabld: true
"""


def lint(*arguments: str, cwd: pathlib.Path = project.ROOT) -> tuple[int, str]:
    """ansible-lint's exit code and output."""
    command = ["ansible-lint", "--offline", "--strict", "--nocolor", *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=project.environment(), cwd=cwd, check=False)
    return done.returncode, done.stdout + done.stderr


def rule_args_is_awake() -> bool:
    """Whether a misspelt option of one of our modules is found."""
    folder = project.BUILD / "lint"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "wrong_option.yml").write_text(WRONG, encoding="utf-8")
    (folder / "settings.yml").write_text("---\noffline: true\nwarn_list: []\n", encoding="utf-8")
    code, output = lint("-c", "settings.yml", "wrong_option.yml", cwd=folder)
    found = code != 0 and "args[module]" in output and "auto_forward_enabld" in output
    if not found:
        print(f"rule args does not see a misspelt option; ansible-lint ended with {code}:\n{output}")
    return found


def main(arguments: list[str]) -> int:
    if arguments == ["args"] and not rule_args_is_awake():
        return 1
    code, output = lint(*(["-c", str(ARGS_SETTINGS)] if arguments == ["args"] else []))
    print(output)
    unchecked = [line for line in output.splitlines() if any(text in line for text in NOT_CHECKED)]
    return code or len(unchecked) > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
