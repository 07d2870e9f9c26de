# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection plugin's options, and what it lets through."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml

from ansible_collections.m365.hybrid.plugins.doc_fragments.powershell import ModuleDocFragment
from ansible_collections.m365.hybrid.plugins.module_utils import _connection_docs
from ansible_collections.m365.hybrid.plugins.module_utils._core.endpoints import ENDPOINTS
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.plugin_utils import gate, options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, psrp

DEFINITIONS: dict[str, dict[str, t.Any]] = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]


def resolve(**variables: t.Any) -> dict[str, t.Any]:
    """The options that these variables make, as core makes them: of several variables of one option, the last counts."""
    values: dict[str, t.Any] = {}
    for name, definition in DEFINITIONS.items():
        given = [variables[entry["name"]] for entry in definition["vars"] if entry["name"] in variables]
        values[name] = given[-1] if given else definition.get("default")
    return options.resolve(values.get)


def test_exchange_is_the_default_and_needs_only_a_host() -> None:
    found = resolve(inventory_hostname="ex01.contoso.com")
    assert {key: found[key] for key in ("endpoint", "host", "scheme", "port", "path", "configuration_name", "auth", "negotiate_service", "validate_certs")} == {
        "endpoint": "exchange",
        "host": "ex01.contoso.com",
        "scheme": "http",
        "port": 80,
        "path": "PowerShell",
        "configuration_name": "Microsoft.Exchange",
        "auth": "kerberos",
        "negotiate_service": "HTTP",
        "validate_certs": True,
    }


@pytest.mark.parametrize(
    ("endpoint", "port", "path"), [("exchange", 80, "PowerShell"), ("edge", 5986, "wsman"), ("skype", 443, "OcsPowershell"), ("windows", 5986, "wsman")]
)
def test_each_endpoint_has_its_address(endpoint: str, port: int, path: str) -> None:
    found = resolve(m365_endpoint=endpoint, ansible_host="h")
    assert (found["port"], found["path"]) == (port, path)


def test_a_windows_host_s_port_never_becomes_exchange_s() -> None:
    variables = {"ansible_host": "h", "ansible_port": 5985, "ansible_winrm_transport": ["ntlm"], "ansible_winrm_server_cert_validation": "ignore"}
    exchange = resolve(**variables)
    assert (exchange["port"], exchange["auth"], exchange["validate_certs"]) == (80, "kerberos", True)
    windows = resolve(**variables, m365_endpoint="windows")
    assert (windows["port"], windows["scheme"], windows["auth"], windows["validate_certs"]) == (5985, "http", "ntlm", False)


def test_the_endpoint_s_variable_goes_before_the_general_one() -> None:
    variables = {"ansible_user": "common", "m365_user": "general", "m365_exchange_user": "special", "m365_windows_user": "other"}
    assert resolve(**variables)["user"] == "special"
    assert resolve(**variables, m365_endpoint="skype")["user"] == "general"
    assert resolve(ansible_user="common")["user"] == "common"


def test_a_well_known_port_implies_its_scheme() -> None:
    assert resolve(m365_port=443)["scheme"] == "https"
    assert resolve(m365_port=8443)["scheme"] == "http"
    assert resolve(m365_scheme="https")["port"] == 443


def test_unknown_values_are_refused_with_what_there_is() -> None:
    with pytest.raises(UsageError, match="exchange, edge, skype, windows"):
        resolve(m365_endpoint="teams")
    with pytest.raises(UsageError, match="credssp is not possible"):
        resolve(m365_endpoint="windows", ansible_winrm_transport="credssp")


def test_another_certificate_in_the_same_file_is_another_identity(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("a")
    before = resolve(m365_ca_cert=str(file))
    file.write_text("other")
    assert before["files"] != resolve(m365_ca_cert=str(file))["files"]


def test_timeouts_are_no_part_of_the_identity() -> None:
    assert set(options.TRANSIENT) == {"connect_timeout", "command_timeout", "idle_timeout", "retry_timeout"}


def test_secrets_are_found_wherever_they_stand_and_paths_are_none() -> None:
    values = {"password": "p1", "windows_password": "p2", "client_key": "-----BEGIN PRIVATE KEY-----x", "edge_client_key": "/etc/key.pem"}
    proxies = {"proxy": "http://u:p3@proxy", "skype_proxy": "http://proxy"}
    assert options.secrets((values | proxies).get) == {"p1", "p2", "-----BEGIN PRIVATE KEY-----x", "p3", "http://u:p3@proxy"}


def test_no_option_is_filled_by_a_task_keyword_of_the_same_name() -> None:
    """Core fills an option called `port` from the play keyword; only `password` (``-k``) may be filled so."""
    from ansible.playbook.task import Task

    keywords = set(Task().fattributes) & set(DEFINITIONS)
    assert keywords == set()


def test_every_option_can_be_set_by_variable_environment_and_ini() -> None:
    for option in _connection_docs.OPTIONS:
        definition = DEFINITIONS[option.name]
        assert {"name": f"m365_{option.key}"} in definition["vars"]
        assert definition["env"] == [{"name": f"M365_{option.key.upper()}"}]
        assert definition["ini"] == [{"section": "m365_hybrid", "key": option.key}]
        if option.per_endpoint:
            assert all({"name": f"m365_{endpoint}_{option.key}"} in DEFINITIONS[f"{endpoint}_{option.key}"]["vars"] for endpoint in ENDPOINTS)


NEW = b"_ANSIBALLZ_WRAPPER = True\n_ansiballz_main(\nansible_module='ping',\nmodule_fqn='%s',\nprofile='legacy',\n)"
OLD = b"_ANSIBALLZ_WRAPPER = True\n        runpy.run_module(mod_name='%s', init_globals=dict(_module_fqn='x'))"


@pytest.mark.parametrize("program", [NEW, OLD])
@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (b"ansible.modules.ping", True),
        (b"ansible_collections.m365.hybrid.plugins.modules.cmdlet", True),
        (b"ansible.modules.async_status", True),
        (b"ansible.modules.async_wrapper", True),
        (b"ansible.modules.command", False),
        (b"ansible.modules.setup", False),
        (b"ansible_collections.m365.hybrid_evil.plugins.modules.x", False),
        (b"ansible_collections.community.general.plugins.modules.ping", False),
    ],
)
def test_only_our_modules_and_ping_may_run(program: bytes, module: bytes, expected: bool) -> None:
    assert gate.may_run(gate.module_of(program % module)) is expected


