# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract excerpt of the lab and the table that tells which version of Exchange has a parameter.

Source of the facts: ``../shared/contract`` beside the checkout, made from the vendor's published reference and from captured
objects.  Written: `lab/hybridlab/contract/cmdlets.json`, `lab/hybridlab/contract/skype.json`, `lab/hybridlab/contract/object_shapes.json`,
`plugins/module_utils/_exchange/_availability.py` and `plugins/module_utils/_exchange/_not_online.py`.
"""

from __future__ import annotations

import json
import pathlib
import textwrap
import typing as t

from . import Skipped

SOURCE = pathlib.Path("..") / "shared" / "contract"
LIST = pathlib.Path("lab/hybridlab/contract/cmdlets.txt")
SKYPE_LIST = pathlib.Path("lab/hybridlab/contract/skype.txt")
MODULE = "ExchangePowerShell"
SKYPE_MODULE = "SkypeForBusiness"
SERVERS = {
    "Exchange Server 2010": "2010",
    "Exchange Server 2013": "2013",
    "Exchange Server 2016": "2016",
    "Exchange Server 2019": "2019",
    "Exchange Server SE": "SE",
}
PRODUCTS = {**SERVERS, "Exchange Online": "Online"}
SKYPE_PRODUCTS = {"Lync Server 2013": "2013", "Skype for Business Server 2015": "2015", "Skype for Business Server 2019": "2019"}
SHAPES = (
    "Microsoft.Exchange.Data.Directory.Management.ExchangeServer",
    "Microsoft.Exchange.Data.Directory.Management.OrganizationConfig",
    "Microsoft.Exchange.Data.Directory.SystemConfiguration.AcceptedDomain",
    "Microsoft.Exchange.Data.Directory.SystemConfiguration.IRMConfiguration",
    "Microsoft.Exchange.Data.Directory.SystemConfiguration.ReceiveConnector",
    "Microsoft.Exchange.Data.Directory.SystemConfiguration.SmtpSendConnectorConfig",
)
NEEDLESS = {"Get-HostedOutboundSpamFilterPolicy": "Identity"}
"""Parameters that the syntax of the reference shows as mandatory, and its own examples leave out."""
_READING = ("Get-", "Search-", "Test-")
_READ_WITH = ("Get-CASMailbox",)
"""Cmdlets that read, and whose refusal of a parameter is explained with the versions that have it."""
_SPREAD = "{parameter: versions for versions, names in groups.items() for parameter in names.split()}"
LICENCE = """\
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""


def outputs(root: pathlib.Path) -> dict[str, str]:
    """Path → content.  Raises `Skipped` in a clone without the source."""
    source = root / SOURCE
    if not (source / "contract_docs.json").is_file():
        raise Skipped(f"{SOURCE / 'contract_docs.json'} is not here")
    docs = json.loads((source / "contract_docs.json").read_text(encoding="utf-8"))
    shapes = json.loads((source / "object_shapes.json").read_text(encoding="utf-8"))
    cmdlets = {name: docs[name] for name in names(root)}
    skype = {name: docs[name] for name in names(root, SKYPE_LIST)}
    return {
        "lab/hybridlab/contract/cmdlets.json": cmdlets_json(cmdlets),
        "lab/hybridlab/contract/skype.json": cmdlets_json(skype, SKYPE_MODULE, SKYPE_PRODUCTS),
        "lab/hybridlab/contract/object_shapes.json": shapes_json(shapes),
        "plugins/module_utils/_exchange/_availability.py": availability(cmdlets),
        "plugins/module_utils/_exchange/_not_online.py": not_online(cmdlets),
    }


def names(root: pathlib.Path, path: pathlib.Path = LIST) -> list[str]:
    """The cmdlets of an excerpt."""
    lines = (root / path).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def versions(applicable: t.Collection[str], products: t.Mapping[str, str] = PRODUCTS) -> str:
    """``2016 2019 SE Online``: the versions, in order, that the reference names."""
    return " ".join(short for product, short in products.items() if product in applicable)


def cmdlets_json(cmdlets: dict[str, dict[str, t.Any]], module: str = MODULE, products: t.Mapping[str, str] = PRODUCTS) -> str:
    """One parameter a line: a change of the contract is a readable diff."""
    blocks = []
    for name, doc in sorted(cmdlets.items()):
        if doc["module"] != module:
            raise ValueError(f"{name} belongs to {doc['module']}")
        parameters = ",\n".join(f"   {json.dumps(parameter)}: {json.dumps(row(doc, parameter, products))}" for parameter in doc["parameters"])
        needed = doc["parameter_set_mandatory"]
        mandatory = {chosen: [one for one in needed.get(chosen, []) if one != NEEDLESS.get(name)] for chosen in doc["parameter_sets"]}
        blocks.append(
            f' {json.dumps(name)}: {{\n  "applicable": {json.dumps(versions(doc["applicable"], products))},\n  "sets": {json.dumps(mandatory)},\n'
            f'  "parameters": {{\n{parameters}\n  }}\n }}'
        )
    return '{\n "_": "generated by tools/generate.py, do not edit",\n' + ",\n".join(blocks) + "\n}\n"


