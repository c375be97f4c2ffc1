"""``trunks.yaml`` → trunks, or every mistake at its place. Secrets are named there and lie elsewhere."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from callcenter.errors import CallCenterError
from callcenter.ivr.nodes import Map, Node, Problem, Scalar, read
from callcenter.ivr.reader import Fields, Reader
from callcenter.trunks.model import Trunk

MAX_TRUNKS: Final = 64
CODECS: Final = ("alaw", "ulaw", "gsm")
_KEYS: Final = (
    "title", "title_en", "hosts", "match", "codecs", "max_lines", "reserve", "outbound", "priority", "weight", "cost",
    "prefixes", "strip", "add", "caller_id", "qualify", "auth",
)  # fmt: skip
_HOST: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\]):[0-9]{1,5}")
_USER: Final = re.compile(r"[A-Za-z0-9_.+@-]{1,80}")
_DIGITS: Final = re.compile(r"\+?[0-9]{1,20}")


class TrunkErrors(CallCenterError):
    """The trunks cannot be loaded; the message names every reason with its place."""

    status = 422
    code = "bad_trunks"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def load_trunks(path: Path, *, demo_host: str = "", environ: Mapping[str, str] | None = None) -> tuple[Trunk, ...]:
    """Read the file. ``demo_host`` is where the trunk named ``demo`` leads instead. Raises TrunkErrors."""
    try:
        data = path.read_bytes()
    except OSError as error:
        hint = "set CALLCENTER_TRUNKS_FILE"
        raise TrunkErrors([Problem(str(path), 1, 1, f"cannot be read: {error.strerror}", hint)]) from error
    trunks = read_trunks(data, path.name, path.parent, os.environ if environ is None else environ)
    return tuple(replace(one, hosts=(demo_host,)) if demo_host and one.name == "demo" else one for one in trunks)


def read_trunks(data: bytes, file: str, folder: Path, environ: Mapping[str, str]) -> tuple[Trunk, ...]:
    """Trunks in the file's order. Passwords come from ``environ`` or files in ``folder``. Raises TrunkErrors."""
    problems: list[Problem] = []
    root = read(data, file, problems)
    reader = _TrunkReader(file, problems, folder, environ)
    trunks = reader.trunks(root) if root is not None else []
    if problems:
        raise TrunkErrors(problems)
    return tuple(trunks)


