"""What each kind of incident is called: on the health page and in the audit. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "agent_found_talking": ("坐席状态更正", "Agent's state corrected"),
    "agent_freed": ("坐席被释放", "Agent freed"),
    "call_adopted": ("通话按实况接续", "Call taken as found"),
    "call_corrected": ("通话更正", "Call corrected"),
    "caller_gone_unheard": ("客户已挂断", "Caller gone"),
    "clock_jump": ("时钟跳变", "Clock jumped"),
    "database_behind": ("数据库缺数据", "Database behind"),
    "desk_command_failed": ("调度异常", "Desk failed"),
    "desk_note_unreadable": ("调度记录损坏", "Desk's note unreadable"),
    "desk_taken_over": ("备机接管", "Standby took over"),
    "disk_low": ("磁盘将满", "Disk nearly full"),
    "flows_gone": ("旧流程不可用", "Old flows gone"),
    "journal_lag": ("记录滞后", "Journal late"),
    "journal_unreadable": ("通话记录损坏", "Call's journal unreadable"),
    "leg_gone_unheard": ("坐席已断开", "Agent's leg gone"),
    "loop_lag": ("服务迟滞", "Service held up"),
    "no_sound": ("通话无声", "No sound"),
    "offer_freed": ("派单被释放", "Offer freed"),
    "orphan_ended": ("清理无主通道", "Orphan ended"),
    "part_restarted": ("部件重启", "Part restarted"),
    "recording_delayed": ("录音待封存", "Recording delayed"),
    "recording_lost": ("录音丢失", "Recording lost"),
    "roster_short": ("排班人数不足", "Roster short"),
    "service_hung": ("服务无响应", "Service hung"),
    "spool_broken": ("本地缓存损坏", "Local spool broken"),
    "spool_disk_full": ("磁盘已满", "Disk full"),
    "spool_entry_refused": ("记录被拒", "Record refused"),
    "spool_filling": ("本地缓存将满", "Spool filling"),
    "staff_short": ("在线人数不足", "Too few here"),
    "switch_away": ("Asterisk 失联", "Asterisk away"),
    "switch_lost": ("Asterisk 中断", "Asterisk lost"),
    "task_died": ("服务部件重启", "Part begun again"),
    "trunk_down": ("线路中断", "Trunk down"),
    "waiting_call_freed": ("排队被释放", "Waiting call freed"),
    "webhook_given_up": ("外部系统未收到通知", "Webhook given up"),
}
"""Kind → Chinese, English."""


def titled(kind: str) -> tuple[str, str]:
    """One that an earlier version wrote, and this one does not know, by its code."""
    return TITLES.get(kind, (kind, kind))
