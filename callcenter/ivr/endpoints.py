"""The flows over HTTP: what runs, what would run, trying it, making it live, going back; and the prompts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import HTTPConnection

from callcenter.access import audit
from callcenter.access.deeds import Deed
from callcenter.access.guard import require
from callcenter.access.roles import MACHINE_KEEPERS, Role
from callcenter.access.sessions import Principal
from callcenter.context import A_FILE, Services, ServicesDep
from callcenter.errors import NotFound
from callcenter.ivr.counts import DayCounts
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.graph import graph
from callcenter.ivr.loader import FlowErrors, read_folder
from callcenter.ivr.messages import Prompt, Value
from callcenter.ivr.prompts import PromptStore, prompt_id
from callcenter.ivr.registry import FlowRegistry, Reloaded, difference
from callcenter.ivr.said import places, static_prompts
from callcenter.ivr.schemas import SCHEMAS
from callcenter.ivr.simulate import simulate
from callcenter.ivr.versions import Version

VIEWERS: Final = (Role.LEAD, Role.SUPERVISOR, Role.OPS, Role.ADMIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRoom:
    """What these endpoints need; ``composition`` puts it on ``app.state.flows``."""

    registry: FlowRegistry
    prompts: PromptStore
    counts: DayCounts


def room(connection: HTTPConnection) -> FlowRoom:
    found: FlowRoom = connection.app.state.flows
    return found


async def _room(connection: HTTPConnection) -> FlowRoom:
    return room(connection)


router = APIRouter(prefix="/api/v1/flows", tags=["flows"])

Room = Annotated[FlowRoom, Depends(_room)]
Viewer = Annotated[Principal, Depends(require(*VIEWERS))]
Keeper = Annotated[Principal, Depends(require(*MACHINE_KEEPERS))]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
PromptId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
Files = dict[str, str | None]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NoteIn(_Body):
    note: str = Field("", max_length=500)


class DraftIn(_Body):
    files: Files = Field(default_factory=dict)
    """Changed files by name; null removes one."""


class PublishIn(DraftIn):
    note: str = Field("", max_length=500)


class SimulateIn(DraftIn):
    flow: str
    keys: str = Field("", max_length=2000)
    at: str = Field("", max_length=40)
    caller: str = Field("13800000001", max_length=40)
    dialled: str = Field("", max_length=40)
    language: str = Field("", max_length=10)
    variables: dict[str, Value] = Field(default_factory=dict)
    lookups: dict[str, dict[str, Value] | None] = Field(default_factory=dict)


@router.get("")
async def live_flows(_: Viewer, made: Room) -> dict[str, Any]:
    """The live flows as graphs, the hotlines and queues, and why the newest files were refused, if they were."""
    flows = made.registry.current
    return {
        "version": flows.version,
        "warnings": [asdict(warning) for warning in made.registry.warnings(flows)],
        "problems": [asdict(problem) for problem in made.registry.problems],
        **_pictures(flows),
    }


@router.get("/schemas")
async def schemas(_: Viewer) -> dict[str, Any]:
    """The JSON Schemas of a flow file (``flow``), ``hotlines.yaml``, ``queues.yaml`` and ``hours.yaml``."""
    return {kind: schema() for kind, schema in SCHEMAS.items()}


@router.get("/hotlines")
async def hotlines(_: Viewer, made: Room) -> dict[str, Any]:
    """The numbers callers dial, and the flow of each, those of the fire drill too."""
    return {"hotlines": _hotlines(made.registry.current)}


@router.get("/counts")
async def counts(_: Viewer, made: Room) -> dict[str, Any]:
    """Callers at each step of each version: there now, passed today, hung up there today."""
    return {"steps": [asdict(count) for count in await made.counts.step_counts()]}


@router.get("/give-ups")
async def give_ups(_: Viewer, made: Room, days: Annotated[int, Query(ge=1, le=92)] = 7) -> dict[str, Any]:
    """Where callers hung up in the last days, today included; steps that are no longer live keep their names."""
    until = made.counts.midnight() + timedelta(days=1)
    found = await made.counts.give_ups(until - timedelta(days=days), until)
    flows = made.registry.current.flows
    steps = []
    for item in found:
        step = flows[item.flow].steps.get(item.step) if item.flow in flows else None
        label, label_en = (step.label, step.label_en) if step else (item.step, "")
        steps.append({**asdict(item), "share": round(item.share, 4), "label": label, "label_en": label_en})
    return {"days": days, "steps": steps}


@router.get("/files")
def files(_: Viewer, made: Room) -> dict[str, Any]:
    """The files that are live, and those of the folder where they differ."""
    live = dict(made.registry.current.files)
    try:
        folder = {name: data.decode("utf-8", "replace") for name, data in read_folder(made.registry.folder).items()}
    except FlowErrors:
        folder = live
    changed = {name: folder.get(name) for name in folder.keys() | live.keys() if folder.get(name) != live.get(name)}
    return {"version": made.registry.current.version, "files": live, "changed_in_folder": changed}


@router.post("/validate")
async def validate(body: DraftIn, _: Viewer, made: Room) -> dict[str, Any]:
    """What would happen if these changes went live: every problem, or the graphs; and the difference."""
    flows, problems = await made.registry.validate(body.files)
    live = made.registry.current.files
    draft = {name: content for name, content in {**live, **body.files}.items() if content is not None}
    return {
        "ok": not problems,
        "problems": [asdict(problem) for problem in problems],
        "diff": difference(live, draft),
        "warnings": [asdict(warning) for warning in made.registry.warnings(flows)] if flows else [],
        **(_pictures(flows) if flows else {}),
    }


@router.put("/files")
async def publish(body: PublishIn, who: Keeper, made: Room, services: ServicesDep) -> dict[str, Any]:
    """Change files and make the result live; refused as a whole with every problem."""
    done = await made.registry.publish(body.files, author=who.name, note=body.note)
    await _audit(services, who, "flows.published", done, files=sorted(body.files))
    return _reloaded(done)


@router.post("/simulate")
async def try_flow(body: SimulateIn, _: Viewer, made: Room) -> dict[str, Any]:
    """Walk a flow without a telephone, with the draft's files if there are any."""
    flows = made.registry.current
    if body.files:
        drafted, problems = await made.registry.validate(body.files)
        if drafted is None:
            raise FlowErrors(problems)
        flows = drafted
    done = simulate(
        flows,
        body.flow,
        keys=body.keys,
        at=body.at or made.registry.now(),
        caller=body.caller,
        dialled=body.dialled,
        language=body.language,
        variables=body.variables,
        lookups=body.lookups,
    )
    return asdict(done)


