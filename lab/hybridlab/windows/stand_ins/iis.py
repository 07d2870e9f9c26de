# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""microsoft.iis: website, web_application and web_application_info; and win_uri, for what the machine's own sites answer."""

from __future__ import annotations

import typing as t
import urllib.parse

from hybridlab.windows.certificates import Certificates
from hybridlab.windows.features import Features
from hybridlab.windows.iis import FEATURE, Application, Binding, Iis, Site
from hybridlab.windows.machine import Machine
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_NO_IIS = (
    "Failed to load WebAdministration module, Exception: The specified module 'WebAdministration' was not loaded because no valid module file was found "
    "in any module directory."
)


def _iis(task: Task) -> Iis:
    if FEATURE not in task.machine.part(Features).installed:
        raise Failed(_NO_IIS)
    return task.machine.part(Iis)


def website(task: Task) -> dict[str, t.Any]:
    """The site with its bindings.  As the module does, it gives a binding that is there another certificate without saying that it changed."""
    iis = _iis(task)
    site = iis.sites.get(task["name"].lower())
    if task["state"] == "absent":
        if site and not task.check:
            del iis.sites[task["name"].lower()]
        return {"changed": site is not None}
    changed = site is None
    if site is None:
        site = _new_site(task, iis)
    changed = _properties(task, site) or changed
    changed = _bindings(task, iis, site, task["bindings"] or {}) or changed
    return {"changed": _state(task, site) or changed}


def _new_site(task: Task, iis: Iis) -> Site:
    path = task["physical_path"]
    if not path:
        raise Failed("missing required arguments: physical_path")
    if not task.machine.files.exists(path):
        raise Failed("specified folder must already exist: physical_path")
    site = Site(task["name"], int(task["site_id"] or len(iis.sites) + 1), path)
    if not task.check:
        iis.sites[site.name.lower()] = site
    return site


def _properties(task: Task, site: Site) -> bool:
    changed = False
    for option, name in (("physical_path", "path"), ("application_pool", "pool")):
        if task[option] and task[option].lower() != getattr(site, name).lower():
            changed = True
            if not task.check:
                setattr(site, name, task[option])
    return changed


def _bindings(task: Task, iis: Iis, site: Site, told: t.Mapping[str, t.Any]) -> bool:
    wanted = [_binding(task, one) for one in (told.get("set") if told.get("set") is not None else told.get("add")) or ()]
    found = {one.information: one for one in site.bindings}
    gone = {f"{one.get('ip')}:{one.get('port')}:{one.get('hostname') or ''}" for one in told.get("remove") or ()}
    if told.get("set") is not None:
        gone = set(found) - {one.information for one in wanted}
    changed = False
    for one in wanted:
        before = found.get(one.information)
        changed = changed or before is None or (before.protocol, before.flags) != (one.protocol, one.flags)
        if not task.check:
            iis.bind(site, one)
    for information in gone & set(found):
        changed = True
        if not task.check:
            iis.unbind(site, found[information])
    return changed


def _binding(task: Task, told: t.Mapping[str, t.Any]) -> Binding:
    protocol, thumbprint = told.get("protocol") or "http", (told.get("certificate_hash") or "").upper()
    flags = (1 if told.get("use_sni") else 0) + (2 if told.get("use_ccs") else 0)
    if flags and (protocol != "https" or not told.get("hostname")):
        raise Failed("must specify hostname value when use_sni is set." if protocol == "https" else "use_sni can only be set for https protocol")
    if protocol == "https" and not thumbprint and not told.get("use_ccs"):
        raise Failed("must either specify a certificate_hash or use_ccs.")
    if thumbprint and protocol != "https":
        raise Failed("You can only provide a certificate thumbprint when protocol is set to https")
    if thumbprint and thumbprint not in task.machine.part(Certificates).personal:
        raise Failed(f"Unable to locate certificate at cert:\\LocalMachine\\{told.get('certificate_store_name') or 'my'}\\{thumbprint}")
    return Binding(told.get("ip") or "", int(told.get("port") or 80), told.get("hostname") or "", protocol, thumbprint, flags)


