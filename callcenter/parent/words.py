"""What the parent says on the terminal."""

from __future__ import annotations

import time

import click

from callcenter.business import demo
from callcenter.ivr.flow import FlowSet
from callcenter.settings import Settings

PAGES = (
    ("/agent", "坐席工作台 the agent's desk"),
    ("/phone", "试拨电话 a telephone to try the hotlines with"),
    ("/supervisor", "现场监控 queues and agents live"),
    ("/wallboard", "大屏 the same for the room's wall"),
    ("/contacts", "来往记录 calls, recordings, outcomes"),
    ("/customers", "客户 who they are, and all that was with them"),
    ("/cases", "工单 what is not done yet, and by when"),
    ("/visits", "回访 customers who are to be called again"),
    ("/messages", "留言 what callers said to nobody"),
    ("/callbacks", "回电 who is to be called back"),
    ("/reports", "报表 service figures of any time"),
    ("/roster", "排班 the three shifts"),
    ("/staff", "人员 who serves which queues"),
    ("/audit", "操作记录 who did what"),
    ("/ops", "运维 flows, prompts, versions"),
    ("/ops/health", "线路与健康 trunks, health, incidents"),
    ("/readyz", "是否就绪 health"),
)
_SHOWN_LOGINS = ("agent1", "agent2", "supervisor", "ops", "admin")


def say(text: str) -> None:
    """One step of the start."""
    click.echo(f"… {text}")


def tell(text: str) -> None:
    """Something that happened to a part while all runs, with its time: this is read in a log later."""
    click.echo(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}", err=True)


def where_to_go(settings: Settings, flows: FlowSet) -> None:
    """The last words of a start: pages, numbers, and the demo's logins while their file is there."""
    site = f"http://{settings.http_bind}"
    if not (settings.web_dir / "index.html").exists():
        click.echo(f"\n  The pages are not built ({settings.web_dir}); `make up` builds them.")
    click.echo("")
    for path, title in PAGES:
        click.echo(f"  {site}{path:<14}{title}")
    click.echo("")
    for hotline in flows.hotlines.values():
        click.echo(
            f"  {hotline.number}   sip:{hotline.number}@{settings.sip_bind}   {hotline.title} {hotline.title_en}"
        )
    logins = settings.data_dir / demo.LOGINS_FILE
    if logins.exists():
        click.echo(f"\n  Demo logins (all in {logins}):")
        for line in logins.read_text(encoding="utf-8").splitlines():
            login, password, role, _ = line.split("\t")
            if login in _SHOWN_LOGINS:
                click.echo(f"  {login:<12} {password:<24} {role}")
    click.echo("\nTwo browser windows are enough to try it: /agent as agent1, /phone as supervisor.")
    click.echo("Ctrl-C stops everything; `callcenter restart` takes up new code without dropping a call.")