class _TrunkReader(Reader):
    def __init__(self, file: str, problems: list[Problem], folder: Path, environ: Mapping[str, str]) -> None:
        super().__init__(file, problems)
        self._folder, self._environ = folder, environ

    def trunks(self, root: Node) -> list[Trunk]:
        top = self.fields(root, "trunks")
        found: list[Trunk] = []
        entries = list(top.entries.values()) if top else []
        if top is not None and not entries:
            self.complain(root, "no trunk is described", "callers come by one")
        if len(entries) > MAX_TRUNKS:
            self.complain(root, f"more than {MAX_TRUNKS} trunks", "remove some")
            return []
        seen: dict[str, str] = {}
        for key, value in entries:
            name = self.name(key, "trunk")
            fields = self.fields(value, f"trunk `{key.text[:40]}`", _KEYS, ("hosts",))
            if not name or fields is None:
                continue
            trunk = self._trunk(name, fields)
            found.append(trunk)
            for address in trunk.match:
                if address in seen:
                    hint = "a call's address must say which trunk it came by"
                    self.complain(fields.key("match"), f"{address} also belongs to trunk `{seen[address]}`", hint)
                seen[address] = name
        return found

    def _trunk(self, name: str, fields: Fields) -> Trunk:
        def what(key: str) -> str:
            return f"trunk `{name}`: {key}"

        def whole(key: str, default: int, low: int, high: int) -> int:
            return self.whole(fields.get(key), what(key), default, low, high)

        hosts = tuple(self._host(node, what("hosts")) for node in self._listed(fields.get("hosts"), what("hosts")))
        if "hosts" in fields and not hosts:
            self.complain(fields.key("hosts"), f"{what('hosts')}: at least one is needed")
        match = [self._network(node, what("match")) for node in self._listed(fields.get("match"), what("match"))]
        if "match" not in fields:
            match = [host.rpartition(":")[0] for host in hosts]
        codecs = tuple(
            self.one_of(node, what("codecs"), CODECS, "alaw")
            for node in self._listed(fields.get("codecs"), what("codecs"))
        )
        max_lines = whole("max_lines", 0, 0, 10_000)
        reserve, reserve_for = self._reserve(fields.get("reserve"), what("reserve"), max_lines)
        username, password, register = self._auth(fields.get("auth"), what("auth"))
        return Trunk(
            name=name,
            title=self.text(fields.get("title"), what("title"), name),
            title_en=self.text(fields.get("title_en"), what("title_en"), name),
            hosts=hosts,
            match=tuple(dict.fromkeys(match)),
            codecs=codecs or ("alaw", "ulaw"),
            max_lines=max_lines,
            reserve=reserve,
            reserve_for=reserve_for,
            outbound=self.flag(fields.get("outbound"), what("outbound"), True),
            priority=whole("priority", 10, 1, 100),
            weight=whole("weight", 1, 1, 100),
            cost=whole("cost", 0, 0, 1_000_000),
            prefixes=tuple(
                self._digits(node, what("prefixes")) for node in self._listed(fields.get("prefixes"), what("prefixes"))
            ),
            strip=whole("strip", 0, 0, 10),
            add=self._digits(fields.get("add"), what("add")),
            caller_id=self._digits(fields.get("caller_id"), what("caller_id")),
            qualify_s=round(self.seconds(fields.get("qualify"), what("qualify"), 15, 0, 3600)),
            username=username,
            password=password,
            register=register,
        )

    def _listed(self, node: Node | None, what: str) -> list[Node]:
        """A list, or one text that stands for a list of one."""
        return [node] if isinstance(node, Scalar) else self.items(node, what)

    def _host(self, node: Node, what: str) -> str:
        text = self.text(node, what)
        good = _HOST.fullmatch(text) and 0 < int(text.rpartition(":")[2]) < 65536
        if text and not good:
            self.complain(node, f"{what}: `{text[:60]}` is no host:port", "write it as sip.carrier.example:5060")
        return text if good else "127.0.0.1:9"

    def _network(self, node: Node, what: str) -> str:
        text = self.text(node, what)
        try:
            return str(ipaddress.ip_network(text, strict=False)) if "/" in text else str(ipaddress.ip_address(text))
        except ValueError:
            self.complain(node, f"{what}: `{text[:60]}` is no address", "write 203.0.113.5 or 203.0.113.0/24")
            return text

    def _digits(self, node: Node | None, what: str) -> str:
        text = self.text(node, what)
        if node is not None and text and not _DIGITS.fullmatch(text):
            self.complain(node, f"{what}: `{text[:40]}` is no number", 'digits in quotes, e.g. "021"')
            return ""
        return text

    def _reserve(self, node: Node | None, what: str, max_lines: int) -> tuple[int, tuple[str, ...]]:
        fields = self.fields(node, what, ("lines", "for"), ("lines", "for"))
        if node is None or fields is None:
            return 0, ()
        lines = self.whole(fields.get("lines"), f"{what}: lines", 0, 0, 10_000)
        hotlines = tuple(self._digits(one, f"{what}: for") for one in self._listed(fields.get("for"), f"{what}: for"))
        if lines >= max(max_lines, 1):
            self.complain(node, f"{what}: {lines} of {max_lines} lines leave none", "reserve fewer, or set max_lines")
        return lines, hotlines

    def _auth(self, node: Node | None, what: str) -> tuple[str, str, bool]:
        keys = ("username", "password_env", "password_file", "register")
        if isinstance(node, Map) and any(key.text == "password" for key, _ in node.items):
            self.complain(node, f"{what}: no password may stand here", "name a variable: password_env, or a file")
            return "", "", False
        fields = self.fields(node, what, keys, ("username",))
        if node is None or fields is None:
            return "", "", False
        username = self.text(fields.get("username"), f"{what}: username")
        if username and not _USER.fullmatch(username):
            self.complain(node, f"{what}: username: a carrier's account name is expected")
        password = ""
        variable = self.text(fields.get("password_env"), f"{what}: password_env")
        file = self.text(fields.get("password_file"), f"{what}: password_file")
        if bool(variable) == bool(file):
            self.complain(node, f"{what}: either password_env or password_file is needed")
        elif variable:
            password = self._environ.get(variable, "")
            if not password:
                self.complain(fields.key("password_env"), f"{what}: {variable} is not set", "export it to the service")
        else:
            password = self._secret(fields.key("password_file"), what, self._folder / file)
        if any(character in password for character in "\r\n;"):
            self.complain(node, f"{what}: this password cannot be told to Asterisk", "without ; and line breaks")
            password = ""
        return username, password, self.flag(fields.get("register"), f"{what}: register", False)

    def _secret(self, node: Node, what: str, path: Path) -> str:
        try:
            if path.stat().st_mode & 0o077:
                self.complain(node, f"{what}: others can read {path}", f"chmod 600 {path}")
                return ""
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.complain(node, f"{what}: {path} cannot be read ({type(error).__name__})")
            return ""
