"""What the system itself says to callers, in each language. Flows may replace most of it in their own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callcenter.ivr.messages import Prompt

LANGUAGES: Final = ("zh-CN", "en")

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh-CN": {
        "invalid": "对不起，您的输入有误。",
        "silent": "对不起，没有听到您的选择。",
        "too_short": "对不起，您输入的位数不对。",
        "confirm": "您输入的是 {digits|digits}。确认请按一，重新输入请按二。",
        "confirm_keys": "确认请按一，重新输入请按二。",
        "goodbye": "感谢您的来电，再见。",
        "failed": "对不起，系统暂时无法为您办理，请稍后再拨。再见。",
        "queue_full": "对不起，现在等候的客户较多，暂时无法为您接通，请稍后再拨。再见。",
        "callback_check": "我们将回拨 {number|digits}。号码正确请按一，更换号码请按二。",
        "callback_number": "请输入您的回拨号码，以井号键结束。",
        "callback_invalid": "对不起，这个号码无法回拨。",
        "callback_saved": "已为您保留排队位置，轮到您时我们会给您回电。感谢您的来电，再见。",
        "callback_later": "已为您登记，我们会在服务时间内给您回电。感谢您的来电，再见。",
        "thanks": "感谢您的评价，再见。",
        "lines_busy": "对不起，现在线路全忙，请您稍后再拨。",
        "unknown_number": "对不起，您拨打的号码没有开通。",
        "no_one_there": "对不起，系统正在维护，暂时无法为您接通。请在提示音后留言。",
    },
    "en": {
        "invalid": "Sorry, that is not one of the choices.",
        "silent": "Sorry, we did not hear a choice.",
        "too_short": "Sorry, that is not the right number of digits.",
        "confirm": "You entered {digits|digits}. To confirm press 1. To enter it again press 2.",
        "confirm_keys": "To confirm press 1. To enter it again press 2.",
        "goodbye": "Thank you for calling. Goodbye.",
        "failed": "Sorry, we cannot help you at the moment. Please call again later. Goodbye.",
        "queue_full": "Sorry, too many callers are waiting just now. Please call again later. Goodbye.",
        "callback_check": "We will call you back on {number|digits}. If right press 1. For another number press 2.",
        "callback_number": "Please enter the number to call you back on, then press hash.",
        "callback_invalid": "Sorry, we cannot call that number.",
        "callback_saved": "We are keeping your place and will call you when it is your turn. Thank you. Goodbye.",
        "callback_later": "We have noted your number and will call you in our opening hours. Thank you. Goodbye.",
        "thanks": "Thank you for your rating. Goodbye.",
        "lines_busy": "All our lines are busy. Please call again in a few minutes.",
        "unknown_number": "The number you have dialled is not in service.",
        "no_one_there": "Sorry, we cannot connect you at the moment. Please leave a message after the tone.",
    },
}


def text_of(name: str, language: str) -> str:
    """The text in ``language``; a language that we do not speak hears English."""
    return TEXTS.get(language, TEXTS["en"])[name]


def system_prompt(name: str, language: str) -> Prompt:
    """One of the system's own prompts, ready to be spoken (those without variables)."""
    language = language if language in TEXTS else "en"
    return Prompt(text=TEXTS[language][name], language=language)


def system_prompts(language: str) -> tuple[Prompt, ...]:
    """All system prompts that are known beforehand in ``language``; prepared when the service starts."""
    language = language if language in TEXTS else "en"
    return tuple(Prompt(text=text, language=language) for text in TEXTS[language].values() if "{" not in text)
