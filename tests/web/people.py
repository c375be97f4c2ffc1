"""People at browsers, each with a microphone that plays a tone of their own."""

from __future__ import annotations

import io
import math
import shutil
import wave
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Final

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from callcenter.access import accounts, passwords
from callcenter.access.roles import Role
from callcenter.business import customers
from callcenter.clock import SystemClock
from callcenter.db.embedded import EmbeddedPostgres
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill.own import OwnSystem, own_system
from callcenter.settings import Settings
from tests.databases import database_of_its_own

ROOT = Path(__file__).parents[2]
PASSWORD = "correct-horse-7"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_PAGES = (
    pytest.mark.skipif(not (ROOT / "web" / "dist" / "index.html").exists(), reason="the pages are not built"),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
    pytest.mark.timeout(240),
)
"""Marks of tests that look at pages; `make test` builds the pages and fetches Chromium first. The time counts from the
start of a whole system to its end: with a hundredth of the processor that alone was a minute of the usual two."""
expect.set_options(timeout=20_000)  # several browsers and a whole system on one small machine
NAMES = {Role.OPS: "运维", Role.LEAD: "组长", Role.SUPERVISOR: "主管"}
CUSTOMER_HZ, AGENT_HZ = 500, 900
FLAGS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-background-networking",
)

VIEWPORT: Final[ViewportSize] = {"width": 1440, "height": 860}

PLAIN_MICROPHONE = """(() => {
  const devices = navigator.mediaDevices;
  if (!devices) return;  // an empty page has none
  const get = devices.getUserMedia.bind(devices);
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  devices.getUserMedia = (wanted) => get({ ...wanted, audio: wanted.audio && { ...wanted.audio, ...plain } });
})()"""
"""A browser takes a steady tone for noise and makes it silent within seconds; a voice it lets through."""

HEARD = """async ([hz, seconds, enough]) => {
  const audio = document.querySelector('[data-testid="remote-audio"]');
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 16384;
  let track, source;
  const attach = () => {  // the page may have its sound later, or anew in the middle of it
    const now = audio?.srcObject?.getAudioTracks()[0];
    if (!now || now === track) return;
    source?.disconnect();
    track = now;
    source = context.createMediaStreamSource(new MediaStream([now]));
    source.connect(analyser);
  };
  const samples = new Float32Array(analyser.fftSize);
  const share = (wanted) => {
    const factor = 2 * Math.cos(2 * Math.PI * wanted / context.sampleRate);
    let last = 0, before = 0, energy = 0;
    for (const sample of samples) {
      [last, before] = [sample + factor * last - before, last];
      energy += sample * sample;
    }
    if (energy / samples.length < 1e-6) return 0;
    return (last * last + before * before - factor * last * before) * 2 / (samples.length * energy);
  };
  const until = performance.now() + seconds * 1000;
  let best = 0;
  while (performance.now() < until && best < enough) {
    attach();
    await new Promise((done) => setTimeout(done, 100));
    analyser.getFloatTimeDomainData(samples);
    best = Math.max(best, share(hz));
  }
  await context.close();
  return best;
}"""
"""How much of what the page hears is one tone, 0 to 1 (Goertzel's algorithm): the most within some seconds."""


