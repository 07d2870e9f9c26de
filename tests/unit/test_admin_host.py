# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role admin_host finds a Windows host to need, and what it refuses."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.admin_host_plan import FilterModule
from tools import project

PLAN = FilterModule().filters()["admin_host_plan"]
Row = dict[str, t.Any]
TABLES: Row = yaml.safe_load((project.ROOT / "roles" / "admin_host" / "vars" / "main.yml").read_text(encoding="utf-8"))
GRAPH = {"name": "Microsoft.Graph", "required_version": "2.25.0"}
EXCHANGE = {"name": "ExchangeOnlineManagement", "required_version": "3.9.2"}
WMF = {"version": "5.1", "source": r"C:\wmf.msu", "kb": "KB3191564"}
DOTNET = {"path": r"C:\ndp48.exe"}


def plan(
    os: str = "10.0.20348.0",
    powershell: str | None = "5.1.20348.1",
    release: int | None = 528449,
    values: t.Sequence[int | None] = (1, 1, 1, 1),
    products: t.Sequence[str] = (),
    installed: t.Mapping[str, t.Sequence[str]] | None = None,
    **wishes: t.Any,
) -> Row:
    known = {"powershell": powershell, "powershell_before": "2.0", "dotnet": release, "dotnet_version": release and "4.x"}
    remaining = iter(values)
    registry = []
    for row in [*TABLES["__admin_host_registry"], *({"what": "product", **one} for one in TABLES["__admin_host_incompatible"])]:
        found = next(remaining) if row["what"] == "value" else (row["product"] in products or None) if row["what"] == "product" else known[row["what"]]
        registry.append({"item": row, "exists": found is not None, **({} if found is None else {"value": found})})
    modules = [
        {"item": one, "modules": [{"version": each} for each in (installed or {}).get(one["name"], ())]} for one in wishes.get("modules", ()) if "name" in one
    ]
    reading = {
        "facts": {"ansible_os_name": "Windows", "ansible_distribution_version": os},
        "registry": registry,
        "core": [{"exists": True, "value": one} for one in ("7.10.1", "7.4.6")],
        "modules": modules,
    }
    tables = {name: TABLES[f"__admin_host_{name}"] for name in ("frameworks", "dotnets", "needs", "retired")}
    given = {"powershell": "5.1", "wmf": {}, "dotnet": {}, "modules": [], "packages": [], "tls": True, "accept_retired": False}
    return t.cast(Row, PLAN(reading, given | tables | wishes))


def test_a_host_of_today_that_has_everything_needs_nothing() -> None:
    found = plan(modules=[GRAPH], installed={"Microsoft.Graph": ["2.25.0", "1.9.0"]})
    assert (found["problems"], found["dotnet"], found["wmf"], found["tls"], found["modules"]) == ([], False, "", [], [])
    assert found["state"]["powershell_core"] == ["7.4.6", "7.10.1"] and found["state"]["modules"] == {"Microsoft.Graph": ["2.25.0", "1.9.0"]}
    assert found["saved"] == {"registry": [], "modules": []}


def test_a_module_in_another_version_is_installed_in_the_one_that_is_asked_for() -> None:
    found = plan(modules=[GRAPH, EXCHANGE | {"repository": "Mirror"}], installed={"ExchangeOnlineManagement": ["2.0.5"]})
    assert found["modules"] == [GRAPH, EXCHANGE | {"repository": "Mirror"}]
    assert found["saved"]["modules"] == [GRAPH, EXCHANGE]


def test_values_that_differ_are_set_and_kept_as_they_were() -> None:
    found = plan(values=(0, None, 1, 1))
    assert [(one["name"], one["data"], one["type"]) for one in found["tls"]] == [("SchUseStrongCrypto", 1, "dword"), ("SystemDefaultTlsVersions", 1, "dword")]
    before, absent = found["saved"]["registry"]
    assert (before["data"], before["type"], absent["state"]) == (0, "dword", "absent")
    unmanaged = plan(values=(0, None, 1, 1), tls=False)
    assert unmanaged["tls"] == unmanaged["saved"]["registry"] == []


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ({"name": "Microsoft.Graph"}, "must have name and required_version"),
        ({"required_version": "1.0"}, "must have name and required_version"),
        ({"name": "Microsoft.*", "required_version": "1.0"}, "must be an exact name"),
        ({"name": "MSOnline", "required_version": "1.1.183.81"}, "MSOnline is retired: switched off in 2025"),
    ],
)
def test_a_module_that_is_not_named_exactly_or_is_retired_is_refused(module: Row, message: str) -> None:
    assert message in " ".join(plan(modules=[module])["problems"])


