# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make ``.venv`` fit for a profile, and the checkout loadable as a collection.  Runs on the system's Python, standard library only.

``demo`` needs wheels from PyPI and nothing else.  ``test`` adds tools and the Kerberos libraries, which are built against system headers:
what is missing of those is installed where that is possible (Debian, as root) and named where it is not.
A stamp per profile holds a hash of the requirements, so that an unchanged environment costs nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import typing as t
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
REQUIREMENTS = {"demo": "requirements-demo.txt", "test": "requirements-dev.txt"}
INCLUDED_IN = {"demo": ("demo", "test"), "test": ("test",)}
"""Profile → the profiles whose environment serves it."""
COLLECTIONS_FROM = "ansible==12.3.0"
"""The community package of PyPI, whose wheel brings the collections below at releases that were tested together."""
COLLECTIONS = ("ansible.windows", "community.windows", "microsoft.iis", "awx.awx")
"""What roles use on Windows hosts, the dependencies that galaxy.yml declares; and what `playbooks/awx_setup.yml` uses."""


class CannotPrepare(Exception):
    """The environment cannot be made; the message says what the user can do."""


class SystemPackage(t.NamedTuple):
    """Something outside PyPI: the Debian package that brings it, and how to see that it is there already."""

    debian: str
    present: t.Callable[[], bool]


def _program(*names: str) -> t.Callable[[], bool]:
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
    return lambda: any(shutil.which(name, path=path) for name in names)


def _folder(pattern: str) -> t.Callable[[], bool]:
    return lambda: any(pathlib.Path("/").glob(pattern.lstrip("/")))


def _python_headers() -> bool:
    return pathlib.Path(sysconfig.get_path("include"), "Python.h").is_file()


FOR_TESTS = (
    SystemPackage("gcc", _program("cc", "gcc")),
    SystemPackage("libkrb5-dev", _program("krb5-config")),
    SystemPackage("python3-dev", _python_headers),
    SystemPackage("krb5-user", _program("kinit")),
    SystemPackage("krb5-kdc", _program("krb5kdc")),
    SystemPackage("krb5-admin-server", _program("kadmin.local")),
    SystemPackage("samba", _program("samba")),
    SystemPackage("samba-ad-provision", _folder("/usr/share/samba/setup")),
    SystemPackage("samba-dsdb-modules", _folder("/usr/lib/*/samba/ldb/samba_dsdb.so")),
    SystemPackage("samba-vfs-modules", _folder("/usr/lib/*/samba/vfs/acl_xattr.so")),
    SystemPackage("python3-samba", _program("samba-tool")),
    SystemPackage("ldb-tools", _program("ldbmodify")),
    SystemPackage("chromium", _program("chromium")),
    SystemPackage("chromium-driver", _program("chromedriver")),
)


def requirement_files(path: pathlib.Path) -> list[pathlib.Path]:
    """The file and those that it includes with ``-r``, in reading order."""
    found = [path]
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found += requirement_files(path.parent / line[3:].strip())
    return found


def fingerprint(root: pathlib.Path, profile: str, version: str = sys.version) -> str:
    """A hash of all that decides what is installed for a profile."""
    digest = hashlib.sha256(f"{version} {COLLECTIONS_FROM} {COLLECTIONS}".encode())
    for path in requirement_files(root / REQUIREMENTS[profile]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(root: pathlib.Path, profile: str) -> bool:
    """Whether ``.venv`` was made for this profile, or one that includes it, from the requirements as they are now."""
    stamps = root / ".venv" / "stamps"
    return any((stamps / one).is_file() and (stamps / one).read_text() == fingerprint(root, one) for one in INCLUDED_IN[profile])


def missing_packages(wanted: t.Iterable[SystemPackage]) -> list[str]:
    """The Debian names of what is not there."""
    return [package.debian for package in wanted if not package.present()]


def install_system_packages(names: list[str]) -> None:
    """Install Debian packages, as root on a system with apt; else say what to install."""
    if not names:
        return
    command = f"apt-get install {' '.join(names)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotPrepare(f"These system packages are needed and cannot be installed from here; on Debian: sudo {command}")
    say(f"installing system packages: {' '.join(names)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-q"], "apt-update", environment)
    run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *names], "apt-install", environment)


