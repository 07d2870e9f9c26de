# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credential types of AWX: each hands over what connections read, and keeps secrets as such."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml

from ansible_collections.m365.hybrid.plugins.doc_fragments import ldap, powershell, tenant
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.plugin_utils import ldap_options, options, tenant_options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import credentials
from tools import awx, project

ROOT = project.ROOT
Object = dict[str, t.Any]
TYPES = awx.credential_types()
FRAGMENTS = {"tenant": tenant, "powershell": powershell, "ldap": ldap}
DOCS = {name: yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"] for name, fragment in FRAGMENTS.items()}
ENVIRONMENT = {entry["name"]: option for options_ in DOCS.values() for option in options_.values() for entry in option.get("env", [])}
VARIABLES = {entry["name"] for options_ in DOCS.values() for option in options_.values() for entry in option.get("vars", [])}
FIELD = {"id", "label", "type", "format", "secret", "multiline", "choices", "default", "help_text", "ask_at_runtime"}
"""What AWX knows about a field of a credential type."""
# Credential types -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_a_credential_type_is_as_awx_wants_it(kind: Object) -> None:
    fields = {field["id"]: field for field in kind["inputs"]["fields"]}
    assert set(kind) <= {"name", "description", "kind", "inputs", "injectors"}
    assert kind["kind"] in ("cloud", "net"), "AWX takes no other kind for types of one's own"
    assert set(kind["inputs"]) <= {"fields", "required"}
    assert set(kind["inputs"]["required"]) <= set(fields)
    assert set(kind["injectors"]) <= {"env", "extra_vars", "file"}
    for name, field in fields.items():
        assert set(field) <= FIELD and {"id", "label"} <= set(field), name
        assert re.fullmatch(r"[a-zA-Z_]+[a-zA-Z0-9_]*", name) and name != "tower"
        assert field.get("type", "string") in ("string", "boolean")
        assert not (field.get("choices") and (field.get("secret") or field.get("multiline"))), "AWX refuses choices for such a field"
        assert "default" not in field or not field.get("choices") or field["default"] in field["choices"]
    files = kind["injectors"].get("file", {})
    assert all(re.fullmatch(r"template\.\w+", key) for key in files)
    used = {name for part in kind["injectors"].values() for text in part.values() for name in re.findall(r"\{\{\s*([\w.]+)", text)}
    assert used == set(fields) | {f"tower.filename.{key.partition('.')[2]}" for key in files}


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_a_credential_hands_over_what_connections_read_and_nothing_else(kind: Object) -> None:
    assert set(kind["injectors"].get("env", {})) <= set(ENVIRONMENT)
    assert set(kind["injectors"].get("extra_vars", {})) <= VARIABLES
    for name, text in kind["injectors"]["env"].items():
        option = ENVIRONMENT[name]
        if "choices" not in option:
            continue
        field = next((one for one in kind["inputs"]["fields"] if text == f"{{{{ {one['id']} }}}}"), None)
        assert field["choices"] == option["choices"] if field else text in option["choices"]


SECRET = re.compile(r"password|secret|certificate\Z|key\Z")


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_every_secret_of_a_credential_is_kept_as_one(kind: Object) -> None:
    wrong = [field["id"] for field in kind["inputs"]["fields"] if SECRET.search(field["id"]) and field.get("secret") is not True]
    assert not wrong
    secrets = {field["id"] for field in kind["inputs"]["fields"] if field.get("secret")}
    assert not [text for text in kind["injectors"].get("extra_vars", {}).values() for one in secrets if one in text], "AWX shows extra variables"


RESOLVERS: dict[str, tuple[str, t.Callable[[t.Callable[[str], t.Any]], Object]]] = {
    "M365_TENANT_": ("tenant", lambda get: tenant_options.resolve(get, "graph")),
    "M365_LDAP_": ("ldap", ldap_options.resolve),
    "M365_": ("powershell", options.resolve),
}


def resolved(environment: t.Mapping[str, str]) -> Object:
    """The options of the connection that reads this environment."""
    prefix = next(one for one in RESOLVERS if all(name.startswith(one) for name in environment))
    name, resolve = RESOLVERS[prefix]
    values = {
        option: next((environment[entry["name"]] for entry in documented.get("env", []) if entry["name"] in environment), documented.get("default"))
        for option, documented in DOCS[name].items()
    }
    values["host"] = values.get("host") or ["dc01.contoso.com"]
    return resolve(values.get)


INPUTS = {
    "tenant_id": "contoso.onmicrosoft.com",
    "client_id": "11111111-2222-3333-4444-555555555555",
    "client_secret": "s3cret",
    "certificate": "-----BEGIN",
    "federated_token_file": "/token",
    "cloud": "worldwide",
    "user": "svc@CONTOSO.COM",
    "password": "Pa55",
    "host": "dc01.contoso.com,dc02.contoso.com",
    "ca_cert": "-----BEGIN",
}


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_a_connection_takes_a_whole_credential(kind: Object, tmp_path: pathlib.Path) -> None:
    environment, _ = awx.injected(kind, INPUTS, tmp_path, tmp_path)
    assert resolved(environment)["auth"] == next(value for name, value in environment.items() if name.endswith("_AUTH"))
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


NEEDED = [
    ("m365.hybrid tenant, certificate", "tenant_id", "m365_tenant_id"),
    ("m365.hybrid tenant, certificate", "client_id", "m365_tenant_client_id"),
    ("m365.hybrid tenant, certificate", "certificate", "m365_tenant_certificate"),
    ("m365.hybrid tenant, secret", "client_secret", "m365_tenant_client_secret"),
    ("m365.hybrid tenant, federated token", "federated_token_file", "m365_tenant_federated_token_file"),
    ("m365.hybrid directory account", "user", "m365_ldap_user"),
    ("m365.hybrid directory account", "password", "m365_ldap_password"),
]


@pytest.mark.parametrize(("kind", "field", "option"), NEEDED)
def test_a_field_that_is_missing_is_named_by_the_option_that_lacks_it(kind: str, field: str, option: str, tmp_path: pathlib.Path) -> None:
    assert field in TYPES[kind]["inputs"]["required"], "AWX asks for it already"
    environment, _ = awx.injected(TYPES[kind], {**INPUTS, field: ""}, tmp_path, tmp_path)
    with pytest.raises(UsageError, match=option):
        found = resolved(environment)
        if found["auth"] == "certificate":
            credentials.certificate(found)