def test_what_is_retired_needs_to_be_acknowledged() -> None:
    packages = [{"path": r"C:\AdministrationConfig-en.msi"}]
    assert "switched off since 2025" in plan(packages=packages)["problems"][0]
    accepted = plan(packages=packages, modules=[{"name": "MSOnline", "required_version": "1.1.183.81"}], accept_retired=True)
    assert accepted["problems"] == [] and len(accepted["modules"]) == 1


OLD: Row = {"os": "6.3.9600.0", "powershell": "4.0", "release": 379893}


def test_an_old_host_gets_the_framework_in_the_way_that_its_powershell_can() -> None:
    assert (plan(**OLD, wmf=WMF)["wmf"], plan(**OLD, wmf=WMF)["problems"]) == ("hotfix", [])
    assert plan(os="6.1.7601.0", powershell=None, release=379893, wmf=WMF)["wmf"] == "package"
    assert plan(wmf=WMF)["wmf"] == ""


def test_an_old_host_without_the_framework_to_install_is_refused() -> None:
    assert plan(**OLD)["problems"] == ["PowerShell 5.1 is needed, and 4.0 is here. Give admin_host_wmf"]
    assert "PowerShell 5.1 is needed, and 3.0 is here" in plan(**OLD | {"os": "6.1.7601.0", "powershell": "2.0"}, wmf=WMF | {"version": "3.0"})["problems"][-1]


@pytest.mark.parametrize(
    ("os", "wmf", "message"),
    [
        ("10.0.17763.0", "5.1", "5.1 is not for Windows (10.0.17763.0), only for versions 6.1, 6.2, 6.3"),
        ("6.3.9600.0", "5.0", "5.0 is none of the versions that the role knows: 3.0, 4.0, 5.1"),
    ],
)
def test_a_framework_that_is_not_for_this_windows_is_refused(os: str, wmf: str, message: str) -> None:
    assert message in " ".join(plan(os=os, powershell="4.0", wmf=WMF | {"version": wmf})["problems"])


@pytest.mark.parametrize("product", [one["product"] for one in TABLES["__admin_host_incompatible"]])
def test_a_product_that_the_framework_breaks_is_refused_by_its_name(product: str) -> None:
    (row,) = [one for one in TABLES["__admin_host_incompatible"] if one["product"] == product]
    for version in TABLES["__admin_host_frameworks"]:
        found = plan(os="6.1.7601.0", powershell="2.0", products=[product], wmf=WMF | {"version": version})
        refused = [one for one in found["problems"] if f"must not be installed beside {product}: {row['why']}" in one]
        assert bool(refused) is (version in row["wmf"])


def test_a_product_is_no_matter_where_nothing_is_installed_that_breaks_it() -> None:
    assert plan(products=["Exchange Server 2013"])["problems"] == []


def test_net_is_installed_where_something_needs_a_newer_one() -> None:
    assert plan(release=394802, modules=[GRAPH])["problems"] == ["Microsoft.Graph needs .NET Framework 4.7.2, and 4.x is here. Give admin_host_dotnet"]
    found = plan(release=394802, modules=[GRAPH], dotnet=DOTNET)
    assert (found["dotnet"], found["problems"]) == (True, [])
    assert "none of version 4 is here" in plan(**OLD | {"release": None}, wmf=WMF)["problems"][0]


@pytest.mark.parametrize(("name", "given"), [("wmf", {"version": "5.1", "kb": "KB1"}), ("dotnet", {"arguments": ["/q"]})])
def test_a_framework_that_is_told_in_part_is_refused(name: str, given: Row) -> None:
    with pytest.raises(AnsibleFilterError, match=f"admin_host_{name}: there is no (source|path)"):
        plan(**t.cast(Row, {name: given}))


def test_what_was_not_read_is_no_answer() -> None:
    with pytest.raises(AnsibleFilterError, match="admin_host_plan"):
        PLAN({"registry": []}, {})
