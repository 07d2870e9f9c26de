# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the lab relies on in a release of ansible-core that talks to Windows hosts: facts about its files, none of its code.

``PYTHONPATH=lab python -m tools.windows_payload FOLDER`` notes the release that is installed in a folder (``pip install --target FOLDER ansible-core==X``) in
``lab/hybridlab/windows/ansible_core.json``; without a folder that of this interpreter.  A unit test compares the release that is installed.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import pathlib
import re
import sys
import typing as t

from hybridlab.windows import payload
from tools import project

DATA = project.ROOT / "lab" / "hybridlab" / "windows" / "ansible_core.json"
_SCRIPTS = (
    "async_wrapper",
    "become_wrapper",
    "module_wrapper",
    "powershell_expand_user",
    "powershell_mkdtemp",
    "psrp_fetch_file",
    "psrp_put_file",
    "winrm_fetch_file",
    "winrm_put_file",
)
_PARAMETERS = re.compile(r"(?ims)^param\s*\((?P<names>.*?)^\)")
_NAME = re.compile(r"(?m)^\s*\$(?P<name>\w+)")
_RELEASE = re.compile(r"(?m)^__version__ = ['\"](?P<release>\d+\.\d+)")


def installed() -> pathlib.Path:
    """The folder of the package ``ansible`` of this interpreter."""
    found = importlib.util.find_spec("ansible")
    assert found is not None and found.origin is not None
    return pathlib.Path(found.origin).parent


def release(ansible: pathlib.Path) -> str:
    match = _RELEASE.search((ansible / "release.py").read_text(encoding="utf-8"))
    assert match is not None
    return match["release"]


def facts(ansible: pathlib.Path) -> dict[str, t.Any]:
    """The fingerprint of the bootstrap wrapper, the names in the payload, and the parameters of the scripts that the lab stands in for."""
    folder = ansible / "executor" / "powershell"
    manifest = (folder / "module_manifest.py").read_text(encoding="utf-8")
    scripts = {name: folder / f"{name}.ps1" for name in _SCRIPTS}
    return {
        "wrapper": payload.fingerprint((folder / "bootstrap_wrapper.ps1").read_text(encoding="utf-8")),
        "payload": sorted(_names(ast.parse(manifest))),
        "parameters": {name: _parameters(path.read_text(encoding="utf-8")) for name, path in scripts.items() if path.is_file()},
    }


def _parameters(script: str) -> list[str]:
    match = _PARAMETERS.search(script)
    return [one["name"] for one in _NAME.finditer(match["names"])] if match else []


def _names(tree: ast.Module) -> t.Iterator[str]:
    """The fields of the manifest's classes, or the keywords of the dictionary that it once was; the entries of module_params."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in ("_ExecManifest", "_ManifestAction"):
            yield from (f"{node.name}.{one.target.id}" for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "exec_manifest":
            yield from (one.arg for one in getattr(node.value, "keywords", ()) if one.arg)


def main(arguments: list[str]) -> int:
    folder = pathlib.Path(arguments[0], "ansible") if arguments else installed()
    data = json.loads(DATA.read_text(encoding="utf-8"))
    data["releases"][release(folder)] = facts(folder)
    data["releases"] = dict(sorted(data["releases"].items(), key=lambda one: int(one[0].partition(".")[2])))
    DATA.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    print(f"ansible-core {release(folder)} noted in {DATA.relative_to(project.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
