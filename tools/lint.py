# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-lint without a profile: all rules of profile ``production`` and those of no profile, of which ``args`` is the one that matters most.

It proves first that the rules see what is wrong: a linter that has lost its rules passes everything.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

from tools import project

SETTINGS = pathlib.Path(__file__).parent / "ansible-lint.yml"
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

    - name: leave out the collection
      debug:
        msg: something
"""
SEEN_IN_IT = ("args[module]", "auto_forward_enabld", "fqcn[action-core]", "name[casing]")


def lint(*arguments: str, cwd: pathlib.Path = project.ROOT) -> tuple[int, str]:
    """ansible-lint's exit code and output."""
    command = ["ansible-lint", "--offline", "--strict", "--nocolor", *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=project.environment(), cwd=cwd, check=False)
    return done.returncode, done.stdout + done.stderr


def rules_are_awake() -> bool:
    """Whether a misspelt option of one of our modules is found, and a short name of another module."""
    folder = project.BUILD / "lint"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "wrong.yml").write_text(WRONG, encoding="utf-8")
    (folder / "settings.yml").write_text("---\noffline: true\nwarn_list: []\n", encoding="utf-8")
    code, output = lint("-c", "settings.yml", "wrong.yml", cwd=folder)
    unseen = [text for text in SEEN_IN_IT if text not in output]
    if code == 0 or unseen:
        print(f"ansible-lint does not see {', '.join(unseen)}; it ended with {code}:\n{output}")
    return code != 0 and not unseen


def main() -> int:
    if not rules_are_awake():
        return 1
    code, output = lint("-c", str(SETTINGS))
    print(output)
    unchecked = [line for line in output.splitlines() if any(text in line for text in NOT_CHECKED)]
    return code or len(unchecked) > 0


if __name__ == "__main__":
    sys.exit(main())
