# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Windows hosts of the lab have of IIS, of certificates and of settings in files, and what their sites answer."""

from __future__ import annotations

import pathlib
import typing as t

from hybridlab.adfs import issuing
from hybridlab.windows.certificates import Certificates, Held
from hybridlab.windows.iis import SSL_BINDINGS
from tests.unit.lab.windows import Host

MSI, PRODUCT = "C:\\Install\\tool.msi", "{11111111-2222-3333-4444-555555555555}"
AUTHORITY = issuing.Authority.made()
IIS = ["Web-Server", "Web-Scripting-Tools"]


def test_a_site_has_pool_bindings_and_applications() -> None:
    host = Host()
    assert "WebAdministration" in host.failed("microsoft.iis.website", name="Lab", physical_path="C:\\inetpub\\lab")
    host.run("win_feature", name=IIS)
    assert "specified folder must already exist" in host.failed("microsoft.iis.website", name="Lab", physical_path="C:\\inetpub\\lab")
    host.machine.files.make_directory("C:\\inetpub\\lab")
    wish = {"set": [{"port": 8080, "hostname": "lab.contoso.com"}]}
    host.settled("microsoft.iis.website", name="Lab", physical_path="C:\\inetpub\\lab", bindings=wish)
    (site,) = host.run("microsoft.iis.website_info", name="lab")["site"]
    assert [(one["port"], one["protocol"]) for one in site["bindings"]] == [(8080, "http")] and site["state"] == "Started"
    pool = {"managedRuntimeVersion": "", "processModel.identityType": "LocalSystem"}
    host.settled("microsoft.iis.web_app_pool", name="LabPool", attributes=pool)
    application = {"name": "App", "site": "Lab", "physical_path": "C:\\inetpub\\lab", "application_pool": "LabPool"}
    host.settled("microsoft.iis.web_application", **application)
    assert host.run("microsoft.iis.web_application_info", site="Lab")["applications"][0]["application_pool"] == "LabPool"
    assert host.settled("microsoft.iis.website", name="Lab", state="absent")["changed"]
    assert not host.run("microsoft.iis.web_application_info", site="Lab")["exists"]


def test_a_binding_for_https_needs_a_certificate_that_is_there() -> None:
    host = Host()
    held = [host.machine.part(Certificates).add(AUTHORITY.issue(name)).thumbprint for name in ("one.contoso.com", "two.contoso.com")]
    host.run("win_feature", name=IIS)
    binding = {"port": 443, "protocol": "https"}
    assert "must either specify a certificate_hash" in host.failed("microsoft.iis.website", name="Default Web Site", bindings={"add": [binding]})
    unknown = {**binding, "certificate_hash": "CD34"}
    assert "Unable to locate certificate" in host.failed("microsoft.iis.website", name="Default Web Site", bindings={"add": [unknown]})
    known = {**binding, "certificate_hash": held[0].lower()}
    assert host.settled("microsoft.iis.website", name="Default Web Site", bindings={"add": [known]})["changed"]
    assert served(host) == held[0]
    other = {**binding, "certificate_hash": held[1]}
    assert not host.run("microsoft.iis.website", name="Default Web Site", bindings={"add": [other]})["changed"], "the module does not say so"
    assert served(host) == held[1]
    assert "mutually exclusive: set, add" in host.failed("microsoft.iis.website", name="x", bindings={"add": [known], "set": []})


def served(host: Host) -> str:
    """The thumbprint that port 443 has, as http.sys keeps it."""
    found = host.run("win_reg_stat", path=f"{SSL_BINDINGS}\\0.0.0.0:443", name="SslCertHash")
    return "".join(found["raw_value"]).replace("0x", "").upper()


CONFIG = "C:\\web.config"


