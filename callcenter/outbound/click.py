"""Calls that an agent asks for: judged, the desk asked, then begun."""

from __future__ import annotations

from collections.abc import Callable

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.messages import AgentProfile
from callcenter.calls import messages as m
from callcenter.calls.runner import CallRunner
from callcenter.errors import CallCenterError
from callcenter.ids import CallId, name_of, new_id
from callcenter.ivr.flow import FlowSet
from callcenter.outbound.dialler import DialRefused, OutsideDialler


class ClickToCall:
    def __init__(self, desk: Desk, runner: CallRunner, dialler: OutsideDialler, flows: Callable[[], FlowSet]) -> None:
        self._desk, self._runner, self._dialler, self._flows = desk, runner, dialler, flows

    def call(
        self,
        profile: AgentProfile,
        number: str,
        purpose: str,
        hotline: str = "",
        *,
        last: str = "",
        call_id: CallId | None = None,
    ) -> CallId:
        """Ring the agent, then the number.

        Shown is ``hotline``, else ``last`` (by which they last spoke with us) if it is still ours, else the first of
        ours. ``call_id``: where whoever asks has named the call already.

        Raises DialRefused with the reason (a rule, ``lines_busy``, ``phone_not_registered``, ``busy``,
        ``not_logged_in``), Unavailable.
        """
        flows = self._flows()
        ours = [one.number for one in flows.hotlines.values() if one.drill == profile.drill]
        hotline = hotline or (last if last in ours else next(iter(ours), ""))
        verdict = self._dialler.judge(number, hotline)
        if verdict.refusal:
            raise DialRefused(verdict.refusal)
        agent = self._desk.rules.agent(profile.agent_id)
        if agent is None or agent.state is acd.AgentState.OFFLINE:
            raise DialRefused("not_logged_in")
        if not agent.phone:
            raise DialRefused("phone_not_registered")
        if not profile.drill and self._runner.live.lines_in_use >= self._runner.max_lines:
            raise DialRefused("lines_busy")
        queue = min(profile.queues, key=lambda name: (profile.queues[name], name), default="")
        call_id = call_id or CallId(new_id())
        started = acd.TalkStarted(call_id=call_id, agent_id=profile.agent_id, queue=queue)
        for action in self._desk.ask(started):
            if isinstance(action, acd.CommandRefused):
                raise DialRefused(action.code)
        asked = m.DialAsked(
            call_id=call_id,
            node=self._runner.node,
            channel=name_of(call_id, "out"),
            agent=profile,
            number=verdict.number,
            hotline=hotline,
            flow_version=flows.version,
            language=flows.hotlines[hotline].language,
            purpose=purpose,
            queue=queue,
            drill=profile.drill,
        )
        try:
            self._runner.dial(asked)
        except CallCenterError:
            self._desk.tell(acd.TalkEnded(call_id=call_id, agent_id=profile.agent_id))
            self._desk.tell(acd.WrapUpDone(agent_id=profile.agent_id))
            raise
        return call_id
