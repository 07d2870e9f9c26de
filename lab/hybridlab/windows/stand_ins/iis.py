# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules of microsoft.iis for sites, pools and applications."""

from __future__ import annotations

import copy
import typing as t

from hybridlab.windows.iis import Application, Iis, NotInstalled, Pool, Site
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_BINDING = ("ip", "port", "hostname", "protocol", "use_sni", "use_ccs", "certificate_hash", "certificate_store_name")


def _iis(task: Task) -> Iis:
    try:
        return task.machine.part(Iis).opened()
    except NotInstalled as error:
        raise Failed(f"Unhandled exception while executing module: {error}") from error


def _folder(task: Task, path: str | None, words: str) -> str | None:
    """The folder as it is on the disk."""
    if path is None:
        return None
    found = task.machine.files.directory(path)
    if found is None:
        raise Failed(words)
    return found


def website(task: Task) -> dict[str, t.Any]:
    iis, state = _iis(task), task["state"]
    found = iis.sites.get(task["name"].lower())
    if state == "absent":
        if found and not task.check:
            del iis.sites[task["name"].lower()]
            iis.applications = {key: one for key, one in iis.applications.items() if key[0] != task["name"].lower()}
        return {"changed": found is not None}
    if found is None and not task["physical_path"]:
        raise Failed("missing required arguments: physical_path")
    path = _folder(task, task["physical_path"], "specified folder must already exist: physical_path")
    if found is None and task.check:
        return {"changed": True}  # As the module: there is no site yet whose bindings could be compared.
    site = copy.deepcopy(found) if found else Site(task["name"], int(task["site_id"] or len(iis.sites) + 1), str(path))
    site.physical_path = path or site.physical_path
    site.pool = task["application_pool"] or site.pool
    site.bindings = _bindings(task, site)
    if state in ("started", "stopped"):
        site.state = state.capitalize()
    if not task.check:
        iis.sites[task["name"].lower()] = site
    return {"changed": site != found or state == "restarted"}


def _bindings(task: Task, site: Site) -> list[dict[str, t.Any]]:
    """The bindings as they are to be.  A binding is known by address, port and host name."""
    wish = task["bindings"] or {}
    current = {_key(one): one for one in site.bindings}
    if wish.get("set") is not None:
        wanted = {_key(one): _binding(task, one, current.get(_key(one))) for one in wish["set"]}
    else:
        wanted = current | {_key(one): _binding(task, one, current.get(_key(one))) for one in wish.get("add") or ()}
        for one in wish.get("remove") or ():
            wanted.pop(_key(one), None)
    return list(wanted.values())


def _key(binding: dict[str, t.Any]) -> tuple[str, int, str]:
    return str(binding.get("ip") or "*"), int(binding.get("port") or 0), str(binding.get("hostname") or "").lower()


def _binding(task: Task, wish: dict[str, t.Any], known: dict[str, t.Any] | None) -> dict[str, t.Any]:
    """Raises `Failed` with the module's words."""
    binding = {name: wish.get(name) for name in _BINDING} | {"ip": wish.get("ip") or "*", "hostname": wish.get("hostname") or ""}
    for name in ("use_sni", "use_ccs"):
        value = binding[name] if binding[name] is not None else (known or {}).get(name)
        binding[name] = bool(value)
        if binding[name] and binding["protocol"] != "https":
            raise Failed(f"{name} can only be set for https protocol")
        if binding[name] and not binding["hostname"]:
            raise Failed(f"must specify hostname value when {name} is set.")
    if binding["protocol"] == "https" and not (binding["use_ccs"] or binding["certificate_hash"]):
        raise Failed("must either specify a certificate_hash or use_ccs.")
    if binding["certificate_hash"] and binding["protocol"] != "https":
        raise Failed("You can only provide a certificate thumbprint when protocol is set to https")
    if binding["certificate_hash"]:
        _certificate(task, binding)
    return binding


