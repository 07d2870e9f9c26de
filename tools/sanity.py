# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the whole ``ansible-test sanity`` on the installed collection, without containers.

ansible-test makes a virtual environment for each of its tests and starts pip in it with a script that it downloads.  Where that one file is already in
its cache folder it does not download: we put a script there that does the same from the standard library (``ensurepip``), so that packages from PyPI are all it
needs.  ansible-test keeps these things under ``~/.ansible/test``; it gets a home folder of its own inside the virtual environment, with the caller's
pip settings in it, because it hands no environment variables on to pip.
"""

from __future__ import annotations

import configparser
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import typing as t

import ansible_test

from tools import project

HOME = pathlib.Path(sys.prefix) / "ansible-test-home"
BOOTSTRAP = """\
# Starts pip in an empty virtual environment from the standard library; then installs what the arguments name.
import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL)
wanted = [one for one in sys.argv[1:] if one not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *wanted]))
"""
NOT_SETTINGS = ("PIP_CONFIG_FILE", "PIP_REQUIRE_VIRTUALENV")


class UnknownRelease(Exception):
    """This release of ansible-test does not say which pip it wants where we look for it."""


def pip_version() -> str:
    """The pip that ansible-test wants to start with; it is part of the name of the cached script."""
    source = pathlib.Path(ansible_test.__path__[0], "_internal", "python_requirements.py").read_text(encoding="utf-8")
    found = re.search(r"default_packages = dict\(\s*pip='([0-9.]+)'", source)
    if not found:
        raise UnknownRelease("python_requirements.py of ansible-test names no pip version")
    return found[1]


def pip_configuration(files: t.Iterable[pathlib.Path], environment: t.Mapping[str, str]) -> str:
    """The text of a pip.conf that says what the caller's files and PIP_ variables say."""
    settings = configparser.RawConfigParser()
    settings.read(files, encoding="utf-8")
    for name, value in environment.items():
        if name.startswith("PIP_") and name not in NOT_SETTINGS:
            if not settings.has_section("global"):
                settings.add_section("global")
            settings.set("global", name[4:].lower().replace("_", "-"), value.replace("\n", " "))
    text = io.StringIO()
    settings.write(text)
    return text.getvalue()


def prepare_home(home: pathlib.Path) -> None:
    """Write the bootstrap script and the pip settings where ansible-test will look."""
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / f"get_pip_{pip_version().replace('.', '_')}.py").write_text(BOOTSTRAP, encoding="utf-8")
    user = pathlib.Path.home()
    files = [user / ".pip" / "pip.conf", user / ".config" / "pip" / "pip.conf", pathlib.Path(os.environ.get("PIP_CONFIG_FILE", os.devnull))]
    path = home / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # an index address may hold a password
    path.write_text(pip_configuration(files, os.environ), encoding="utf-8")


def search_path(path: str) -> str:
    """The folders of a PATH whose Pythons all start.

    Version managers put a ``python3.X`` for every version they know of on the path.  It fails where that version is not active, and
    ansible-test takes it for real.
    """

    def sound(folder: str) -> bool:
        pythons = [one for one in pathlib.Path(folder).glob("python3.*") if re.fullmatch(r"python3\.\d+", one.name)]
        return all(subprocess.call([str(one), "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0 for one in pythons)

    return os.pathsep.join(folder for folder in path.split(os.pathsep) if folder and sound(folder))


def copy_collection() -> pathlib.Path:
    """A copy of the installed collection under version control, as ansible-test wants it."""
    target = project.BUILD / "sanity" / "ansible_collections" / "m365" / "hybrid"
    shutil.rmtree(project.BUILD / "sanity", ignore_errors=True)
    shutil.copytree(project.INSTALLED, target)
    subprocess.run(["git", "init", "--quiet", str(target)], check=True)
    subprocess.run(["git", "-C", str(target), "add", "--all"], check=True)
    return target


def main(arguments: list[str]) -> int:
    prepare_home(HOME)
    environment = project.environment(project.BUILD / "sanity", HOME=str(HOME))
    base = pathlib.Path(sys.base_prefix, "bin")
    environment["PATH"] = os.pathsep.join((str(pathlib.Path(sys.executable).parent), search_path(os.pathsep.join((str(base), environment["PATH"])))))
    for name in [name for name in environment if name.startswith(("ANSIBLE_", "COVERAGE_"))]:
        del environment[name]  # ansible-test sets its own, and objects to some
    command = ["ansible-test", "sanity", "--requirements", "--color", "no", *arguments]
    return subprocess.call(command, stdin=subprocess.DEVNULL, env=environment, cwd=copy_collection())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