def run(command: list[str], log: str, environment: t.Mapping[str, str] | None = None) -> None:
    """Run a command with its output in ``build/logs``; a failure shows the end of it."""
    path = ROOT / "build" / "logs" / f"prepare-{log}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as output:
        code = subprocess.call(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=ROOT)
    if code:
        tail = "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
        raise CannotPrepare(f"{' '.join(command[:4])} … failed with {code}; the end of {path}:\n{tail}")


def say(text: str) -> None:
    print(f"prepare: {text}", flush=True)


def make_venv(venv: pathlib.Path) -> pathlib.Path:
    """The path of a working interpreter in ``.venv``, which is made anew where it is missing, broken or of another version."""
    python = venv / "bin" / "python"
    probe = [str(python), "-c", f"import pip, sys; sys.exit(sys.version != {sys.version!r})"]
    if python.exists() and subprocess.call(probe, stderr=subprocess.DEVNULL) == 0:
        return python
    if not importlib.util.find_spec("ensurepip"):  # Debian ships it in a package of its own
        install_system_packages([f"python3.{sys.version_info.minor}-venv"])
    shutil.rmtree(venv, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(venv)], "venv")
    return python


def install(root: pathlib.Path, profile: str) -> None:
    """Fill ``.venv`` for a profile."""
    started = time.monotonic()
    say(f"making .venv for {profile} from PyPI (once)")
    if profile == "test":
        install_system_packages(missing_packages(FOR_TESTS))
    python = make_venv(root / ".venv")
    run([str(python), "-m", "pip", "--disable-pip-version-check", "install", "-r", REQUIREMENTS[profile]], f"pip-{profile}")
    install_collections(root / ".venv", python)
    stamps = root / ".venv" / "stamps"
    stamps.mkdir(exist_ok=True)
    (stamps / profile).write_text(fingerprint(root, profile))
    say(f".venv is ready after {time.monotonic() - started:.0f} s")


def install_collections(venv: pathlib.Path, python: pathlib.Path) -> None:
    """Unpack the collections that are dependencies into ``.venv/collections``; the rest of that package's wheel is left packed."""
    with tempfile.TemporaryDirectory() as folder:
        run([str(python), "-m", "pip", "--disable-pip-version-check", "download", "--no-deps", "--dest", folder, COLLECTIONS_FROM], "collections")
        (wheel,) = pathlib.Path(folder).glob("*.whl")
        wanted = tuple(f"ansible_collections/{name.replace('.', '/')}/" for name in COLLECTIONS)
        with zipfile.ZipFile(wheel) as archive:
            shutil.rmtree(venv / "collections", ignore_errors=True)
            archive.extractall(venv / "collections", [name for name in archive.namelist() if name.startswith(wanted)])


def link_checkout(root: pathlib.Path) -> None:
    """Make the checkout loadable as m365.hybrid from ``build/collections``, and the lab importable in ``.venv``."""
    link = root / "build" / "collections" / "ansible_collections" / "m365" / "hybrid"
    link.parent.mkdir(parents=True, exist_ok=True)
    target = os.path.relpath(root, link.parent)
    if not link.is_symlink() or os.readlink(link) != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    for packages in (root / ".venv" / "lib").glob("python3.*/site-packages"):
        path = packages / "m365_hybrid_lab.pth"
        if not path.is_file() or path.read_text() != f"{root / 'lab'}\n":
            path.write_text(f"{root / 'lab'}\n")


def main(arguments: list[str]) -> int:
    """Prepare for the profile named; 2 when that is impossible."""
    profile = arguments[0] if arguments else "demo"
    if sys.version_info < OLDEST:
        print(f"prepare: Python {OLDEST[0]}.{OLDEST[1]} or later is needed; this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    try:
        if not (is_current(ROOT, profile) and (ROOT / ".venv" / "bin" / "python").exists()):
            install(ROOT, profile)
        if profile == "test":
            install_system_packages(missing_packages(FOR_TESTS))
        link_checkout(ROOT)
    except CannotPrepare as error:
        print(f"prepare: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