def _certificate(task: Task, binding: dict[str, t.Any]) -> None:
    path = f"cert:\\LocalMachine\\{binding['certificate_store_name']}\\{binding['certificate_hash']}"
    known = {str(one).upper() for one in task.machine.profile.get("certificates") or ()}
    if str(binding["certificate_hash"]).upper() not in known:
        raise Failed(f"Unable to locate certificate at {path}")


def website_info(task: Task) -> dict[str, t.Any]:
    iis, name = _iis(task), task["name"]
    found = [one for one in iis.sites.values() if name is None or one.name.lower() == name.lower()]
    shown = [
        {"name": one.name, "site_id": one.id, "state": one.state, "physical_path": one.physical_path, "application_pool": one.pool, "bindings": one.bindings}
        for one in found
    ]
    return {"exists": bool(found), "site": shown}


def web_app_pool(task: Task) -> dict[str, t.Any]:
    iis, state = _iis(task), task["state"]
    found = iis.pools.get(task["name"].lower())
    if state == "absent":
        if found and not task.check:
            del iis.pools[task["name"].lower()]
        return {"changed": found is not None}
    pool = copy.deepcopy(found) if found else Pool(task["name"])
    names = {name.lower(): name for name in pool.attributes}
    for name, value in (task["attributes"] or {}).items():
        known = names.get(name.lower(), name)
        if str(pool.attributes.get(known)).lower() != str(value).lower():
            pool.attributes[known] = value
    if state in ("started", "stopped"):
        pool.state = state.capitalize()
    if not task.check:
        iis.pools[task["name"].lower()] = pool
    return {"changed": pool != found or state == "restarted"}


def web_application(task: Task) -> dict[str, t.Any]:
    iis = _iis(task)
    key = (task["site"].lower(), task["name"].strip("/").lower())
    found = iis.applications.get(key)
    if task["state"] == "absent":
        if found and not task.check:
            del iis.applications[key]
        return {"changed": found is not None}
    if task["connect_as"] == "specific_user":
        for option in ("username", "password"):
            if not task[option]:
                raise Failed(f"missing required arguments: {option}")
    site = iis.sites.get(key[0])
    if site is None:
        raise Failed(f"Cannot find path 'IIS:\\Sites\\{task['site']}' because it does not exist.")
    if found is None and not task["physical_path"]:
        raise Failed("missing required arguments: physical_path")
    path = _folder(task, task["physical_path"], f"specified folder must already exist: '{task['physical_path']}'")
    application = copy.deepcopy(found) if found else Application(site.name, task["name"].strip("/"), str(path), site.pool)
    application.physical_path = path or application.physical_path
    application.pool = task["application_pool"] or site.pool
    if task["connect_as"]:
        specific = task["connect_as"] == "specific_user"
        application.username, application.password = (task["username"], task["password"]) if specific else ("", "")
    if not task.check:
        iis.applications[key] = application
    return {"changed": application != found}


def web_application_info(task: Task) -> dict[str, t.Any]:
    iis, name, site = _iis(task), task["name"], task["site"]
    found = [
        one
        for one in iis.applications.values()
        if (name is None or one.path.lower() == name.strip("/").lower()) and (site is None or one.site.lower() == site.lower())
    ]
    return {"exists": bool(found), "applications": [_application(one) for one in found]}


def _application(one: Application) -> dict[str, t.Any]:
    return {
        "name": one.path,
        "site": one.site,
        "connect_as": "specific_user" if one.username else "pass_through",
        "username": one.username,
        "application_pool": one.pool,
        "physical_path": one.physical_path,
        "enabled_protocols": "http",
    }


STAND_INS: dict[str, StandIn] = {
    "microsoft.iis.website": website,
    "microsoft.iis.website_info": website_info,
    "microsoft.iis.web_app_pool": web_app_pool,
    "microsoft.iis.web_application": web_application,
    "microsoft.iis.web_application_info": web_application_info,
}
