# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running estate: products behind their wires, faults, records and the control endpoint, in one process."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import logging
import pathlib
import secrets
import tempfile
import threading
import typing as t

from hybridlab import control, inventory, sessions
from hybridlab.ad import exchange_configuration
from hybridlab.ad.controller import DomainController
from hybridlab.ad.forest import Forest
from hybridlab.cloud.site import Site
from hybridlab.cloud.tokens import LIFETIME
from hybridlab.directory import FEDERATION, KERBEROS, Directory
from hybridlab.faults import Faults
from hybridlab.records import Product
from hybridlab.wire import auth, http, kdc, pipeline, psrp, recorder, tls, wsman

if t.TYPE_CHECKING:
    from hybridlab.adfs.host import Federation
    from hybridlab.edge_host import EdgeHost
    from hybridlab.exchange.edge import Edge
    from hybridlab.skype_host import SkypeHost
    from hybridlab.sync.host import SyncHost
    from hybridlab.sync.machine import Machine
    from hybridlab.windows_host import WindowsHost

CONFIGURATION = "Microsoft.Exchange"
PATH = "powershell"
VERSIONS = ("2010", "2013", "2016", "2019", "se")
USER = "administrator"
OTHER_USER = "operator"

log = logging.getLogger("hybridlab")


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a lab is to be.

    ``faults`` are texts of the form ``NAME[:option=value,…]``.  ``insecure_basic`` offers Basic and clear text over HTTP, which a
    real server refuses.  ``session_limit`` is per account, ``idle_timeout`` in seconds.  ``tenants`` is how many tenants of Microsoft 365 there are,
    ``token_lifetime`` how many seconds their tokens live.  ``keytab`` has the keys of HTTP/localhost in a realm that somebody else runs.
    ``sync`` is the generation of the tool that synchronises the directory with the first tenant, empty for none.
    ``windows`` are Windows hosts as ``NAME[:profile]``, ``adfs`` the generation of an AD FS farm, empty for none.
    """

    version: str = "2019"
    mailboxes: int = 10
    faults: t.Sequence[str] = ()
    record: pathlib.Path | None = None
    kerberos: bool = False
    keytab: pathlib.Path | None = None
    insecure_basic: bool = False
    session_limit: int = wsman.SESSION_LIMIT
    idle_timeout: float = wsman.IDLE_TIMEOUT
    tenants: int = 0
    token_lifetime: int = LIFETIME
    sync: str = ""
    windows: t.Sequence[str] = ()
    adfs: str = ""


class Estate:
    """Everything that serves; made stopped, `start` brings it up."""

    def __init__(self, settings: Settings, directory: Directory, product: Product | None = None) -> None:
        """Raises ValueError for a fault or a Windows host that does not exist, OSError for a record file that cannot be written."""
        self.settings = settings
        self.directory = directory.path
        self.faults = Faults()
        for text in settings.faults:
            self.faults.arm_text(text)
        self.accounts = auth.Accounts({USER: secrets.token_urlsafe(18), OTHER_USER: secrets.token_urlsafe(18)})
        self.product = product if product is not None else _exchange(settings, self.faults, Forest(self.accounts.passwords))
        self.counters = wsman.Counters()
        self.recorder = recorder.Recorder(settings.record)
        self.user = f"{USER}@{self.accounts.realm}"
        self.password = self.accounts.passwords[USER]
        self.service = wsman.Service(self.faults, self.counters, limit=settings.session_limit)
        self.site = Site(settings.tenants, self.faults, self.recorder, settings.mailboxes, settings.token_lifetime) if settings.tenants else None
        runner = pipeline.CmdletRunner(self.product, self.faults, self.recorder, self.counters)
        self.service.add(psrp.Endpoint(CONFIGURATION, lambda: runner, settings.idle_timeout))
        self.edges = _edges(settings, self.faults, self.recorder, self.counters) if product is None else []
        self.dc = DomainController(_forest(self.accounts.passwords, self.product, self.site), self.recorder.operation, self.faults)
        self.sync = _sync(self, self.site) if settings.sync and self.site else None
        self.skype = _skype(self.dc.forest, self.faults, self.recorder, self.counters) if product is None else None
        self.hosts = [_host(self, text) for text in settings.windows]
        self.federation = _federation(self) if settings.adfs else None
        self.hosts += self.federation.hosts if self.federation else []
        self._place = directory
        self._realm: kdc.Realm | None = None
        self._servers: list[http.Server] = []
        self._control: control.Server | None = None
        self._ended = threading.Event()
        _distinct(one.machine for one in self.windows)

    @property
    def ca_path(self) -> pathlib.Path:
        return self.directory / "ca.pem"

    @property
    def krb5_config(self) -> pathlib.Path | None:
        """The krb5.conf of the lab's realm, if it has one."""
        return None if self._realm is None else self._realm.config

    @property
    def https_port(self) -> int:
        return self._servers[0].port

    @property
    def http_port(self) -> int:
        return self._servers[1].port

    @property
    def control(self) -> control.Client:
        return control.Client.of(self.directory)

    def start(self) -> None:
        """Serve.  The folder must be claimed.  Raises `kdc.Unavailable`, OSError."""
        certificate_hash = self._certificates()
        self.accounts.write_ntlm(self._place / "ntlm-users")
        environment = {"NTLM_USER_FILE": str(self._place / "ntlm-users")}
        schemes: tuple[str, ...] = (auth.NEGOTIATE,)
        if self.settings.kerberos:
            self._realm = kdc.Realm(self._place / KERBEROS, self.accounts.realm, self.accounts.passwords)
            environment |= {"KRB5_CONFIG": str(self._realm.config), "KRB5_KTNAME": str(self._realm.keytab)}
            schemes += (auth.KERBEROS,)
        elif self.settings.keytab is not None:
            environment |= {"KRB5_KTNAME": str(self.settings.keytab)}
            schemes += (auth.KERBEROS,)
        basic = (auth.BASIC,)
        clear = self.settings.insecure_basic
        context = tls.server_context(self._place / "server.pem", self._place / "server.key", self.ca_path)
        over_tls = auth.Policy(self.accounts, schemes + basic, environment)
        self._servers.append(
            http.Server({PATH: self.service}, over_tls, self.faults, context=context, certificate_hash=certificate_hash, clear_text=True),
        )
        in_clear = auth.Policy(self.accounts, schemes + basic if clear else schemes, environment)
        self._servers.append(http.Server({PATH: self.service}, in_clear, self.faults, clear_text=clear))
        for server in self._servers:
            server.start()
        self.dc.start(context, environment if self._realm else None)
        if self.site is not None:
            self.site.start(context)
        if self.federation is not None:
            self.federation.write_certificates(self._place / FEDERATION)
        for host in self.windows:
            host.start(self._place, context, certificate_hash, {name: value for name, value in environment.items() if name.startswith("KRB5")})
        if self.skype is not None:
            self.skype.start(auth.Policy(self.accounts, schemes, environment), context, certificate_hash)
        self._control = control.Server(self)
        self._control.write(self.directory)
        threading.Thread(target=self._watch_idle, name="idle", daemon=True).start()
        self._describe()

    def stop(self) -> None:
        """Cut every connection, end the realm and empty the folder."""
        self._ended.set()
        if self._control is not None:
            self._control.stop()
        self.service.close()
        for host in self._beside:
            host.stop()
        for server in self._servers:
            server.stop()
        self.dc.stop()
        if self.site is not None:
            self.site.stop()
        if self._realm is not None:
            self._realm.stop()
        self.recorder.close()
        self._place.clear()

    def live(self) -> dict[str, int]:
        """How many sessions each account has open, on all servers."""
        found = self.service.live()
        for host in self._beside:
            found |= host.live()
        return found

    @property
    def windows(self) -> list[WindowsHost]:
        """The Windows servers, Edge Transport servers among them."""
        return [*self.edges, *([self.sync] if self.sync else []), *self.hosts]

    @property
    def _beside(self) -> list[WindowsHost | SkypeHost]:
        """The servers beside the Exchange server."""
        return [*self.windows, *([self.skype] if self.skype else [])]

    # What the control endpoint asks.

    def status(self) -> dict[str, t.Any]:
        return {
            "product": self.product.name,
            "https_port": self.https_port,
            "http_port": self.http_port,
            "kerberos": _kerberos(self._realm),
            "sessions": sessions.counted(self),
            "calls": self.counters["calls"],
            "requests": self.counters["requests"],
            "faults": self.faults.armed(),
            "happened": dict(self.faults.happened),
            "directory": {"ldaps_port": self.dc.ldaps_port, "ldap_port": self.dc.ldap_port, "objects": len(self.dc.forest.directory)},
            **({"cloud": self.site.status()} if self.site else {}),
            **({"synchronization": self.sync.product.status()} if self.sync else {}),
            **({"adfs": self.federation.status()} if self.federation else {}),
            **({"windows": {one.machine: one.computer.status() for one in self.hosts}} if self.hosts else {}),
        }

    def fault(self, order: dict[str, t.Any]) -> dict[str, t.Any]:
        if order.get("clear"):
            self.faults.clear(order.get("name"))
        else:
            self.faults.arm(str(order["name"]), **order.get("options") or {})
        return {"faults": self.faults.armed()}

    def change(self, order: dict[str, t.Any]) -> dict[str, t.Any]:
        if "adfs" in order and self.federation:
            return self.federation.change(str(order.pop("adfs")), order)
        if "windows" in order:
            from hybridlab.windows import changes

            computers = {one.machine.lower(): one.computer for one in self.windows}
            computer = computers.get(str(order.pop("windows")).lower())
            if computer is None:
                raise ValueError(f"there is no such Windows host; there are: {', '.join(one.name for one in computers.values())}")
            return changes.change(computer, order)
        products: list[Edge | Machine] = [*(one.product for one in self.edges), *([self.sync.product] if self.sync else [])]
        named = next((one for one in products if one.machine.lower() == str(order.get("server")).lower()), None)
        change = named.change if named else getattr(self.product, "change", None)
        if change is None:
            raise ValueError(f"{self.product.name} offers no changes from outside")
        return dict(change(order) or {})

    # Inside.

    def _certificates(self) -> bytes:
        authority = tls.Authority()
        authority.pair.write(self.ca_path)
        server = authority.server()
        server.write(self._place / "server.pem", self._place / "server.key")
        authority.client(self.user).write(self._place / "client.pem", self._place / "client.key")
        return server.hash

    def _describe(self) -> None:
        access = inventory.Access(
            user=self.user,
            password=self.password,
            https_port=self.https_port,
            http_port=self.http_port,
            ca=self.ca_path,
            client_certificate=self._place / "client.pem",
            client_key=self._place / "client.key",
            krb5_config=self.krb5_config,
            online=self.site.hosts(self.ca_path) if self.site else {},
            entra=self.site.graph_hosts(self.ca_path) if self.site else {},
            tenants=self.site.credentials() if self.site else {},
            directory=inventory.DirectoryWay(f"{USER}@{self.dc.forest.realm}", self.password, self.dc.ldaps_port, self.dc.ldap_port, self.dc.forest.domain_dn),
            skype_port=self.skype.https_port if self.skype else None,
            sync=inventory.way(self.sync) if self.sync else None,
            edges={one.product.machine: inventory.way(one) for one in self.edges},
            windows={one.machine: inventory.way(one) for one in self.hosts},
            federation=inventory.federation(self.federation, self._place / FEDERATION) if self.federation else None,
        )
        self._place.write_private("credentials.yml", inventory.credentials(access, self.accounts.passwords))
        self._place.write_private("inventory.yml", inventory.inventory(access))

    def _watch_idle(self) -> None:
        while not self._ended.wait(min(1.0, self.settings.idle_timeout / 4)):
            for service in (self.service, *(host.service for host in self._beside)):
                service.close_idle()


