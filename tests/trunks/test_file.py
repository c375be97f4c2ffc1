"""trunks.yaml: what it says, and its mistakes at their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.trunks.model import Trunk
from callcenter.trunks.reader import TrunkErrors, load_trunks, read_trunks

SHIPPED = Path(__file__).parents[2] / "dialplan" / "trunks.yaml"
WHOLE = """
north:
  title: 北方线路
  title_en: North carrier
  hosts: [sip.north.example:5060, 203.0.113.6:5062]
  match: [203.0.113.0/24]
  codecs: [alaw]
  max_lines: 60
  reserve: {lines: 5, for: ["4008003"]}
  priority: 1
  weight: 3
  cost: 2
  prefixes: ["010", "1"]
  strip: 1
  add: "0086"
  caller_id: "01088880000"
  qualify: 20s
  auth: {username: acme, password_env: NORTH_PASSWORD, register: true}
"""


def problems(text: str, folder: Path, **environ: str) -> list[str]:
    with pytest.raises(TrunkErrors) as caught:
        read_trunks(text.encode(), "trunks.yaml", folder, environ)
    return [str(problem) for problem in caught.value.problems]


def test_the_shipped_file_is_the_demo_trunk_and_leads_where_the_setting_says() -> None:
    (demo,) = load_trunks(SHIPPED, demo_host="127.0.0.1:5999")
    assert (demo.name, demo.hosts, demo.max_lines) == ("demo", ("127.0.0.1:5999",), 0)


def test_every_key_is_read(tmp_path: Path) -> None:
    (north,) = read_trunks(WHOLE.encode(), "trunks.yaml", tmp_path, {"NORTH_PASSWORD": "s3cret"})
    assert north == Trunk(
        name="north",
        title="北方线路",
        title_en="North carrier",
        hosts=("sip.north.example:5060", "203.0.113.6:5062"),
        match=("203.0.113.0/24",),
        codecs=("alaw",),
        max_lines=60,
        reserve=5,
        reserve_for=("4008003",),
        priority=1,
        weight=3,
        cost=2,
        prefixes=("010", "1"),
        strip=1,
        add="0086",
        caller_id="01088880000",
        qualify_s=20,
        username="acme",
        password="s3cret",
        register=True,
    )
    assert north.sent("01012345678") == "00861012345678"


def test_a_password_file_must_be_ours_alone(tmp_path: Path) -> None:
    text = "a:\n  hosts: 192.0.2.1:5060\n  auth: {username: u, password_file: secret}\n"
    secret = tmp_path / "secret"
    secret.write_text("hidden\n")
    secret.chmod(0o644)
    assert problems(text, tmp_path) == [
        f"trunks.yaml:3:23: trunk `a`: auth: others can read {secret}; chmod 600 {secret}"
    ]
    secret.chmod(0o600)
    assert read_trunks(text.encode(), "trunks.yaml", tmp_path, {})[0].password == "hidden"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "1:1: no trunk is described"),
        ("a:\n  title: x\n", "2:3: trunk `a`: `hosts` is missing"),
        ("a:\n  hosts: nowhere\n", "2:10: trunk `a`: hosts: `nowhere` is no host:port"),
        ("a:\n  hosts: 192.0.2.1:99999\n", "2:10: trunk `a`: hosts"),
        ("a:\n  hosts: 192.0.2.1:5060\n  match: here\n", "3:10: trunk `a`: match: `here` is no address"),
        ("a:\n  hosts: 192.0.2.1:5060\n  wieght: 3\n", "3:3: trunk `a`: `wieght` is not known here"),
        ("a:\n  hosts: 192.0.2.1:5060\n  weight: 0\n", "3:11: trunk `a`: weight: a whole number from 1 to 100"),
        ("a:\n  hosts: 192.0.2.1:5060\n  codecs: g729\n", "3:11: trunk `a`: codecs: `g729` is not known"),
        ("a:\n  hosts: 192.0.2.1:5060\n  reserve: {lines: 3, for: ['1']}\n", "3:12: trunk `a`: reserve: 3 of 0 lines"),
        ("a:\n  hosts: 192.0.2.1:5060\n  auth: {username: u, password: x}\n", "3:9: trunk `a`: auth: no password may"),
        ("a:\n  hosts: 192.0.2.1:5060\n  auth: {username: u}\n", "3:9: trunk `a`: auth: either password_env"),
        ("a:\n  hosts: h.example:5060\n  match: 192.0.2.1\nb:\n  hosts: 192.0.2.1:5060\n", "192.0.2.1 also belongs to"),
        ("a:\n  hosts: 192.0.2.1:5060\na:\n  hosts: 192.0.2.2:5060\n", "3:1: trunks: `a` stands twice"),
        ("a: [", "not valid YAML"),
    ],
)
def test_mistakes_are_told_at_their_places(text: str, told: str, tmp_path: Path) -> None:
    found = problems(text, tmp_path)
    assert any(told in line for line in found), found


def test_a_variable_that_is_not_set_is_told_by_name_and_no_secret_is_shown(tmp_path: Path) -> None:
    (line,) = problems(WHOLE, tmp_path)
    assert "NORTH_PASSWORD is not set" in line
