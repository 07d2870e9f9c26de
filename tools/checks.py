# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of the project, as a table.  ``tools/check.py`` runs them."""

from __future__ import annotations

import pathlib
import sys
import typing as t

from tools import project

PYTHON = sys.executable
COVERAGE_AT_LEAST = 90
"""Per cent of the lines of ``plugins`` that tests run."""


class Check(t.NamedTuple):
    """One independent command.  It passes when it ends with 0."""

    name: str
    command: tuple[str, ...]
    seconds: int
    """About how long it takes on two cores; the longest start first."""
    needs: tuple[str, ...] = ()
    """Paths or patterns below the root; where one matches nothing the check fails and says so."""
    requires: tuple[str, ...] = ()
    """Checks that must have passed before; when one has not, this one fails without being run."""
    after: tuple[str, ...] = ()
    """Checks that must have ended before, however."""
    skip_without: pathlib.Path | None = None
    """The one thing whose absence skips the check and is no failure: material that a clone does not have."""
    fast: bool = False
    """Whether ``make check`` runs it."""
    covers: bool = False
    """Whether it counts for coverage.  Those that play whole playbooks do not: measured, their many processes take half as long again, and they add 3 %."""
    environment: tuple[tuple[str, str], ...] = ()
    folder: pathlib.Path = project.ROOT
    limit: int = 600
    """Seconds after which it is ended and has failed."""


def tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (PYTHON, "-m", f"tools.{name}", *arguments)


def pytest(*arguments: str) -> tuple[str, ...]:
    return (PYTHON, "-m", "pytest", "-q", *arguments)


def without(*paths: str) -> tuple[str, ...]:
    return tuple(f"--ignore={path}" for path in paths)


ON_THE_WIRE = tuple(f"tests/unit/plugins/test_connection_{name}.py" for name in ("faults", "lab", "play"))
"""Tests of the plugins that need a lab and time."""

PLAYBOOKS = tuple(f"tests/integration/test_{name}.py" for name in ("guides", "playbooks", "report_playbooks"))
"""Stories that run whole playbooks."""

FAST = (
    Check("ruff", ("ruff", "check", "."), 1, fast=True),
    Check("format", ("ruff", "format", "--check", "."), 1, fast=True),
    Check("mypy", ("mypy",), 30, fast=True),
    Check("generated", tool("generate", "--check"), 30, fast=True),
    Check(
        "unit",
        pytest("tests/unit", *without("tests/unit/test_scenarios.py", "tests/unit/test_export.py", "tests/unit/plugins", "tests/unit/core", "tests/unit/lab")),
        90,
        needs=("tests/unit/test_*.py",),
        fast=True,
        covers=True,
    ),
    Check("unit-core", pytest("tests/unit/core"), 115, needs=("tests/unit/core/test_*.py",), fast=True, covers=True),
    Check("unit-lab", pytest("tests/unit/lab"), 60, needs=("tests/unit/lab/test_*.py",), fast=True),
    Check("unit-plugins", pytest("tests/unit/plugins", *(f"--ignore={path}" for path in ON_THE_WIRE)), 20, fast=True, covers=True),
    Check(
        "scenarios",
        pytest("tests/unit/test_scenarios.py"),
        55,
        needs=("tests/unit/test_scenarios.py", "tests/scenarios/*.yml"),
        fast=True,
        covers=True,
        environment=(("FIRST_VERSION_ONLY", "1"),),
    ),
)

LAB = (
    Check("scenario-versions", pytest("tests/unit/test_scenarios.py"), 110, covers=True),
    Check("export", pytest("tests/unit/test_export.py"), 40, covers=True),
    Check("wire", pytest(*ON_THE_WIRE), 55, needs=ON_THE_WIRE, covers=True),
    Check("lab-scenarios", pytest("tests/integration/test_scenarios.py"), 160, needs=("tests/integration/test_scenarios.py",)),
    Check("playbooks", pytest(*PLAYBOOKS), 210, needs=PLAYBOOKS, limit=1200),
    Check("directory", pytest("tests/integration/directory"), 40, needs=("tests/integration/directory/test_*.py",), limit=1200),
    Check(
        "stories",
        pytest("tests/integration", *without("tests/integration/test_scenarios.py", "tests/integration/directory", *PLAYBOOKS)),
        600,
        needs=("tests/integration/test_*.py",),
        limit=1800,
    ),
    Check("demo", tool("demo"), 70, needs=("playbooks/demo.yml",), environment=(("LAB_RECORD", str(project.RECORDS / "demo.jsonl")),)),
    Check(
        "coverage",
        tool("coverage", str(COVERAGE_AT_LEAST)),
        10,
        after=("unit", "unit-core", "unit-plugins", "wire", "scenarios", "scenario-versions", "export"),
    ),
)

PACKAGE = (
    Check("package", tool("package", "--install"), 5, needs=("README.md",)),
    Check("sanity", tool("sanity"), 160, requires=("package",)),
    Check(
        "docs",
        ("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=self", "--disallow-unknown-collection-refs", "."),
        25,
        requires=("package",),
        folder=project.INSTALLED,
    ),
    Check("docs-site", tool("docs"), 35, needs=("docs/tasks.yml", "docs/site/conf.py")),
    Check("changelog", ("antsibull-changelog", "lint"), 1),
    Check("ansible-lint", tool("lint"), 140, needs=("roles/*", "playbooks/*.yml")),
    Check("galaxy-importer", tool("importer"), 45, requires=("package",)),
    Check(
        "installed",
        tool("demo", "--installed"),
        70,
        needs=("playbooks/demo.yml",),
        requires=("package",),
        environment=(("LAB_RECORD", str(project.RECORDS / "installed.jsonl")),),
    ),
    Check("runner", tool("runner"), 25, needs=("playbooks/demo.yml",), requires=("package",)),
    Check(
        "contract",
        tool("contract", str(project.SHARED / "contract" / "check_calls.py")),
        5,
        after=("demo", "installed", "lab-scenarios", "stories", "playbooks", "directory"),
        skip_without=project.SHARED / "contract" / "check_calls.py",
    ),
)


def molecule(root: pathlib.Path) -> tuple[Check, ...]:
    """One check for each role; a role without a scenario of its name fails."""
    roles = sorted(path.name for path in (root / "roles").glob("*") if path.is_dir())
    if not roles:
        return (Check("molecule", tool("molecule"), 1, needs=("roles/*",)),)
    return tuple(Check(f"molecule-{role}", tool("molecule", role), 60, needs=(f"extensions/molecule/{role}/molecule.yml",)) for role in roles)


def table(root: pathlib.Path = project.ROOT) -> tuple[Check, ...]:
    """All checks."""
    return (*FAST, *LAB, *PACKAGE, *molecule(root))
