"""What one may send to each endpoint that takes JSON. The description of the API shows it, a test keeps it true."""

from __future__ import annotations

from typing import Any, Final

_AGENT: Final = "0192f0c1a2b37c4d8e5f60718293a4b5"
_OTHER: Final = "0192f0c1a2b37c4d8e5f60718293a4b6"

EXAMPLES: Final[dict[tuple[str, str], Any]] = {
    ("post", "/api/v1/session"): {"login": "agent1", "password": "its-own-long-word"},
    ("post", "/api/v1/tokens"): {"label": "monitoring", "days": 365},
    ("post", "/api/v1/accounts"): {
        "login": "wang.fang", "name": "王芳", "queues": {"general": 1, "complaint": 2}, "skills": {"en": 7}
    },
    ("patch", "/api/v1/accounts/{account_id}"): {"queues": {"general": 1}, "wrap_up_s": 45},
    ("put", "/api/v1/accounts/{account_id}/password"): {"password": "a-new-long-word", "current": "the-old-long-word"},
    ("post", "/api/v1/customers"): {"name": "李雷", "phones": [{"number": "13800000001", "label": "手机"}]},
    ("patch", "/api/v1/customers/{customer_id}"): {"vip": True, "notes": "请在下午联系"},
    ("put", "/api/v1/contacts/{contact_id}/outcome"): {
        "disposition": "complaint", "note": "要求退款", "open_case": True,
        "case": {"kind": "complaint", "department": "after_sales"},
    },
    ("post", "/api/v1/cases"): {"subject": "三号机不出纸", "kind": "fault", "department": "technical"},
    ("post", "/api/v1/cases/assign"): {"numbers": [100001, 100002], "owner_id": _AGENT},
    ("patch", "/api/v1/cases/{number}"): {"state": "working", "version": 3},
    ("post", "/api/v1/cases/{number}/comments"): {"text": "已联系客户，明天上门"},
    ("post", "/api/v1/cases/{number}/contacts"): {"contact_id": _OTHER},
    ("put", "/api/v1/departments/{code}"): {"title": "售后", "title_en": "After-sales", "members": [_AGENT]},
    ("put", "/api/v1/case-kinds/{code}"): {
        "title": "投诉", "title_en": "Complaint", "reply_minutes": 60, "resolve_minutes": 1440
    },
    ("put", "/api/v1/escalations/{kind}"): {
        "steps": [{"trigger": "reply", "after_minutes": 30, "people": [_AGENT]}]
    },
    ("post", "/api/v1/case-notices/seen"): {"ids": [_OTHER]},
    ("post", "/api/v1/messages/{message_id}/done"): {"note": "已回电"},
    ("post", "/api/v1/phone/line"): {"caller_number": "13800000001"},
    ("put", "/api/v1/flows/files"): {"files": {"busy.yaml": "flow: busy\n…"}, "note": "节日问候"},
    ("post", "/api/v1/flows/validate"): {"files": {"busy.yaml": "flow: busy\n…", "old.yaml": None}},
    ("post", "/api/v1/flows/simulate"): {"flow": "main", "keys": "1 w5 2", "at": "2026-11-23T21:30"},
    ("post", "/api/v1/flows/reload"): {"note": "国庆安排"},
    ("post", "/api/v1/calls"): {"number": "13800000001", "hotline": "4008001", "purpose": "return_visit"},
    ("post", "/api/v1/visits/{visit_id}/call"): {"hotline": "4008001"},
    ("post", "/api/v1/visits/{visit_id}/close"): {"result": "declined", "note": "不需要回访", "no_calls": True},
    ("post", "/api/v1/callbacks"): {
        "number": "13800000001", "hotline": "4008001", "queue": "general", "earliest": "2026-11-23T06:00:00Z"
    },
    ("post", "/api/v1/desk/calls/{call_id}/direct"): {"queue": "consult", "priority": 9},
    ("post", "/api/v1/desk/agents/{agent_id}/state"): {"state": "break", "reason": "training"},
    ("post", "/api/v1/supervision"): {"agent_id": _AGENT, "mode": "listen"},
    ("put", "/api/v1/supervision/{session_id}/mode"): {"mode": "whisper"},
    ("put", "/api/v1/roster/shifts/{code}"): {"title": "早班", "title_en": "Early", "begins": "08:00", "ends": "20:00"},
    ("put", "/api/v1/roster/minimums"): {"minimums": [{"begins": "08:00", "ends": "20:00", "need": 8}]},
    ("post", "/api/v1/roster/assignments"): {
        "assignments": [{"account_id": _AGENT, "day": "2026-11-23", "shift": "early"}]
    },
    ("patch", "/api/v1/roster/assignments/{assignment_id}"): {"day": "2026-11-24"},
    ("post", "/api/v1/roster/absences"): {"kind": "leave", "first_day": "2026-11-23", "last_day": "2026-11-24"},
    ("post", "/api/v1/roster/absences/{absence_id}/decision"): {"approve": True},
    ("post", "/api/v1/roster/swaps"): {"assignment_id": _AGENT, "to_account_id": _OTHER},
    ("post", "/api/v1/roster/swaps/{swap_id}/decision"): {"approve": True},
    ("post", "/api/v1/roster/swaps/{swap_id}/answer"): {"agree": True},
    ("post", "/api/v1/roster/plans"): {"first_day": "2026-12-01", "last_day": "2026-12-31", "forecast": True},
    ("post", "/api/v1/trunks/{name}/out"): {"note": "运营商割接"},
    ("put", "/api/v1/reports/shrinkage"): {"in_office": 0.18, "out_of_office": None},
    ("post", "/api/v1/reports/monthly"): {"month": "2026-11"},
    ("post", "/api/v1/incidents/{incident_id}/resolve"): {"note": "已更换网线"},
}  # fmt: skip
