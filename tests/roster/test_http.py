"""The roster over HTTP on a real database: setting and moving, leave and swaps, coverage, sheets, calendars, plans."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from callcenter.access.roles import Role
from callcenter.acd.tables import AgentStateLog
from callcenter.ids import new_id
from callcenter.roster import sheets
from callcenter.roster.repository import Person
from tests.house import House

MONDAY = "2026-03-02"  # the house's clock: 9:00 at the site
WEEK = {"first": MONDAY, "last": "2026-03-08"}
AT = "/api/v1/roster"


@dataclass
class Crew:
    house: House
    lead: httpx.AsyncClient
    agents: list[str]

    async def set(self, *wanted: tuple[int, str, str]) -> httpx.Response:
        """(number of the agent, day of March, shift)"""
        entries = [{"account_id": self.agents[n], "day": f"2026-03-{day}", "shift": s} for n, day, s in wanted]
        return await self.lead.post(f"{AT}/assignments", json={"assignments": entries})

    async def board(self) -> list[tuple[int, str, str]]:
        answer = (await self.lead.get(AT, params=WEEK)).json()
        return sorted((self.agents.index(a["account_id"]), a["day"][-2:], a["shift"]) for a in answer["assignments"])

    async def agent(self, n: int) -> httpx.AsyncClient:
        async with self.house.db.write() as session:
            token, _ = await self.house.services.sessions.open(session, self.agents[n], "cookie")
        client = await self.house.client()
        client.cookies.set(self.house.services.sessions.cookie_name, token)
        return client


@pytest.fixture
async def crew(house: House) -> Crew:
    lead, _ = await house.signed_in(Role.LEAD)
    agents = [await house.account(Role.AGENT, f"agent{n}", extension=f"10{n:02}") for n in range(3)]
    return Crew(house=house, lead=lead, agents=agents)


def codes(answer: httpx.Response) -> list[str]:
    return [problem["code"] for problem in answer.json()["error"]["details"]["problems"]]


async def test_the_house_has_its_three_shifts_and_minimums(crew: Crew) -> None:
    board = (await crew.lead.get(AT, params=WEEK)).json()
    assert [(s["code"], s["begins"], s["ends"]) for s in board["shifts"]] == [
        ("early", "08:00:00", "20:00:00"),
        ("middle", "09:00:00", "21:00:00"),
        ("night", "20:00:00", "08:00:00"),
    ]
    assert sorted(m["need"] for m in board["minimums"]) == [2, 8]
    assert [person["extension"] for person in board["people"]] == ["1000", "1001", "1002"]


async def test_shifts_are_set_moved_and_taken_away(crew: Crew) -> None:
    answer = await crew.set((0, "03", "early"), (1, "03", "night"))
    assert answer.status_code == 201
    first = answer.json()[0]["id"]
    moved = await crew.lead.patch(f"{AT}/assignments/{first}", json={"day": "2026-03-05", "shift": "middle"})
    assert moved.status_code == 200
    assert await crew.board() == [(0, "05", "middle"), (1, "03", "night")]
    assert (await crew.lead.delete(f"{AT}/assignments/{first}")).status_code == 204
    assert await crew.board() == [(1, "03", "night")]
    assert (await crew.lead.delete(f"{AT}/assignments/{first}")).status_code == 404


async def test_everything_wrong_is_told_at_once_and_nothing_is_changed(crew: Crew) -> None:
    await crew.set((0, "03", "early"))
    crew.agents.append(new_id())
    answer = await crew.set((0, "03", "middle"), (1, "04", "late"), (3, "04", "early"), (2, "04", "early"))
    assert answer.status_code == 409
    assert codes(answer) == ["overlap", "unknown_shift", "unknown_agent"]
    assert [p["row"] for p in answer.json()["error"]["details"]["problems"]] == [1, 2, 3]
    crew.agents.pop()
    assert await crew.board() == [(0, "03", "early")]
    night = (await crew.set((1, "03", "night"))).json()[0]["id"]
    assert (await crew.lead.patch(f"{AT}/assignments/{night}", json={"account_id": new_id()})).status_code == 409
    clash = await crew.lead.patch(f"{AT}/assignments/{night}", json={"shift": "early", "account_id": crew.agents[0]})
    assert codes(clash) == ["overlap"]


async def test_agents_ask_and_leads_decide_about_leave(crew: Crew) -> None:
    await crew.set((0, "03", "early"), (0, "06", "early"))
    asking = await crew.agent(0)
    wanted = {"kind": "leave", "first_day": "2026-03-03", "last_day": "2026-03-04"}
    asked = await asking.post(f"{AT}/absences", json=wanted)
    assert (asked.status_code, asked.json()["state"]) == (201, "requested")
    elsewhere = {"first": "2026-05-01", "last": "2026-05-01"}
    open_ones = (await crew.lead.get(AT, params=elsewhere)).json()["absences"]
    assert [one["id"] for one in open_ones] == [asked.json()["id"]], "what is to be decided is seen from any day"
    other = await asking.post(f"{AT}/absences", json=wanted | {"account_id": crew.agents[1]})
    assert other.status_code == 403
    decision = f"{AT}/absences/{asked.json()['id']}/decision"
    assert (await asking.post(decision, json={"approve": True})).status_code == 403
    assert (await crew.lead.post(decision, json={"approve": True})).json()["state"] == "approved"
    assert (await crew.lead.get(AT, params=elsewhere)).json()["absences"] == []
    second = await crew.lead.post(decision, json={"approve": False})
    assert (second.status_code, codes(second)) == (409, ["decided"]), "of two leads the second is told"
    assert await crew.board() == [(0, "06", "early")]
    assert codes(await crew.set((0, "04", "early"))) == ["on_leave"]


async def test_a_swap_is_approved_or_refused_with_the_reason(crew: Crew) -> None:
    mine, theirs, busy = (await crew.set((0, "03", "early"), (1, "04", "night"), (2, "03", "middle"))).json()
    asking = await crew.agent(0)
    body = {"assignment_id": mine["id"], "to_account_id": crew.agents[1], "other_assignment_id": theirs["id"]}
    swap = await asking.post(f"{AT}/swaps", json=body)
    assert swap.status_code == 201
    assert (await asking.post(f"{AT}/swaps", json=body)).status_code == 409
    assert (await asking.post(f"{AT}/swaps", json=body | {"assignment_id": busy["id"]})).status_code == 403
    answer = await crew.lead.post(f"{AT}/swaps/{swap.json()['id']}/decision", json={"approve": True})
    assert answer.json()["state"] == "approved"
    assert await crew.board() == [(0, "04", "night"), (1, "03", "early"), (2, "03", "middle")]
    again = await crew.lead.post(f"{AT}/swaps/{swap.json()['id']}/decision", json={"approve": True})
    assert again.status_code == 409
    # Given to somebody who works at that time.
    second = await (await crew.agent(1)).post(
        f"{AT}/swaps", json={"assignment_id": mine["id"], "to_account_id": crew.agents[2]}
    )
    assert codes(second) == ["overlap"]


async def test_a_swap_that_leaves_somebody_too_little_rest_is_refused_and_a_lead_sees_why(crew: Crew) -> None:
    early, night, _ = (await crew.set((0, "04", "early"), (1, "06", "night"), (2, "03", "night"))).json()
    asking = await crew.agent(0)
    given = {"assignment_id": early["id"]}
    tired = await asking.post(f"{AT}/swaps", json=given | {"to_account_id": crew.agents[2]})
    assert (tired.status_code, codes(tired)) == (409, ["too_little_rest"])
    (problem,) = tired.json()["error"]["details"]["problems"]
    assert problem["zh"] == "Agent2：2026-03-03 夜班 到 2026-03-04 早班 只休息 0 小时，至少要 11 小时"
    body = given | {"to_account_id": crew.agents[1], "other_assignment_id": night["id"]}
    swap = (await asking.post(f"{AT}/swaps", json=body)).json()
    # Meanwhile the one who asked is given a shift that begins an hour after the night's end.
    await crew.set((0, "07", "middle"))
    (seen,) = (await crew.lead.get(AT, params=WEEK)).json()["swaps"]
    assert [one["code"] for one in seen["problems"]] == ["too_little_rest"]
    assert "only 1 h of rest" in seen["problems"][0]["en"]
    refused = await crew.lead.post(f"{AT}/swaps/{swap['id']}/decision", json={"approve": True})
    assert (refused.status_code, codes(refused)) == (409, ["too_little_rest"])
    assert await crew.board() == [(0, "04", "early"), (0, "07", "middle"), (1, "06", "night"), (2, "03", "night")]
    declined = await crew.lead.post(f"{AT}/swaps/{swap['id']}/decision", json={"approve": False})
    assert declined.json()["state"] == "refused"


async def test_coverage_and_the_alarm_of_the_coming_hours(crew: Crew) -> None:
    await crew.set((0, "02", "early"), (1, "02", "night"))
    found = (await crew.lead.get(f"{AT}/coverage", params={"first": MONDAY, "last": MONDAY})).json()
    (track,) = found["tracks"]
    assert len(track["have"]) == 96
    assert (track["need"][32], track["have"][32], track["need"][80], track["have"][80]) == (8, 1, 2, 1)
    assert [(s["need"], s["have"]) for s in found["shortfalls"]] == [(2, 0), (8, 1), (2, 1)]
    live = (await crew.lead.get(f"{AT}/live")).json()
    assert [(s["need"], s["missing"]) for s in live["coming"]] == [(8, 7), (2, 1)]
    assert [(a["standing"], a["shift"]) for a in live["agents"]] == [("late", "early")]
    assert (live["needed"], live["present"]) == (8, 0)


async def test_shifts_on_call_cover_nothing_and_worked_hours_do_not_change(crew: Crew) -> None:
    keeper, _ = await crew.house.signed_in(Role.SUPERVISOR)
    shift = {"title": "备班", "begins": "20:00", "ends": "08:00", "on_call": True}
    assert (await crew.lead.put(f"{AT}/shifts/standby", json=shift)).status_code == 403
    assert (await keeper.put(f"{AT}/shifts/standby", json=shift)).status_code == 200
    await crew.set((0, "02", "standby"))
    found = (await crew.lead.get(f"{AT}/coverage", params={"first": MONDAY, "last": MONDAY})).json()
    assert set(found["tracks"][0]["have"]) == {0}
    zero = await keeper.put(f"{AT}/shifts/none", json=shift | {"ends": "20:00"})
    assert (zero.status_code, codes(zero)) == (422, ["zero_length"])
    crew.house.clock.advance(days=3)
    keeper, _ = await crew.house.signed_in(Role.SUPERVISOR)
    assert (await keeper.put(f"{AT}/shifts/standby", json=shift | {"ends": "09:00"})).status_code == 422
    assert (await keeper.delete(f"{AT}/shifts/standby")).status_code == 204
    wanted = {"minimums": [{"begins": "09:00", "ends": "18:00", "need": 1, "queue": "vip"}]}
    assert (await keeper.put(f"{AT}/minimums", json=wanted)).status_code == 200


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_sheet_goes_out_and_comes_back_changed(crew: Crew, kind: str) -> None:
    await crew.set((0, "03", "early"), (1, "04", "night"))
    sheet = await crew.lead.get(f"{AT}/export.{kind}", params=WEEK)
    assert sheet.status_code == 200
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
        assert rows[0][:3] == ["工号", "姓名", MONDAY]
        assert rows[1][3] == "early"
        rows[1][3], rows[2][2], rows[3][8] = "", "早班", "night"
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        changed = out.getvalue().encode("gb18030")
    else:
        book = load_workbook(io.BytesIO(sheet.content))
        table = book.worksheets[0]
        table["D2"], table["C3"], table["I4"] = None, "早班", "night"
        buffer = io.BytesIO()
        book.save(buffer)
        changed = buffer.getvalue()
    before = await crew.board()
    tried = await crew.lead.post(f"{AT}/import", content=changed, params={"dry_run": True})
    assert tried.status_code == 200, tried.text
    assert tried.json()["assignments"] == 3
    assert await crew.board() == before
    assert (await crew.lead.post(f"{AT}/import", content=changed)).status_code == 200
    assert await crew.board() == [(1, "02", "early"), (1, "04", "night"), (2, "08", "night")]


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ("", "empty"),
        ("工号,姓名\n1000,A\n", "no dates"),
        ("工号,姓名,2026-02-30\n", "C1: there is no day 2026-02-30"),
        ("工号,姓名,Monday\n", "C1: 'Monday' is not a date"),
        ("工号,姓名,2026-03-02\n9999,A,early\n", "A2: there is no agent with number '9999'"),
        ("工号,姓名,2026-03-02,2026-03-03\n\n1000,A,,late\n", "D3 (2026-03-03): there is no shift 'late'"),
        ("工号,姓名,2026-03-02\n1000,A,early\n1000,A,night\n", "A3: agent 1000 comes twice"),
        ("工号,姓名,2026-03-02,2026-03-03\n1001,B\n1000,A,,early+middle\n", "D3: Agent0"),
    ],
)
async def test_a_sheet_that_cannot_be_understood_is_refused(crew: Crew, sheet: str, told: str) -> None:
    answer = await crew.lead.post(f"{AT}/import", content=sheet.encode())
    assert answer.status_code in (409, 422)
    assert told in answer.json()["error"]["message"]
    assert await crew.board() == []


async def test_files_that_are_no_sheets_are_refused(crew: Crew) -> None:
    for data in (b"PK\x03\x04 nothing", b"\xff\xfe\x00\x01\x80\x81"):
        assert (await crew.lead.post(f"{AT}/import", content=data)).status_code == 422


async def test_an_agents_calendar_is_read_by_its_secret_alone(crew: Crew) -> None:
    await crew.set((0, "03", "early"), (0, "05", "night"), (1, "03", "night"))
    agent = await crew.agent(0)
    path = (await agent.post(f"{AT}/feed")).json()["path"]
    anybody = await crew.house.client()
    answer = await anybody.get(path)
    assert answer.headers["content-type"].startswith("text/calendar")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert [(str(e["summary"]), e["dtstart"].dt, e["dtend"].dt) for e in events] == [
        ("早班", datetime(2026, 3, 3, 0, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC)),
        ("夜班", datetime(2026, 3, 5, 12, tzinfo=UTC), datetime(2026, 3, 6, 0, tzinfo=UTC)),
    ]
    assert Calendar.from_ical(answer.content).errors == []
    # What is taken off the roster, or moved to a colleague, is gone from the calendar.
    board = (await crew.lead.get(AT, params=WEEK)).json()["assignments"]
    early = next(one["id"] for one in board if one["shift"] == "early")
    await crew.lead.delete(f"{AT}/assignments/{early}")
    left = Calendar.from_ical((await anybody.get(path)).content).walk("VEVENT")
    assert [(str(e["summary"]), str(e["uid"])) for e in left] == [("夜班", str(events[1]["uid"]))]
    await agent.post(f"{AT}/feed")
    assert (await anybody.get(path)).status_code == 404


async def test_adherence_of_a_day_comes_from_what_agents_did(crew: Crew) -> None:
    await crew.set((0, "02", "early"))
    begin = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    async with crew.house.db.write() as session:
        session.add(
            AgentStateLog(
                id=new_id(),
                account_id=crew.agents[0],
                state="ready",
                epoch=1,
                started_at=begin,
                ended_at=begin + timedelta(hours=5),
            )
        )
    crew.house.clock.advance(days=1)
    crew.lead, _ = await crew.house.signed_in(Role.LEAD)
    (found,) = (await crew.lead.get(f"{AT}/adherence", params={"day": MONDAY})).json()
    assert (found["scheduled_s"], found["present_s"], found["late_s"], found["left_early_s"]) == (
        43200,
        18000,
        1800,
        23400,
    )
    assert found["adherence"] == pytest.approx(5 / 12)


async def test_a_plan_is_a_job_told_in_words_and_put_on_the_roster(crew: Crew) -> None:
    room = crew.house.app.state.roster
    asked = {"first_day": "2026-03-09", "last_day": "2026-03-11", "time_limit_s": 10}
    begun = await crew.lead.post(f"{AT}/plans", json=asked)
    assert (begun.status_code, begun.json()["state"]) == (202, "running")
    assert (await crew.lead.post(f"{AT}/plans", json=asked)).status_code == 409
    assert (await crew.lead.post(f"{AT}/plans/{begun.json()['id']}/apply")).status_code == 409
    await room.planner.wait()
    done = (await crew.lead.get(f"{AT}/plans/{begun.json()['id']}")).json()
    assert (done["state"], done["covered"], done["people"]) == ("done", False, 3)
    assert done["people_needed"] >= 10
    assert f"要排满需要 {done['people_needed']} 人" in done["verdict"]
    applied = await crew.lead.post(f"{AT}/plans/{done['id']}/apply")
    assert len(applied.json()) == done["shifts"] > 0
    # Leave approved after the plan: it does not fit any more, and nothing is half done.
    leave = {"account_id": crew.agents[0], "kind": "leave", "first_day": "2026-03-09", "last_day": "2026-03-11"}
    await crew.lead.post(f"{AT}/absences", json=leave)
    refused = await crew.lead.post(f"{AT}/plans/{done['id']}/apply")
    assert set(codes(refused)) == {"on_leave"}
    assert (await crew.lead.post(f"{AT}/plans", json=asked | {"first_day": "2026-03-01"})).status_code == 422
    assert (await crew.lead.get(f"{AT}/plans/{new_id()}")).status_code == 404


@pytest.mark.parametrize(("column", "name"), [(0, "A1"), (25, "Z1"), (26, "AA1"), (399, "OJ1")])
def test_cells_are_named_as_spreadsheets_do(column: int, name: str) -> None:
    assert sheets.cell(1, column) == name


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1"])
def test_no_name_and_no_title_is_a_formula_to_a_spreadsheet(text: str) -> None:
    person = Person(agent_id="a", name=text, extension="1001")
    rows = sheets.grid([person], [], [date(2026, 3, 2)])
    assert sheets.to_csv(rows).decode("utf-8-sig").splitlines()[1].startswith(("1001,'", "1001,\"'"))
    book = load_workbook(io.BytesIO(sheets.to_xlsx(rows, {"early": text})))
    assert not [cell.value for page in book for row in page for cell in row if cell.data_type == "f"]