@pytest.mark.parametrize("program", [b"#!/bin/sh\nid", b'{"name": "exec_wrapper"}', b"", b"_ANSIBALLZ_WRAPPER without a name"])
def test_what_is_no_module_of_core_s_making_is_refused(program: bytes) -> None:
    assert not gate.may_run(gate.module_of(program))


TMP = "/root/.ansible/tmp/ansible-tmp-1763.25-12-99"
FILE = f"{TMP}/AnsiballZ_cmdlet.py"
MKDIR = (
    '( umask 77 && mkdir -p "` echo /root/.ansible/tmp `"&& mkdir "` echo /root/.ansible/tmp/ansible-tmp-1763.25-12-99 `" '
    '&& echo ansible-tmp-1763.25-12-99="` echo /root/.ansible/tmp/ansible-tmp-1763.25-12-99 `" )'
)


@pytest.mark.parametrize(
    "command",
    [
        "/bin/sh -c 'echo ~ && sleep 0'",
        f"/bin/sh -c '{MKDIR} && sleep 0'",
        f"/bin/sh -c 'rm -f -r {TMP}/ > /dev/null 2>&1 && sleep 0'",
        f"/bin/sh -c 'chmod u+x {TMP}/ {FILE} && sleep 0'",
        f"/bin/sh -c 'chmod u+rwx {TMP}/ {FILE} && sleep 0'",
        f"/bin/sh -c '/usr/bin/python3 {FILE} && sleep 0'",
        f"/bin/sh -c 'LANG=C ANSIBLE_ASYNC_DIR='\"'\"'~/.ansible_async'\"'\"' /usr/bin/python3 {FILE} j1 30 {FILE} _ && sleep 0'",
    ],
)
def test_core_s_own_commands_pass(command: str) -> None:
    assert gate.is_bookkeeping(command, {FILE})


@pytest.mark.parametrize(
    "command",
    [
        "id",
        "/bin/sh -c 'id'",
        "/bin/sh -c 'rm -rf / && sleep 0'",
        f"/bin/sh -c 'rm -f -r {TMP}/../../.. > /dev/null 2>&1'",
        f"/bin/sh -c 'rm -f -r {TMP} /etc > /dev/null 2>&1'",
        f"/bin/sh -c '{FILE}; id'",
        f"/bin/sh -c 'python3 {FILE}; id'",
        f"/bin/sh -c 'python3 {FILE} $(id)'",
        f"/bin/sh -c 'python3 {TMP}/other.py'",
        "/bin/sh -c 'echo ~; id'",
        "/bin/sh -c 'echo \"`id`\"'",
        "echo 'unbalanced",
        "",
    ],
)
def test_any_other_command_is_refused(command: str) -> None:
    assert not gate.is_bookkeeping(command, {FILE})


def test_the_refusal_is_one_sentence_with_the_way_out() -> None:
    assert gate.refusal("m365.hybrid.powershell", "ansible.builtin.copy") == (
        "m365.hybrid.powershell runs only m365.hybrid modules and ansible.builtin.ping; `copy` would have run on the control node - "
        "use delegate_to: localhost, or a host entry with winrm, psrp or ssh for it."
    )
    assert "gather_facts: false" in gate.refusal("m365.hybrid.powershell", "gather_facts")


def target(**variables: t.Any) -> psrp.Target:
    return psrp.Target(resolve(ansible_host="h", **variables))


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"m365_auth": "basic", "ansible_user": "u", "ansible_password": "p"}, "Basic over plain http"),
        ({"m365_auth": "basic", "m365_scheme": "https"}, "needs a user and a password"),
        ({"m365_auth": "certificate"}, "needs m365_scheme: https"),
        ({"m365_auth": "basic", "m365_scheme": "https", "m365_message_encryption": "always"}, "cannot be encrypted"),
        ({"m365_scheme": "https", "m365_ca_cert": "/no/such/file"}, "there is no file /no/such/file"),
    ],
)
def test_what_cannot_work_or_is_not_safe_is_refused_before_anything_is_sent(variables: dict[str, t.Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        target(**variables)


def test_basic_over_plain_http_only_if_encryption_is_switched_off_explicitly() -> None:
    assert target(m365_auth="basic", ansible_user="u", ansible_password="p", m365_message_encryption="never").url == "http://h:80/PowerShell"


def test_certificates_are_verified_with_the_system_s_authorities_unless_switched_off() -> None:
    assert target(m365_scheme="https").trust is not False
    assert target(m365_scheme="https", m365_validate_certs=False).trust is False


def test_a_key_given_as_text_is_never_written_to_a_disk() -> None:
    path = target(m365_client_key="-----BEGIN PRIVATE KEY-----\nx").certificate["certificate_key_pem"]
    assert path.startswith("/proc/self/fd/")
    assert pathlib.Path(path).read_text().startswith("-----BEGIN")


def test_a_call_without_limit_never_runs_out() -> None:
    assert Call(None).remaining == float("inf")