def test_settings_in_xml_are_set_where_they_are_and_nowhere_else() -> None:
    text = '<configuration><appSettings><add key="A" value="1"/></appSettings><own><setting name="S"><value>x</value></setting></own></configuration>'
    host = Host(files={CONFIG: {"content": text}})
    attribute: dict[str, t.Any] = {
        "path": CONFIG,
        "xpath": "/configuration/appSettings/add[@key='A']",
        "type": "attribute",
        "attribute": "value",
        "fragment": "2",
    }
    assert host.settled("community.windows.win_xml", **attribute)["changed"]
    assert host.settled("community.windows.win_xml", path=CONFIG, xpath="//setting[@name='S']/value", type="text", fragment="y")["changed"]
    file = host.machine.files.file(CONFIG)
    assert file and b'value="2"' in file.content and b"<value>y</value>" in file.content
    nothing = host.run("community.windows.win_xml", **{**attribute, "xpath": "/configuration/appSettings/add[@key='B']"}, count=True)
    assert nothing["count"] == 0 and not nothing["changed"] and "did not match any nodes" in nothing["msg"]
    assert "does not exist or is not a file" in host.failed("community.windows.win_xml", **{**attribute, "path": "C:\\none"})
    assert "Failed to parse file" in Host(files={CONFIG: {"content": "<a>"}}).failed("community.windows.win_xml", **attribute)


def test_a_site_answers_over_tls_when_its_certificate_is_for_the_name_and_an_application_lets_its_accounts_in() -> None:
    host = Host(
        installers={MSI: {"product_id": PRODUCT, "name": "Tool", "applications": {"Tool": "C:\\inetpub\\wwwroot"}}}, web_accounts={"Tool": {"LAB\\a": "b"}}
    )
    ask: dict[str, t.Any] = {"url_username": "LAB\\a", "url_password": "b"}
    assert "could not be resolved" in host.failed("win_uri", url="https://one.contoso.com/tool")
    held = host.machine.part(Certificates).add(AUTHORITY.issue("one.contoso.com"))
    host.run("win_feature", name=IIS)
    binding = {"port": 443, "protocol": "https", "certificate_hash": held.thumbprint}
    host.run("microsoft.iis.website", name="Default Web Site", bindings={"add": [binding]})
    assert "'404' is not in list" in host.failed("win_uri", url="https://one.contoso.com/tool", **ask)
    host.settled("win_package", path=MSI)
    assert host.run("win_uri", url="https://one.contoso.com/tool/page.asmx", **ask)["status_code"] == 200
    assert "'401' is not in list" in host.failed("win_uri", url="https://one.contoso.com/tool", url_username="LAB\\a", url_password="wrong")
    assert "trust relationship" in host.failed("win_uri", url="https://two.contoso.com/tool", **ask)
    host.settled("win_package", path=MSI, state="absent")
    assert "'404' is not in list" in host.failed("win_uri", url="https://one.contoso.com/tool", **ask)


def test_only_those_ports_of_others_are_open_that_the_lab_was_told_of() -> None:
    host = Host(reached=["far.contoso.com:443"])
    assert host.run("win_wait_for", host="FAR.contoso.com", port=443)["wait_attempts"] == 1
    assert "timeout while waiting for far.contoso.com:80" in host.failed("win_wait_for", host="far.contoso.com", port=80, timeout=1)


def test_a_pfx_is_imported_with_its_key_once_and_with_the_right_password_only(tmp_path: pathlib.Path) -> None:
    held, path = AUTHORITY.issue("one.contoso.com", "two.contoso.com"), "C:\\one.pfx"
    issuing.write_pfx(tmp_path / "one.pfx", held, "right", chain=(AUTHORITY.held,))
    host = Host()
    host.machine.files.write(path, (tmp_path / "one.pfx").read_bytes())
    assert "network password is not correct" in host.failed("win_certificate_store", path=path, password="wrong")
    assert "network password is not correct" in host.failed("win_certificate_store", path=path)
    assert "either does not exist" in host.failed("win_certificate_store", path="C:\\two.pfx", password="right")
    assert "unable to find store 'Nowhere'" in host.failed("win_certificate_store", path=path, password="right", store_name="Nowhere")
    host.machine.part(Certificates).add(Held(held.certificate))  # without its key, which importing it again brings
    imported = host.settled("win_certificate_store", path=path, password="right", key_storage="machine", key_exportable=False)
    assert imported["thumbprints"] == [AUTHORITY.held.thumbprint, held.thumbprint]
    (found,) = host.run("win_certificate_info", thumbprint=held.thumbprint.lower())["certificates"]
    assert found["has_private_key"] and found["issuer"] == "CN=Contoso Issuing CA" and found["dns_names"] == ["one.contoso.com", "two.contoso.com"]
    assert not host.run("win_certificate_info", store_name="Root")["exists"]
    assert host.settled("win_certificate_store", thumbprint=held.thumbprint, state="absent")["changed"]
    assert not host.run("win_certificate_info", thumbprint=held.thumbprint)["exists"]
