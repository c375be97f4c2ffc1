"""What a waiting caller is told of their place. Pure."""

from __future__ import annotations

from callcenter.ivr.messages import Prompt


def position_prompts(position: int, estimated_wait_s: float | None, language: str) -> tuple[Prompt, ...]:
    """The announcement for a place in line.

    ``position`` 1 is next. ``estimated_wait_s`` None: not trustworthy, so not said; else it is said in whole
    minutes, rounded up, because a promise kept early annoys nobody.
    """
    minutes = None if estimated_wait_s is None else max(1, -int(-estimated_wait_s // 60))
    ahead = position - 1
    if language == "en":
        text = (
            "You are next in line."
            if ahead == 0
            else f"There {'is' if ahead == 1 else 'are'} {ahead} {'caller' if ahead == 1 else 'callers'} ahead of you."
        )
        if minutes is not None:
            text += f" The estimated wait is {minutes} {'minute' if minutes == 1 else 'minutes'}."
        return (Prompt(text=text, language="en"),)
    text = "您是下一位，请稍候。" if ahead == 0 else f"您前面还有{ahead}位客户在等候。"
    if minutes is not None:
        text += f"预计等待{minutes}分钟。"
    return (Prompt(text=text, language="zh-CN"),)