def _state(task: Task, site: Site) -> bool:
    wanted, restart = task["state"] != "stopped", task["state"] == "restarted"
    changed = site.started != wanted or restart
    if not task.check:
        site.started = wanted
    return changed


def web_application(task: Task) -> dict[str, t.Any]:
    iis = _iis(task)
    site = iis.sites.get(task["site"].lower())
    key = (task["site"].lower(), task["name"].lower())
    found = iis.applications().get(key)
    if task["state"] == "absent":
        if found and not task.check:
            del iis.applications()[key]
        return {"changed": found is not None}
    path = task["physical_path"]
    if found is None and not path:
        raise Failed("missing required arguments: physical_path")
    if path and not task.machine.files.exists(path):
        raise Failed(f"specified folder must already exist: '{path}'")
    pool = task["application_pool"] or (site.pool if site else "DefaultAppPool")
    wanted = Application(task["name"], task["site"], path or (found.path if found else ""), pool, task["username"] or "", task["password"] or "")
    changed = found != wanted
    if changed and not task.check:
        iis.applications()[key] = wanted
    return {"changed": changed}


def web_application_info(task: Task) -> dict[str, t.Any]:
    iis = _iis(task)
    fits = [
        one
        for (site, name), one in iis.applications().items()
        if (not task["site"] or site == task["site"].lower()) and (not task["name"] or name == task["name"].lower())
    ]
    shown = [
        {
            "name": one.name,
            "site": one.site,
            "physical_path": one.path,
            "application_pool": one.pool,
            "enabled_protocols": "http",
            "connect_as": "specific_user" if one.user else "pass_through",
            "username": one.user,
        }
        for one in fits
    ]
    return {"changed": False, "exists": bool(shown), "applications": shown}


def win_uri(task: Task) -> dict[str, t.Any]:
    """For the machine's own sites over HTTPS; the lab has no web to look at."""
    url = urllib.parse.urlsplit(task["url"])
    if url.scheme != "https" or not url.hostname or task["method"] not in ("GET", "HEAD"):
        raise Failed(f"the lab asks the sites of {task.machine.name} with GET over HTTPS, and nothing else of win_uri: {task['url']}")
    account = (task["url_username"], task["url_password"] or "") if task["url_username"] else None
    held = task.machine.part(Certificates).personal
    if FEATURE not in task.machine.part(Features).installed:
        raise Failed("Error occurred when sending web request. Message: Unable to connect to the remote server", status_code=None)
    status = task.machine.part(Iis).answer(url.hostname, url.path, account, lambda thumbprint, host: thumbprint in held and _for(held[thumbprint].names, host))
    if status is None:
        text = "The underlying connection was closed: Could not establish trust relationship for the SSL/TLS secure channel."
        raise Failed(f"Error occurred when sending web request. Message: {text}", status_code=None)
    if status not in task["status_code"]:
        raise Failed(f"Status code of request '{status}' is not in list of valid status codes {task['status_code']} : {status}'.", status_code=status)
    return {"changed": False, "url": task["url"], "status_code": status, "status_description": "OK", "content_length": 0, "elapsed": 0.01}


def _for(names: t.Iterable[str], host: str) -> bool:
    found = {one.lower() for one in names}
    return host.lower() in found or f"*.{host.lower().partition('.')[2]}" in found


CHANGES: dict[str, t.Callable[[Machine, t.Any], None]] = {"applications": lambda machine, told: machine.part(Iis).know(told)}
STAND_INS: dict[str, StandIn] = {
    "microsoft.iis.website": website,
    "microsoft.iis.web_application": web_application,
    "microsoft.iis.web_application_info": web_application_info,
    "ansible.windows.win_uri": win_uri,
}
