# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stateful part of AWX's API on loopback: as much as the modules of awx.awx ask, and with the refusals of the real one.

What it holds is in ``objects``: kind → list of objects as its API shows them.  ``writes`` counts requests that change something.
Facts about the API: the browsable API and the documentation of AWX 24; what a field must be, from its models.
"""

from __future__ import annotations

import http.server
import itertools
import json
import re
import threading
import typing as t
import urllib.parse

TYPES = {
    "organizations": "organization",
    "credential_types": "credential_type",
    "credentials": "credential",
    "execution_environments": "execution_environment",
    "projects": "project",
    "inventories": "inventory",
    "inventory_sources": "inventory_source",
    "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template",
    "workflow_job_template_nodes": "workflow_job_template_node",
    "workflow_approval_templates": "workflow_approval_template",
    "schedules": "schedule",
}
UNIFIED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates", "workflow_approval_templates")
REQUIRED = {
    "credential_types": ("name", "kind"),
    "execution_environments": ("name", "image"),
    "inventories": ("name", "organization"),
    "inventory_sources": ("name", "inventory"),
    "job_templates": ("name", "playbook", "project"),
    "schedules": ("name", "unified_job_template", "rrule"),
}
REFERENCES = {
    "organization": "organizations",
    "execution_environment": "execution_environments",
    "default_environment": "execution_environments",
    "project": "projects",
    "source_project": "projects",
    "inventory": "inventories",
    "credential": "credentials",
    "workflow_job_template": "workflow_job_templates",
}
QUESTION_TYPES = ("text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect")
FIELD_KEYS = {"id", "label", "type", "choices", "format", "secret", "multiline", "help_text", "default", "ask_at_runtime"}

Object = dict[str, t.Any]


class Refused(Exception):
    """The API answers with 400 and these words."""


class Awx:
    """The state, and what is refused."""

    def __init__(self, playbooks: t.Collection[str]) -> None:
        self.playbooks = playbooks
        self.objects: dict[str, list[Object]] = {kind: [] for kind in TYPES}
        self.surveys: dict[int, Object] = {}
        self.associated: dict[tuple[str, int, str], list[int]] = {}
        self.writes = 0
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.add("organizations", {"name": "Default"})

    def add(self, kind: str, fields: Object) -> Object:
        number = next(self._numbers)
        url = f"/api/v2/{kind}/{number}/"
        found = {
            "id": number,
            "type": TYPES[kind],
            "url": url,
            "summary_fields": {},
            "related": {"survey_spec": f"{url}survey_spec/"},
            "scm_revision": "",
        } | fields
        self.objects[kind].append(found)
        return found

    def one(self, kind: str, number: int) -> Object:
        return next(one for one in self.objects[kind] if one["id"] == number)

    def listed(self, kind: str, query: t.Mapping[str, str]) -> Object:
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        held = [one for each in kinds for one in self.objects[each]]
        found = [one for one in held if all(str(one.get(name)) == value for name, value in query.items())]
        return {"count": len(found), "next": None, "previous": None, "results": found}

    def create(self, kind: str, fields: Object) -> Object:
        missing = [name for name in REQUIRED.get(kind, ()) if not fields.get(name)]
        if missing:
            raise Refused(f"{kind}: {missing}: This field is required.")
        self.check(kind, fields)
        if any(one.get("name") == fields.get("name") and fields.get("name") for one in self.objects[kind]) and kind != "workflow_approval_templates":
            raise Refused(f"{kind}: {fields['name']} already exists.")
        return self.add(kind, fields)

    def change(self, kind: str, number: int, fields: Object) -> Object:
        self.check(kind, fields)
        found = self.one(kind, number)
        known = {"name", "description", "timeout"} if kind == "workflow_approval_templates" else set(fields)
        found |= {name: value for name, value in fields.items() if name in known}
        return dict(found)

    def check(self, kind: str, fields: Object) -> None:
        """What the API refuses.  Raises Refused."""
        for name, target in REFERENCES.items():
            if fields.get(name) is not None and not any(one["id"] == fields[name] for one in self.objects[target]):
                raise Refused(f"{name}: Invalid pk {fields[name]!r} - object does not exist.")
        if kind == "credential_types":
            credential_type(fields)
        if kind == "job_templates" and fields.get("playbook") and fields["playbook"] not in self.playbooks:
            raise Refused(f"Playbook not found for project: {fields['playbook']}")
        if kind == "schedules":
            self._schedule(fields)

    def _schedule(self, fields: Object) -> None:
        rule = str(fields.get("rrule", ""))
        if not re.match(r"DTSTART(;TZID=[\w/+-]+)?:\d{8}T\d{6}Z? RRULE:", rule):
            raise Refused("Valid DTSTART required in rrule. Value should start with: DTSTART:20180101T120000Z")
        if "INTERVAL=" not in rule:
            raise Refused("INTERVAL required in rrule.")
        number = fields["unified_job_template"]
        asked = {question["variable"] for question in self.surveys.get(number, {}).get("spec", [])}
        template = next(one for kind in UNIFIED for one in self.objects[kind] if one["id"] == number)
        unknown = set(fields.get("extra_data") or {}) - asked
        if unknown and not template.get("ask_variables_on_launch"):
            raise Refused(f"Variables {', '.join(sorted(unknown))} are not allowed on launch.")
        for question in self.surveys.get(number, {}).get("spec", []):
            answer = (fields.get("extra_data") or {}).get(question["variable"])
            if answer is not None and question["type"] == "multiplechoice" and answer not in question["choices"]:
                raise Refused(f"Value {answer} for '{question['variable']}' expected to be one of {question['choices']}.")

    def survey(self, number: int, spec: Object) -> None:
        if {"name", "description", "spec"} - set(spec) or not isinstance(spec["spec"], list) or not spec["spec"]:
            raise Refused("'spec' doesn't contain any items, or a key is missing from the survey.")
        names = [question["variable"] for question in spec["spec"]]
        if len(names) != len(set(names)):
            raise Refused("'variable' is duplicated in the survey.")
        for question in spec["spec"]:
            survey_question(question)
        self.surveys[number] = spec


def credential_type(fields: Object) -> None:
    if fields.get("kind", "cloud") not in ("cloud", "net"):
        raise Refused("Must be 'cloud' or 'net'")
    inputs, injectors = fields.get("inputs", {}), fields.get("injectors", {})
    names = [one.get("id") for one in inputs.get("fields", [])]
    for one in inputs.get("fields", []):
        if (
            not {"id", "label"} <= set(one) <= FIELD_KEYS
            or one.get("type") not in ("string", "boolean")
            or not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", one["id"])
        ):
            raise Refused(f"inputs: {one} is not valid")
        if "default" in one and one.get("choices") and one["default"] not in one["choices"]:
            raise Refused(f"inputs: the default of {one['id']} is none of its choices")
    if len(names) != len(set(names)) or "tower" in names or set(inputs.get("required", [])) - set(names):
        raise Refused("inputs: field IDs must be unique and not reserved, and what is required must be a field")
    if set(injectors) - {"file", "env", "extra_vars"}:
        raise Refused("injectors: Additional properties are not allowed")
    files = {name.partition(".")[2] for name in injectors.get("file", {})}
    if any(not re.fullmatch(r"template(\.[a-zA-Z_][a-zA-Z0-9_]*)?", name) for name in injectors.get("file", {})):
        raise Refused("injectors: a file is template or template.NAME")
    for name, text in [*injectors.get("env", {}).items(), *injectors.get("file", {}).items(), *injectors.get("extra_vars", {}).items()]:
        used = re.findall(r"{{\s*([\w.]+)\s*}}", text)
        undefined = [one for one in used if one not in names and one.removeprefix("tower.filename.") not in files]
        if undefined:
            raise Refused(f"injectors: {name} uses an undefined field: {undefined}")


def survey_question(question: Object) -> None:
    for key in ("question_name", "variable", "type", "required"):
        if key not in question or question[key] == "":
            raise Refused(f"'{key}' missing from survey question {question}")
    if question["type"] not in QUESTION_TYPES:
        raise Refused(f"'{question['type']}' is not an allowed type")
    if not isinstance(question["required"], bool) or " " in question["variable"]:
        raise Refused(f"survey question {question['variable']}: required must be true or false, and the variable one word")
    default = question.get("default", "")
    if question["type"] in ("multiplechoice", "multiselect") and (not question.get("choices") or (default and default not in question["choices"])):
        raise Refused(f"survey question {question['variable']}: the default must be one of the choices")
    if question["type"] in ("integer", "float") and default != "" and not isinstance(default, (int, float)):
        raise Refused(f"survey question {question['variable']}: the default must be a number")
    if question.get("min") is not None and question.get("max") is not None and question["min"] > question["max"]:
        raise Refused(f"survey question {question['variable']}: min is above max")


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: t.Any) -> None:
        """Nobody reads it."""

    def _answer(self, status: int, content: t.Any = None) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", "24.6.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _served(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        parts = [part for part in url.path.removeprefix("/api/v2/").split("/") if part]
        data = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        if self.headers.get("Authorization") != f"Bearer {self.server.token}":
            return self._answer(401, {"detail": "Authentication credentials were not provided."})
        with self.server.awx._lock:
            try:
                status, content = self.server.respond(self.command, parts, dict(urllib.parse.parse_qsl(url.query)), data)
            except Refused as error:
                status, content = 400, {"detail": str(error)}
            except StopIteration:
                status, content = 404, {"detail": "Not found."}
        return self._answer(status, content)

    do_GET = do_POST = do_PATCH = do_DELETE = _served


class Server(http.server.ThreadingHTTPServer):
    """Serves an ``Awx`` on loopback."""

    daemon_threads = True

    def __init__(self, awx: Awx, token: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.awx, self.token = awx, token

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def respond(self, method: str, parts: list[str], query: dict[str, str], data: t.Any) -> tuple[int, t.Any]:
        awx = self.awx
        awx.writes += method != "GET"
        if len(parts) == 1:
            return (200, awx.listed(parts[0], query)) if method == "GET" else (201, awx.create(parts[0], data))
        kind, number = parts[0], int(parts[1])
        if len(parts) == 2:
            return 200, awx.one(kind, number) if method == "GET" else awx.change(kind, number, data)
        if parts[2] == "survey_spec":
            if method == "POST":
                awx.survey(number, data)
            return 200, awx.surveys.get(number, {})
        if parts[2] == "create_approval_template":
            made = awx.create("workflow_approval_templates", {name: data.get(name) for name in ("name", "description", "timeout")})
            node = awx.one(kind, number)
            node |= {"unified_job_template": made["id"], "related": node["related"] | {"unified_job_template": made["url"]}}
            return 201, made
        held = awx.associated.setdefault((kind, number, parts[2]), [])
        if method == "GET":
            return 200, {"count": len(held), "next": None, "results": [{"id": one} for one in held]}
        if data.get("disassociate"):
            held.remove(data["id"])
        else:
            held.append(data["id"])
        return 204, None