@contextlib.contextmanager
def running(directory: pathlib.Path | None = None, *, product: Product | None = None, **settings: t.Any) -> t.Iterator[Estate]:
    """A lab in this process on free ports, for tests; ``settings`` as in `Settings`."""
    with tempfile.TemporaryDirectory(prefix="hybridlab-") as temporary:
        place = Directory(directory if directory is not None else pathlib.Path(temporary, "lab"))
        place.claim()
        try:
            estate = Estate(Settings(**settings), place, product)
        except BaseException:
            place.clear()
            raise
        try:
            estate.start()
            yield estate
        finally:
            estate.stop()


def _exchange(settings: Settings, faults: Faults, forest: Forest) -> Product:
    from hybridlab.exchange import Exchange  # Loads the contract, which labs around another product do not need.

    return t.cast(Product, Exchange(version=settings.version, mailboxes=settings.mailboxes, faults=faults, forest=forest))


def _forest(users: t.Mapping[str, str], product: Product, site: Site | None) -> Forest:
    """The forest that the product's organization is in; a product without one has one beside it.  The lab's accounts can log on to it."""
    found: Forest | None = getattr(product, "forest", None)
    forest = found or Forest(users)
    for name, password in users.items():
        forest.welcome(name, password)
    forest.accounts.realms.add(auth.REALM.casefold())
    if found is not None:
        exchange_configuration.federate(forest)
        tenant = site.tenants[0] if site and site.tenants else None
        exchange_configuration.synchronize(forest, tenant.domain if tenant else "contoso.onmicrosoft.com", tenant.id if tenant else "")
    return forest