@router.post("/reload")
async def reload(body: NoteIn, who: Keeper, made: Room, services: ServicesDep) -> dict[str, Any]:
    """Make the folder's files live; refused as a whole with every problem."""
    done = await made.registry.reload(author=who.name, note=body.note)
    await _audit(services, who, "flows.reloaded", done)
    return _reloaded(done)


@router.get("/versions")
async def versions(
    _: Viewer, made: Room, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> dict[str, list[dict[str, Any]]]:
    """The versions that were live, newest first."""
    return {"versions": [_version(version) for version in await made.registry.versions(limit)]}


@router.get("/versions/{number}")
async def version(number: Number, _: Viewer, made: Room) -> dict[str, Any]:
    """One version: its files, what it changed when it went live, and what going back to it would change."""
    found, before = await made.registry.version(number), await made.registry.before(number)
    return {
        **_version(found),
        "files": found.files,
        "diff": difference(before.files, found.files) if before else "",
        "diff_from_live": difference(made.registry.current.files, found.files),
    }


@router.post("/versions/{number}/rollback")
async def rollback(number: Number, who: Keeper, made: Room, services: ServicesDep) -> dict[str, Any]:
    """Make an earlier version live again."""
    done = await made.registry.rollback(number, author=who.name)
    await _audit(services, who, "flows.rolled_back", done, to=number)
    return _reloaded(done)


# --- prompts ---------------------------------------------------------------------------------


@router.get("/prompts")
async def prompts(_: Viewer, made: Room) -> dict[str, Any]:
    """Every prompt known beforehand: how it is made, whether it is ready, how long it is, and where it is said."""
    said = places(made.registry.current)
    return {"prompts": [{**asdict(made.prompts.view(prompt)), "said_in": where} for prompt, where in said.items()]}


@router.get("/prompts/{prompt}/audio", response_class=FileResponse)
async def listen(prompt: PromptId, _: Viewer, made: Room) -> FileResponse:
    """The prompt as callers hear it (8 kHz WAV)."""
    path = await made.prompts.path(_find(made, prompt))
    return FileResponse(path, media_type="audio/wav")


@router.put("/prompts/{prompt}/recording", openapi_extra=A_FILE)
async def replace(prompt: PromptId, request: Request, who: Keeper, made: Room, services: ServicesDep) -> dict[str, Any]:
    """Play the recording in the body (any common format) instead. Heard from the next caller on."""
    view = await made.prompts.replace(_find(made, prompt), await request.body())
    async with services.db.write() as session:
        audit.record(session, services.clock.now(), who.account_id, "prompt.replaced", prompt, text=view.text[:200])
    return asdict(view)


@router.delete("/prompts/{prompt}/recording")
async def restore(prompt: PromptId, who: Keeper, made: Room, services: ServicesDep) -> dict[str, Any]:
    """Take a replacement back."""
    view = made.prompts.restore(_find(made, prompt))
    async with services.db.write() as session:
        audit.record(session, services.clock.now(), who.account_id, "prompt.restored", prompt, text=view.text[:200])
    return asdict(view)


@router.get("/{name}")
async def one_flow(name: Annotated[str, Path(max_length=64)], _: Viewer, made: Room) -> dict[str, Any]:
    """One live flow: its graph and its YAML."""
    flows = made.registry.current
    flow = flows.flows.get(name)
    if flow is None:
        raise NotFound(f"there is no flow {name}")
    return {
        "name": flow.name,
        "title": flow.title,
        "title_en": flow.title_en,
        "file": flow.file,
        "yaml": flows.files.get(flow.file, ""),
        "version": flows.version,
        "graph": asdict(graph(flow)),
    }


@router.get("/{name}/counts")
async def counts_of(name: Annotated[str, Path(max_length=64)], _: Viewer, made: Room) -> dict[str, Any]:
    """The counts of one flow's steps, of every version that has callers or had some today."""
    found = [asdict(count) for count in await made.counts.step_counts() if count.flow == name]
    if not found and name not in made.registry.current.flows:
        raise NotFound(f"there is no flow {name}")
    return {"flow": name, "version": made.registry.current.version, "steps": found}


# --- shapes ----------------------------------------------------------------------------------


def _pictures(flows: FlowSet) -> dict[str, Any]:
    return {
        "flows": [
            {
                "name": flow.name,
                "title": flow.title,
                "title_en": flow.title_en,
                "language": flow.language,
                "file": flow.file,
                "tests": len(flow.tests),
                "graph": asdict(graph(flow)),
            }
            for flow in sorted(flows.flows.values(), key=lambda flow: flow.file)
        ],
        "hotlines": _hotlines(flows),
        "queues": [
            {"name": queue.name, "title": queue.title, "title_en": queue.title_en} for queue in flows.queues.values()
        ],
    }


def _hotlines(flows: FlowSet) -> list[dict[str, Any]]:
    return [
        {
            "number": hotline.number,
            "name": hotline.name,
            "title": hotline.title,
            "title_en": hotline.title_en,
            "flow": hotline.flow,
            "language": hotline.language,
            "trunk": hotline.trunk,
            "drill": hotline.drill,
        }
        for hotline in flows.hotlines.values()
    ]


def _version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "version": version.version,
        "created_at": version.created_at,
        "author": version.author,
        "note": version.note,
        "active": version.active,
    }


def _reloaded(done: Reloaded) -> dict[str, Any]:
    return {
        "version": _version(done.version),
        "changed": done.changed,
        "warnings": [asdict(warning) for warning in done.warnings],
        "tests_passed": done.tests,
    }


def _find(made: FlowRoom, wanted: str) -> Prompt:
    for prompt in static_prompts(made.registry.current):
        if prompt_id(prompt) == wanted:
            return prompt
    raise NotFound("there is no such prompt in the live flows")


async def _audit(services: Services, who: Principal, action: Deed, done: Reloaded, **detail: object) -> None:
    async with services.db.write() as session:
        audit.record(
            session, services.clock.now(), who.account_id, action, str(done.version.number),
            version=done.version.version, changed=done.changed, **detail,
        )  # fmt: skip
