# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate of a server: there, with services, or not there.

No cmdlet takes a service away from a certificate; it goes when another certificate gets IIS, or with the certificate.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotApplied, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Secret
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import certificate, certificate_use
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.certificate import PENDING, PROPERTIES, Row
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import ON_PREMISES
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import Options, common

_NEW = ("subject_name", "key_size", "include_accepted_domains", "include_auto_discover", "include_server_fqdn", "include_server_net_bios_name")
_BOTH = ("friendly_name", "private_key_exportable")
_SMTP = (
    "Enabling smtp replaces the server's default SMTP certificate, and Exchange asks whether that is meant: set replace_default_smtp to true. "
    "An Edge Transport server that is subscribed must be subscribed again afterwards"
)


@dataclasses.dataclass
class Step:
    """What becomes of the certificate: the calls in order.  ``making`` is the one that brings it to the server, if it is not there."""

    making: engine.Call | None = None
    enabling: engine.Call | None = None
    removing: engine.Call | None = None
    before: Row | None = None
    after: Row = dataclasses.field(default_factory=dict)

    @property
    def changes(self) -> bool:
        return bool(self.making or self.enabling or self.removing)

    def diff(self, header: str) -> dict[str, t.Any]:
        before = {name: (self.before or {}).get(name) for name in self.after} if self.before and not self.removing else self.before or {}
        shown = {name: value for name, value in before.items() if value not in (None, "", [])} if self.removing else before
        return {"before": shown, "after": self.after, "before_header": header, "after_header": header}


