# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make compat``: sanity tests, unit tests, the stories from end to end and the roles on the oldest and the newest release of ansible-core.

Which releases are supported, and on which Pythons they run, stands in ``tools/compat.yml``.  For each of the two a virtual environment is
made below ``build/compat``, with an interpreter that this computer has.  What cannot be run is said, never left out silently.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import subprocess
import sys
import time
import typing as t

import yaml

from tools import project

FOLDER = project.BUILD / "compat"
TABLE = pathlib.Path(__file__).with_suffix(".yml")
OLDEST_PYTHON = (3, 11)
PLACES = ("~/.pyenv/versions/*/bin", "~/.local/share/uv/python/*/bin")
"""Where version managers keep interpreters that are not on the path."""
NOT_INSTALLED = ("ansible-core", "ansible-lint", "molecule", "galaxy-importer", "antsibull")
"""What decides itself which ansible-core it wants, or what these tests do not use."""

Version = tuple[int, int]


class Release(t.NamedTuple):
    """A release of ansible-core and the Pythons that it supports on the control node, both ends included."""

    core: str
    oldest: Version
    newest: Version


class Step(t.NamedTuple):
    """A module of Python to run; ``{programs}`` is the folder of the release's programs.  ``ours``: with the interpreter of this program, where molecule is."""

    name: str
    command: tuple[str, ...]
    ours: bool = False


class Outcome(t.NamedTuple):
    release: str
    python: str
    step: str
    verdict: str
    seconds: float = 0.0


STEPS = (
    Step("package", ("-m", "tools.package", "--install")),
    Step("sanity", ("-m", "tools.sanity", "--test", "import", "--test", "validate-modules")),
    Step("unit", ("-m", "pytest", "-q", "tests/unit")),
    Step("demo", ("-m", "tools.demo", "--installed")),
    Step("stories", ("-m", "pytest", "-q", "tests/integration", "--ignore=tests/integration/directory")),
    Step("roles", ("-m", "tools.molecule", "--programs", "{programs}"), ours=True),
)
"""What is run, in this order; a step runs even where one before it failed, so that one look shows everything."""


def version(text: str) -> Version:
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


def releases() -> list[Release]:
    """The supported releases, oldest first."""
    rows = yaml.safe_load(TABLE.read_text(encoding="utf-8"))["releases"]
    found = [Release(row["core"], version(row["python"][0]), version(row["python"][1])) for row in rows]
    return sorted(found, key=lambda one: version(one.core))


def works(python: pathlib.Path, wanted: Version) -> bool:
    """Whether an interpreter starts, is of that version and can make environments: version managers leave stubs that do not."""
    probe = f"import ensurepip, sys; sys.exit(sys.version_info[:2] != {wanted!r})"
    return subprocess.call([str(python), "-c", probe], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def interpreters() -> dict[Version, pathlib.Path]:
    """The Pythons of this computer that the collection supports: version → path."""
    folders = [pathlib.Path(one) for one in os.environ.get("PATH", os.defpath).split(os.pathsep) if one]
    for place in PLACES:
        root = pathlib.Path(place.split("*")[0]).expanduser()
        folders += sorted(root.glob("*/bin"))
    found: dict[Version, pathlib.Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("python3.*")):
            match = re.fullmatch(r"python(3)\.(\d+)", path.name)
            known = (int(match[1]), int(match[2])) if match else (0, 0)
            if known >= OLDEST_PYTHON and known not in found and works(path, known):
                found[known] = path
    return found


def chosen(release: Release, pythons: t.Mapping[Version, pathlib.Path]) -> Version | None:
    """The newest interpreter that a release supports."""
    return max((one for one in pythons if release.oldest <= one <= release.newest), default=None)


def requirements(core: str) -> list[str]:
    """What is installed beside this ansible-core: the libraries of collection, lab and tests."""
    lines: list[str] = []
    for name in ("requirements.txt", "requirements-demo.txt", "requirements-dev.txt"):
        lines += (project.ROOT / name).read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line and not line.startswith(("#", "-r", *NOT_INSTALLED))]
    return [*dict.fromkeys(kept), f"ansible-core=={core}.*"]


