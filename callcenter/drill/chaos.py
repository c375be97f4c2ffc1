"""A part is killed in the middle of a drill: what was lost, and how long it took.

A third of the calls are in a menu, a third wait, a third are in conversation, of which some are on hold, ringing, or
over with their agent in wrap-up. All callers are scripted telephones: what they hear is measured at their end too.
"""

from __future__ import annotations

import asyncio
import time

from callcenter.drill import faults
from callcenter.drill.chaos_count import SETTLED_WITHIN_S, count
from callcenter.drill.chaos_report import KINDS, ChaosReport
from callcenter.drill.crew import CrewFailed
from callcenter.drill.own import carriers_of
from callcenter.drill.run import Plan, Say, settled, stage
from callcenter.drill.scene import RING_S, ChaosPlan, Scene, doing, fill, in_consultation, set_scene
from callcenter.settings import Settings

_WRAP_UP_S = 120.0
_SERVED_WITHIN_S = 60.0
_BROWSER_AWAY_S = 3.0
_PAGES_WITHIN_S = 10.0
"""A page that lost its service is back, and shows its call."""
_CALM_S = 1.0
"""Of undisturbed conversation before it strikes."""


async def chaos(settings: Settings, plan: ChaosPlan, say: Say) -> ChaosReport:
    """Run it. Raises CallCenterError when the fault cannot be made or the calls cannot be brought up."""
    clock = time.monotonic()
    crew = Plan(calls=plan.calls, agents=plan.agents + plan.colleagues, hold_s=plan.hold_s, at_once=plan.calls)
    async with (
        stage(settings, crew, say, wrap_up_s=_WRAP_UP_S, browser=plan.kind == "browser") as made,
        set_scene(made, settings, plan.kind) as scene,
    ):
        fault = _fault(settings, plan, scene)
        caveat = await fault.prepare()  # before the calls: telephones that ring do so for seconds only
        say(f"{plan.calls} calls are brought up")
        await fill(scene, plan)
        _choose(plan, scene)
        report = ChaosReport(kind=plan.kind, calls=len(scene.callers.callers), up=doing(scene))
        calm_from = time.monotonic()
        await asyncio.sleep(_CALM_S)
        say(f"{plan.kind}: struck while {report.up}")
        struck = time.monotonic()
        await fault.strike()
        try:
            meanwhile = asyncio.create_task(_meanwhile(settings, scene, plan))
        finally:
            returning = await fault.mend()
        ready = await fault.well()
        await meanwhile
        if ready is not None:
            report.away_s, report.ready_s = round(ready - struck, 2), round(ready - returning, 2)
        say(f"ready again after {report.away_s} s; all callers are served to the end")
        if plan.kind == "asterisk":
            report.cut = sum(caller.ended_at is None for caller in scene.callers.callers)
            await _after_the_switch(scene, plan)
        else:
            report.lost_consultations = await _lost_consultations(scene)
            await asyncio.sleep(_CALM_S)
        calm_until = time.monotonic()
        await _serve(scene, plan)
        await settled(made, scene.hotline, SETTLED_WITHIN_S)
        await count(scene, report, (calm_from, struck, calm_until))
        if caveat:
            report.notes.append(caveat)
        report.seconds = round(time.monotonic() - clock, 1)
        return report


def _fault(settings: Settings, plan: ChaosPlan, scene: Scene) -> faults.Fault:
    match plan.kind:
        case "service":
            return faults.ServiceKilled(settings)
        case "postgres":
            return faults.PostgresHangs(settings, plan.outage_s)
        case "ari":
            return faults.AriCut(settings)
        case "asterisk":
            return faults.AsteriskKilled(settings)
        case "browser":
            return faults.BrowsersLost(scene.lost, _BROWSER_AWAY_S)
        case "trunk":
            return faults.TrunkAway(settings, scene.callers.banks[0], next(iter(carriers_of(settings))), plan.outage_s)
        case _:
            raise faults.ChaosFailed(f"there is no fault {plan.kind!r}; choose from {', '.join(KINDS)}")


def _choose(plan: ChaosPlan, scene: Scene) -> None:
    """Whom the fault hits, now that all are in their places."""
    if plan.kind == "browser":
        scene.lost += scene.talking()[: max(plan.agents // 3, 1)]
    if plan.kind == "trunk":
        scene.cut_off |= {caller.number for caller in scene.callers.banks[0].callers}


async def _meanwhile(settings: Settings, scene: Scene, plan: ChaosPlan) -> None:
    """With the database away everything else goes on: keys are pressed and outcomes are typed, also when the service
    is killed in between."""
    if plan.kind != "postgres":
        return
    await asyncio.sleep(1)
    for caller in scene.in_menu:
        caller.press("1")
    talking = scene.talking()
    for number, agent in enumerate(talking[: len(talking) // 2 + 1]):
        if number == len(talking) // 4 and plan.service_too:
            await asyncio.sleep(plan.outage_s / 4)
            killed = faults.ServiceKilled(settings)
            await killed.strike()
        agent.end_now()
        await asyncio.sleep(0.2)


async def _lost_consultations(scene: Scene) -> int:
    """Of those that went on when it struck, how many the two pages do not show any more."""
    pages = [agent.shows("consulting", _PAGES_WITHIN_S) for agent in scene.asking]
    pages += [agent.shows("consulted", _PAGES_WITHIN_S) for agent in scene.colleagues]
    await asyncio.gather(*pages)
    return len(scene.asking) - in_consultation(scene)


async def _serve(scene: Scene, plan: ChaosPlan) -> None:
    """Until every caller has been served, or it has taken too long."""
    if plan.kind not in ("postgres", "asterisk"):
        for caller in scene.in_menu:
            if caller.ended_at is None:
                caller.press("1")
    for agent in scene.held:
        await agent.resume()
    for agent in scene.asking:
        await agent.cancel()
    for agent in scene.ringing:
        if agent.phone is not None:
            agent.phone.ring_s = 0.2
    await asyncio.sleep(RING_S if scene.ringing else 0)
    for agent in scene.wrapped:
        await agent.wrap_up_done()
    scene.release.set()
    rounds = -(-plan.calls // plan.agents)
    over = [asyncio.create_task(caller.over.wait()) for caller in scene.callers.callers]
    _, late = await asyncio.wait(over, timeout=_SERVED_WITHIN_S + rounds * plan.hold_s)
    for task in late:
        task.cancel()


async def _after_the_switch(scene: Scene, plan: ChaosPlan) -> None:
    """Telephones register with the new Asterisk, and calls go as before."""
    for caller in scene.callers.callers:
        caller.lost()
    await scene.stage.bank.register_again()
    scene.release.set()
    expected = [agent for agent in scene.agents if agent not in scene.wrapped]
    ready = await asyncio.gather(*(agent.until("ready", 20) for agent in expected))
    if not all(ready):
        others = ", ".join(agent.seen.state for agent, is_ready in zip(expected, ready, strict=True) if not is_ready)
        raise CrewFailed(f"{ready.count(False)} agents were not ready again after Asterisk came back, but {others}")
    await scene.callers.place(plan.agents, key="1")