def _sync(estate: Estate, site: Site) -> SyncHost | None:
    """The server that synchronises with the first tenant; Cloud Sync has none."""
    from hybridlab.sync import cloud
    from hybridlab.sync.host import SyncHost  # Loads the contract, too.

    tenant = site.tenants[0].directory
    if estate.settings.sync == "cloud":
        cloud.install(estate.dc.forest, tenant, estate.faults)
        return None
    return SyncHost(estate.settings.sync, estate.dc.forest, tenant, estate.faults, estate.recorder, estate.counters)


def _distinct(names: t.Iterable[str]) -> None:
    """Raises ValueError."""
    for name, count in collections.Counter(names).items():
        if count > 1:
            raise ValueError(f"there are two Windows hosts {name}")


def _host(estate: Estate, text: str) -> WindowsHost:
    """A member of the domain, as ``NAME[:profile]``.  Raises ValueError."""
    from hybridlab.ad.syntaxes import sid_text
    from hybridlab.windows import profiles
    from hybridlab.windows_host import WindowsHost  # Loads psrpcore's server, which every lab needs later.

    name, kind = profiles.parse(text)
    profile = profiles.profile(kind)
    build = getattr(estate.product, "build", None)
    if kind == profiles.EXCHANGE and build:
        profile = profiles.with_build(profile, build)

    def known(account: str) -> str | None:
        found = estate.dc.forest.directory.by_value("sAMAccountName", account) or estate.dc.forest.directory.by_value("sAMAccountName", f"{account}$")
        return sid_text(found[0].raw("objectSid") or b"") if found else None

    return WindowsHost(name, profiles.Bare, estate.faults, estate.recorder, estate.counters, profile=profile, accounts=estate.accounts, principal=known)