@dataclasses.dataclass(frozen=True)
class CertificateModule(Module):
    """One certificate of one server."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wires", self.wires or ON_PREMISES)

    def check(self, options: Options) -> None:
        self._check_means(options)
        if options.get("thumbprint") is not None:
            _thumbprint(options)
        if options["state"] == "absent" and not options.get("thumbprint"):
            raise UsageError("thumbprint is needed to remove a certificate")

    @staticmethod
    def _check_means(options: Options) -> None:
        given = [name for name in (*_NEW, "domain_names") if options.get(name) is not None]
        if given and not options.get("generate"):
            raise UsageError(f"{given[0]} is for a certificate that is made here; it needs generate")
        if options.get("generate") and not (options.get("subject_name") or options.get("domain_names")):
            raise UsageError("generate needs subject_name or domain_names")
        if options["state"] == "present" and not any(options.get(name) for name in ("thumbprint", "content", "generate")):
            raise UsageError("one of thumbprint, content and generate must say which certificate is meant")
        if options.get("generate") == "request" and options.get("services"):
            raise UsageError("a request has no services; enable them when its certificate is there")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        work = Work(session, task)
        step = work.plan()
        label = f"certificate {(step.before or step.after).get('thumbprint') or task.options.get('generate')} of {work.server}"
        result: Result = {"changed": step.changes, "diff": step.diff(label), "certificate": step.after or (step.before or {}), "request": None}
        if step.removing:
            result["certificate"] = {}
        if task.check_mode or not step.changes:
            return result | ({"certificate": step.before or {}} if not step.changes else {})
        return result | work.apply(step)


class Work:
    """One task on one server."""

    def __init__(self, session: engine.Tally, task: Task) -> None:
        self._session, self._task, self._options = session, task, task.options
        self._where = {"Server": task.options["server"]} if task.options.get("server") else {}
        self.server = task.options.get("server") or "the server of the session"
        self._asked = self._where | common(task.options)

    def plan(self) -> Step:
        """Raises UsageError for what the server would refuse, or should not be asked for."""
        there = certificate.listed(self._session, self._asked)
        options = self._options
        if options["state"] == "absent":
            return self._removal(_find(there, _thumbprint(options)), there)
        if options.get("generate"):
            found = self._like(there)
            return self._enabled(Step(before=found), found) if found else self._generation(options)
        known = _thumbprint(options) if options.get("thumbprint") else None
        found = _find(there, known)
        if found is None and not options.get("content"):
            raise UsageError(f"{self.server} has no certificate {known}, and no content is given to import it", target=self._session.target)
        if found is None:
            return self._import(there, known)
        self._differs(found)
        return self._enabled(Step(before=found), found)

    # there already

    def _like(self, there: list[Row]) -> Row | None:
        """What was made by the same options before and lasts long enough; of several the one that lasts longest."""
        options = self._options
        subject = _subject(options.get("subject_name") or f"CN={options['domain_names'][0]}")
        domains = {one.casefold() for one in options.get("domain_names") or ()}
        least = options["renew_before"]
        asked = options["generate"] == "request"
        fitting = [one for one in there if _subject(one["subject"]) == subject and domains <= {each.casefold() for each in one["domains"]}]
        lasting = [one for one in fitting if one["days_left"] is not None and one["days_left"] >= least and one["status"] != PENDING and one["has_private_key"]]
        good = [one for one in lasting if one["self_signed"] is not asked] + [one for one in fitting if asked and one["status"] == PENDING]
        return max(good, key=lambda one: (one["status"] != PENDING, one["not_after"] or ""), default=None)

    def _differs(self, found: Row) -> None:
        name = self._options.get("friendly_name")
        if name is not None and name != found["friendly_name"]:
            text = f"friendly_name is {found['friendly_name']!r} and cannot be changed to {name!r}"
            raise UsageError(text, target=self._session.target, advice="It is set when the certificate is imported or made; leave the option as it is")

    def _enabled(self, step: Step, found: Row) -> Step:
        """The step with what gives the certificate the services that it lacks."""
        missing = sorted(set(self._options.get("services") or ()) - set(found["services"]))
        if not missing:
            return step
        self._usable(found)
        self._admit_smtp(missing)
        name = {"Thumbprint": found["thumbprint"]} if found.get("thumbprint") else {}
        step.enabling = self._call("Enable", name | self._enabling(missing))
        step.after = step.after | {"services": sorted({*found["services"], *missing})}
        return step

    def _enabling(self, missing: list[str]) -> dict[str, t.Any]:
        flags = {"Force": "smtp" in missing, "DoNotRequireSsl": bool(self._options.get("do_not_require_ssl"))}
        return {"Services": ", ".join(values.pascal(one) for one in missing)} | {name: True for name, given in flags.items() if given}

    def _usable(self, found: Row) -> None:
        """What Exchange refuses, so that check mode says it too."""
        why = ""
        if found["status"] == PENDING:
            why = "is a request; import its certificate, given as content, first"
        elif found["has_private_key"] is False:
            why = "has no private key; remove it, and import the PFX file that has it"
        elif found["days_left"] is not None and found["days_left"] < 0:
            why = f"expired on {found['not_after']}"
        if why:
            raise UsageError(f"certificate {found['thumbprint']} of {self.server} cannot be enabled: it {why}", target=self._session.target)

    def _admit_smtp(self, missing: t.Collection[str]) -> None:
        if "smtp" in missing and not self._options.get("replace_default_smtp"):
            raise UsageError(f"services: smtp would be enabled on {self.server}", target=self._session.target, advice=_SMTP)

    # not there

    def _import(self, there: list[Row], known: str | None) -> Step:
        options = self._options
        file = certificate.file(options["content"])
        pfx = self._task.surroundings.open_pfx(file.data, options.get("password") or "") if file.is_pfx else None
        held = pfx.thumbprint if pfx else file.thumbprint
        if known and held and known != held:
            raise UsageError(f"content holds certificate {held}, and thumbprint is {known}", advice="One of them is of another certificate")
        if not (known or held):
            raise UsageError("nothing here can open the file, so thumbprint is needed", advice="Install Python's cryptography, or give the thumbprint")
        if found := _find(there, held):
            self._differs(found)
            return self._enabled(Step(before=found), found)
        if pfx and pfx.not_after < datetime.datetime.now(datetime.UTC):
            raise UsageError(f"the certificate of the PFX file, {pfx.subject}, expired on {pfx.not_after:%Y-%m-%d}", advice="Import the one that follows it")
        if not file.is_pfx and not any(one["status"] == PENDING for one in there):
            advice = "Give the PFX file, or make the request with generate on the server that shall have the certificate"
            raise UsageError(f"content is a certificate without its key, and {self.server} has no request that it could complete", advice=advice)
        password = {"Password": Secret(options["password"])} if options.get("password") else {}
        given = {"FileData": file.data} | password | self._given(_BOTH)
        thumbprint = held or known
        step = Step(making=self._call("Import", given), after={"thumbprint": thumbprint, **_plain(options, _BOTH)})
        fresh: Row = {"thumbprint": thumbprint, "services": [], "status": None, "has_private_key": True, "days_left": None}
        return self._enabled(step, fresh)

    def _generation(self, options: Options) -> Step:
        given = self._given((*_NEW, *_BOTH)) | ({"DomainName": options["domain_names"]} if options.get("domain_names") else {})
        after = {"generate": options["generate"], **_plain(options, (*_NEW, "domain_names", *_BOTH))}
        if options["generate"] == "request":
            return Step(making=self._call("New", given | {"GenerateRequest": True}), after=after)
        services = sorted(set(options.get("services") or ()))
        self._admit_smtp(services)
        made = self._call("New", given | (self._enabling(services) if services else {"Services": "None"}))
        return Step(making=made, after=after | {"services": services})

    def _given(self, names: t.Iterable[str]) -> dict[str, t.Any]:
        return {values.pascal(name): self._options[name] for name in names if self._options.get(name) is not None}

    def _removal(self, found: Row | None, there: list[Row]) -> Step:
        if found is None:
            return Step()
        if not self._options.get("force"):
            certificate_use.refuse(self._session, found, there, self.server, common(self._options))
        return Step(removing=self._call("Remove", {"Thumbprint": found["thumbprint"]}), before=found)

    def _call(self, verb: str, given: dict[str, t.Any]) -> engine.Call:
        return engine.Call(f"{verb}-ExchangeCertificate", given | self._asked | {"Confirm": False})

    # doing it

    def apply(self, step: Step) -> Result:
        """Raises HybridError."""
        if step.removing:
            self._send(step.removing)
            if _find(certificate.listed(self._session, self._asked), (step.before or {})["thumbprint"]):
                raise NotApplied("the certificate was removed without an error, but it is still there", target=self._session.target)
            return {"certificate": {}}
        request, thumbprint = None, (step.before or step.after).get("thumbprint")
        if step.making:
            output = self._send(step.making).output
            if step.making.parameters.get("GenerateRequest"):
                request = next((one for one in output if isinstance(one, str)), None)
            elif output:
                thumbprint = certificate.row(output[0], self._session.target)["thumbprint"]
        self._compare(step, thumbprint)
        if step.enabling:
            self._send(step.enabling)
        return {"certificate": self._settled(step, thumbprint), "request": request}

    def _compare(self, step: Step, thumbprint: str | None) -> None:
        """What was imported without being opened is compared with what was announced before anything uses it."""
        announced = step.after.get("thumbprint")
        if announced and thumbprint != announced:
            text = f"certificate {thumbprint} was imported, and {announced} was announced"
            raise NotApplied(text, target=self._session.target, advice="Remove it, or correct thumbprint")

    def _settled(self, step: Step, thumbprint: str | None) -> Row:
        there = certificate.listed(self._session, self._asked)
        found = _find(there, thumbprint) if thumbprint else self._like(there)
        if found is None:
            raise NotApplied("the change was written without an error, but the certificate cannot be found", target=self._session.target)
        if step.making and step.making.cmdlet.startswith("Import") and found["has_private_key"] is False:
            text = f"certificate {thumbprint} was imported, but it has no private key: no request of {self.server} fits it"
            raise NotApplied(text, target=self._session.target, advice="Remove it, and import the PFX file that has the key")
        lacking = sorted(set(step.after.get("services") or ()) - set(found["services"]))
        if lacking:
            raise NotApplied(f"{', '.join(lacking)} was enabled without an error, but the certificate does not show it", target=self._session.target)
        return found

    def _send(self, call: engine.Call) -> Answer:
        wanted = None if call.parameters.get("GenerateRequest") else PROPERTIES
        try:
            return self._session.invoke(call.cmdlet, call.parameters, properties=wanted)
        except HybridError as error:
            raise explained(error) from None


def explained(error: HybridError) -> HybridError:
    """The server's refusal, with what to do."""
    known = {
        "password": "Check password: the server could not open the PFX file with it",
        "source data is corrupted": "Check content: the server could not read it; a PFX file of OpenSSL 3 may need -legacy for servers before 2019",
        "reason: PrivateKeyMissing": "Remove the certificate, and import the PFX file that has its private key",
        "internal transport certificate": "Give smtp to another certificate with replace_default_smtp first, then remove this one",
        "Send Connector": "Give the connectors another certificate with exchange_send_connector and tls_certificate_name first",
    }
    error.advice = next((advice for words, advice in known.items() if words.casefold() in error.text.casefold()), error.advice)
    return error


def _thumbprint(options: Options) -> str:
    try:
        return certificate.thumbprint(options["thumbprint"])
    except ValueError as error:
        raise UsageError(f"thumbprint: {error}") from None


def _find(there: list[Row], thumbprint: str | None) -> Row | None:
    return next((one for one in there if one["thumbprint"] == thumbprint), None) if thumbprint else None


def _subject(name: str) -> str:
    """A subject for comparing: blanks after commas differ by who prints it."""
    return ",".join(part.strip() for part in name.split(",")).casefold()


def _plain(options: Options, names: t.Iterable[str]) -> dict[str, t.Any]:
    return {name: options[name] for name in names if options.get(name) is not None}