def row(doc: dict[str, t.Any], parameter: str, products: t.Mapping[str, str] = PRODUCTS) -> dict[str, t.Any]:
    """One parameter of the excerpt; keys with nothing to say are left out.

    ``sets`` lists the parameter sets whose syntax shows the parameter (absent: all of them).
    """
    source = doc["parameters"][parameter]
    sets = [name for name, members in doc["parameter_sets"].items() if parameter in members or "(All)" in (source.get("sets") or [])]
    found: dict[str, t.Any] = {
        "type": source["type"],
        "required": source["required"],
        "position": source["position"],
        "applicable": versions(source["applicable"], products),
        "aliases": source["aliases"],
        "accepted_values": source.get("accepted_values"),
        "advisory": source.get("accepted_values_advisory"),
        "open": source.get("accepted_values_open"),
    }
    kept = {key: value for key, value in found.items() if value not in (None, [], False, "named")}
    if kept.get("applicable") == versions(doc["applicable"], products):
        del kept["applicable"]
    if sorted(sets) != sorted(doc["parameter_sets"]):
        kept["sets"] = sets
    return kept


def shapes_json(shapes: dict[str, dict[str, t.Any]]) -> str:
    """Type names and property kinds of the objects the lab returns, one property a line; notes are the client's and left out."""
    blocks = []
    for name in SHAPES:
        shape = shapes[name]
        properties = ",\n".join(
            f"   {json.dumps(key)}: {json.dumps({k: v for k, v in value.items() if k != 'to_string'})}"
            for key, value in shape["properties"].items()
            if not value.get("note")
        )
        blocks.append(f' {json.dumps(name)}: {{\n  "type_names": {json.dumps(shape["type_names"])},\n  "properties": {{\n{properties}\n  }}\n }}')
    return '{\n "_": "generated by tools/generate.py, do not edit",\n' + ",\n".join(blocks) + "\n}\n"


def availability(cmdlets: dict[str, dict[str, t.Any]]) -> str:
    """The Python table of what is not in every version of Exchange Server."""
    lines = [
        LICENCE,
        "# generated by tools/generate.py, do not edit",
        "# fmt: off",
        "",
        '"""Which versions have a cmdlet or a parameter, where not every version of Exchange Server has it."""',
        "",
        "from __future__ import annotations",
        "",
        "# cmdlet → versions → the parameters that exist in these versions only",
        "_BY_VERSIONS = {",
    ]
    for name, doc in sorted(cmdlets.items()):
        reads = name.startswith(_READING) and name not in _READ_WITH
        if reads or not set(SERVERS) & set(doc["applicable"]):
            continue  # nothing asks for what only reads, nor for a cmdlet of Exchange Online alone
        groups: dict[str, list[str]] = {}
        for parameter, source in sorted(doc["parameters"].items()):
            if not set(SERVERS) <= set(source["applicable"]):
                groups.setdefault(versions(source["applicable"]) or "none", []).append(parameter)
        whole = f'    "{name}": {{' + ", ".join(f'"{found}": "{" ".join(members)}"' for found, members in sorted(groups.items())) + "},"
        if groups and len(whole) <= 160:
            lines[-1:] = _beside(lines[-1], whole)
        elif groups:
            lines += [f'    "{name}": {{', *_packed([_group(*found) for found in sorted(groups.items())]), "    },"]
    lines += ["}", ""]
    lines.append(f"PARAMETERS = {{cmdlet: {_SPREAD} for cmdlet, groups in _BY_VERSIONS.items()}}")
    return "\n".join(lines) + "\n"


def not_online(cmdlets: dict[str, dict[str, t.Any]]) -> str:
    """The Python table of what the server has and Exchange Online has not."""
    absent = " ".join(name for name, doc in sorted(cmdlets.items()) if "Exchange Online" not in doc["applicable"])
    lines = [
        LICENCE,
        "# generated by tools/generate.py, do not edit",
        "# fmt: off",
        "",
        '"""Which cmdlets, and which parameters of other cmdlets, Exchange Online does not have."""',
        "",
        "from __future__ import annotations",
        "",
        "CMDLETS = frozenset(",
        "    (",
        *(f'        "{line} "' for line in textwrap.wrap(absent, 140, break_on_hyphens=False)),
        "    ).split()",
        ")",
        "",
        "# cmdlet → its parameters that exist on the server only",
        "PARAMETERS = {",
    ]
    for name, doc in sorted(cmdlets.items()):
        missing = [parameter for parameter, source in sorted(doc["parameters"].items()) if "Exchange Online" not in source["applicable"]]
        if missing and "Exchange Online" in doc["applicable"]:
            lines += [line.removeprefix("    ") for line in _group(name, missing)]
    return "\n".join([*lines, "}"]) + "\n"


def _beside(last: str, whole: str) -> list[str]:
    """Two whole entries on one line where there is room."""
    joined = f"{last} {whole.strip()}"
    return [joined] if last.startswith('    "') and last.endswith("},") and len(joined) <= 160 else [last, whole]


def _packed(groups: list[list[str]]) -> list[str]:
    """The lines of groups, short ones side by side: a file of the collection has a limit of lines."""
    lines: list[str] = []
    for group in groups:
        joined = f"{lines[-1]} {group[0].strip()}" if lines else ""
        if len(group) == 1 and joined and len(joined) <= 160 and not lines[-1].endswith("),"):
            lines[-1] = joined
        else:
            lines += group
    return lines


def _group(found: str, parameters: list[str]) -> list[str]:
    wrapped = textwrap.wrap(" ".join(parameters), 140, break_on_hyphens=False)
    whole = f'        "{found}": "{" ".join(parameters)}",'
    if len(whole) <= 160:
        return [whole]
    return [f'        "{found}": (', *(f'            "{line}{" " if at < len(wrapped) - 1 else ""}"' for at, line in enumerate(wrapped)), "        ),"]