def _federation(estate: Estate) -> Federation:
    """A farm whose first tenant's federated domain signs in with it.  Raises ValueError."""
    from hybridlab.adfs.host import Federation  # Loads the contract, too.

    made = Federation(estate.settings.adfs, estate.faults, estate.recorder, estate.counters, estate.accounts)
    if estate.site:
        made.federate(estate.site.tenants[0].directory)
    return made


def _edges(settings: Settings, faults: Faults, calls: recorder.Recorder, counters: wsman.Counters) -> list[EdgeHost]:
    from hybridlab.edge_host import MACHINES, EdgeHost  # Loads the contract, too.
    from hybridlab.exchange.edge import Edge

    return [EdgeHost(Edge(settings.version, machine, faults), faults, calls, counters) for machine in MACHINES]


def _skype(forest: Forest, faults: Faults, calls: recorder.Recorder, counters: wsman.Counters) -> SkypeHost:
    from hybridlab.skype import Skype  # Loads the contract, too.
    from hybridlab.skype.accounts import DirectoryAccounts
    from hybridlab.skype_host import SkypeHost

    return SkypeHost(Skype(DirectoryAccounts(forest), faults=faults), faults, calls, counters, {USER})


def _kerberos(realm: kdc.Realm | None) -> str:
    if realm is not None:
        return "on"
    try:
        kdc.program("krb5kdc")
    except kdc.Unavailable as missing:
        return f"off: {missing}"
    return "off"