def tone(path: Path, hz: int) -> Path:
    """Ten seconds of a sine, as Chromium's fake microphone takes it."""
    samples = array("h", (round(9000 * math.sin(2 * math.pi * hz * n / 48000)) for n in range(480_000)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(samples.tobytes())
    return path


def channel_share(path: Path | BinaryIO, channel: int, hz: int) -> float:
    """The loudest half second's share of one tone, of one channel of a sealed recording."""
    with wave.open(str(path) if isinstance(path, Path) else path) as file:
        rate, width = file.getframerate(), file.getnchannels()
        samples = array("h", file.readframes(file.getnframes()))[channel::width]
    best = 0.0
    for start in range(0, len(samples) - rate // 2, rate // 2):
        part = samples[start : start + rate // 2]
        energy = sum(sample * sample for sample in part)
        if energy < len(part) * 300 * 300:
            continue
        factor, last, before = 2 * math.cos(2 * math.pi * hz / rate), 0.0, 0.0
        for sample in part:
            last, before = sample + factor * last - before, last
        best = max(best, (last * last + before * before - factor * last * before) * 2 / (len(part) * energy))
    return best


def channel_share_of_raw(path: Path, channel: int, hz: int) -> float:
    """The same of a capture that is not sealed yet: 8 kHz, two channels."""
    raw = path.read_bytes()
    with io.BytesIO() as made:
        with wave.open(made, "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(raw[: len(raw) // 4 * 4])
        made.seek(0)
        return channel_share(made, channel, hz)


@asynccontextmanager
async def ops_system(folder: Path, postgres: EmbeddedPostgres, template: str) -> AsyncIterator[OwnSystem]:
    """A system whose flows may be changed, and ``ops`` who may do so."""
    flows = folder / "flows"
    shutil.copytree(ROOT / "ivr_flows", flows)
    async with (
        database_of_its_own(postgres, like=template) as url,
        own_system(flows_dir=str(flows), web_dir=str(ROOT / "web" / "dist"), database_url=url) as made,
    ):
        await hire(made.settings, ops=Role.OPS)
        yield made


async def hire(settings: Settings, **people: Role) -> None:
    """Accounts by login."""
    database = Database(database_url(settings), pool_size=1)
    hashed = await passwords.hash_password(PASSWORD)
    async with database.write() as session:
        for login, role in people.items():
            await accounts.create(
                session, SystemClock().now(), login=login, name=NAMES.get(role, login), role=role, password_hash=hashed
            )
    await database.close()


async def staff(settings: Settings) -> dict[str, str]:
    """Two agents and a lead, and one customer who is known. Login → account id."""
    database = Database(database_url(settings), pool_size=1)
    hashed = await passwords.hash_password(PASSWORD)
    now = SystemClock().now()
    people = {"anna": Role.AGENT, "bert": Role.AGENT, "lead": Role.LEAD}
    made = {}
    async with database.write() as session:
        for login, role in people.items():
            queues = {"general": 1, "consult": 1} if role is Role.AGENT else None
            account = await accounts.create(
                session, now, login=login, name=f"坐席{login}", role=role, password_hash=hashed, queues=queues
            )
            made[login] = account.id
        await customers.create(
            session,
            now,
            name="示例客户松01",
            company="示例松食品公司",
            phones=(customers.Phone(number="13800000001", label="手机"),),
        )
    await database.close()
    return made


class Person:
    """One browser of its own."""

    def __init__(self, browser: Browser, context: BrowserContext, system: OwnSystem) -> None:
        self.browser, self.context, self.system = browser, context, system
        self.origin = f"http://{system.settings.http_bind}"
        self.complaints: list[str] = []
        """What the browser's console says of errors, on any page of this person."""
        context.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda failed: self.complaints.append(str(failed.error)))

    async def beside(self, login: str = "") -> Person:
        """Somebody else at a browser like this one, by the same process; without a login nobody is signed in."""
        made = Person(self.browser, await self.browser.new_context(viewport=VIEWPORT), self.system)
        if login:
            await made.sign_in(login)
        return made

    async def sign_in(self, login: str) -> None:
        answer = await self.context.request.post(
            f"{self.origin}/api/v1/session",
            data={"login": login, "password": PASSWORD},
            headers={"Origin": self.origin},
        )
        assert answer.ok, await answer.text()

    async def open(self, path: str) -> Page:
        page = await self.context.new_page()
        page.set_default_timeout(30_000)
        await page.goto(f"{self.origin}{path}")
        return page


@asynccontextmanager
async def person(
    system: OwnSystem, login: str, microphone: Path | None = None, viewport: ViewportSize = VIEWPORT
) -> AsyncIterator[Person]:
    """Somebody signed in, at a browser whose microphone plays that file over and over."""
    sound = [f"--use-file-for-fake-audio-capture={microphone}"] if microphone else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *sound])
        context = await browser.new_context(viewport=viewport, permissions=["microphone"])
        await context.add_init_script(PLAIN_MICROPHONE)
        made = Person(browser, context, system)
        await made.sign_in(login)
        yield made
        await browser.close()


async def sounds(page: Page) -> None:
    """Until its telephone has sound from the other side. A key goes by the sound's way: before that is open it goes
    nowhere, and a person presses after the first word."""
    await page.wait_for_function(
        "() => document.querySelector('audio')?.srcObject?.getAudioTracks()[0]?.muted === false", timeout=20_000
    )


async def hears(page: Page, hz: int, seconds: float = 8, enough: float = 0.5) -> float:
    """The share of a tone; as soon as it is ``enough``, it is not listened to any longer."""
    return float(await page.evaluate(HEARD, [hz, seconds, enough]))
