"""Flows in which callers speak: a voicemail, and a survey with a comment."""

from __future__ import annotations

from pathlib import Path

HOTLINES = """
"4008001": {name: leave, title: 留言, flow: leave}
"4008002": {name: rated, title: 评价, flow: rated}
"""
QUEUES = """
general: {title: 人工, wrap_up: 1s}
"""
LEAVE = """
flow: leave
title: 留言
start: message
steps:
  message:
    voicemail: 请留言。
    max: 20s
    next: bye
  bye:
    hangup: 再见。
"""
RATED = """
flow: rated
title: 评价
start: operator
steps:
  operator:
    queue: general
    next: rate
  rate:
    survey: 请打分。
    question: service
    comment: 请说。
    comment_max: 20s
    thanks: 谢谢。
"""


def write_flows(folder: Path) -> Path:
    folder.mkdir()
    for name, text in {"hotlines": HOTLINES, "queues": QUEUES, "leave": LEAVE, "rated": RATED}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