def logged(name: str, command: t.Sequence[str], environment: t.Mapping[str, str]) -> int:
    with (project.LOGS / f"compat-{name}.log").open("wb") as log:
        return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=dict(environment), cwd=project.ROOT)


def environment_of(release: Release, python: pathlib.Path) -> pathlib.Path:
    """The interpreter of a new virtual environment with this release; RuntimeError when it cannot be made."""
    folder = FOLDER / release.core
    own = folder / "bin" / "python"
    commands = (
        [str(python), "-m", "venv", "--clear", str(folder)],
        [str(own), "-m", "pip", "--disable-pip-version-check", "install", "-q", *requirements(release.core)],
    )
    for number, command in enumerate(commands):
        if logged(f"{release.core}-venv-{number}", command, os.environ):
            raise RuntimeError(f"no environment, see build/logs/compat-{release.core}-venv-{number}.log")
    for packages in folder.glob("lib/python3.*/site-packages"):
        (packages / "m365_hybrid_lab.pth").write_text(f"{project.ROOT / 'lab'}\n", encoding="utf-8")
    return own


def run(release: Release, python: pathlib.Path, name: str) -> t.Iterator[Outcome]:
    """Each step on one release, as it ends."""
    try:
        own = environment_of(release, python)
    except RuntimeError as error:
        yield Outcome(release.core, name, "environment", f"FAILED: {error}")
        return
    for step in STEPS:
        started = time.monotonic()
        folders = {"PATH": os.pathsep.join((str(own.parent), os.environ.get("PATH", os.defpath)))}
        command = [sys.executable if step.ours else str(own), *(one.format(programs=own.parent) for one in step.command)]
        code = logged(f"{release.core}-{step.name}", command, project.environment(**folders))
        verdict = "ok" if code == 0 else f"FAILED: exit code {code}, see build/logs/compat-{release.core}-{step.name}.log"
        yield Outcome(release.core, name, step.name, verdict, time.monotonic() - started)


def plan(known: t.Sequence[Release], pythons: t.Mapping[Version, pathlib.Path]) -> tuple[list[tuple[Release, Version]], list[str]]:
    """What to run: the oldest and the newest release for which there is an interpreter; and why the others are not run."""
    able = [(release, python) for release in known if (python := chosen(release, pythons))]
    wanted = [able[0], able[-1]][: len(able)] if able else []
    skipped = []
    for release in known:
        if release not in [one for one, _python in able]:
            supported = f"{release.oldest[0]}.{release.oldest[1]} to {release.newest[0]}.{release.newest[1]}"
            skipped.append(f"ansible-core {release.core}: no interpreter of Python {supported} was found")
        elif release not in [one for one, _python in wanted]:
            skipped.append(f"ansible-core {release.core}: between the oldest and the newest, name it with --core {release.core}")
    return wanted, skipped


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.compat", description=__doc__)
    parser.add_argument("--core", nargs="+", metavar="X.Y", help="these releases instead of the oldest and the newest")
    options = parser.parse_args(arguments)
    project.LOGS.mkdir(parents=True, exist_ok=True)
    pythons = interpreters()
    known = releases()
    wanted, skipped = plan(known, pythons)
    if options.core:
        wanted, skipped = [(one, python) for one in known if one.core in options.core and (python := chosen(one, pythons))], []
        skipped += [f"ansible-core {core}: not in {TABLE.name}, or no interpreter" for core in options.core if core not in [one.core for one, _ in wanted]]
    failed = not wanted
    for release, python in wanted:
        for outcome in run(release, pythons[python], f"{python[0]}.{python[1]}"):
            print(f"ansible-core {outcome.release}  Python {outcome.python}  {outcome.step:10}{outcome.seconds:7.1f} s  {outcome.verdict}", flush=True)
            failed = failed or outcome.verdict != "ok"
    for line in skipped:
        print(f"skipped: {line}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
