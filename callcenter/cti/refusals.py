"""Why something asked for on an agent's page was not done, in words."""

from __future__ import annotations

_MESSAGES = {
    "bad_frame": ("this message cannot be understood", "无法识别的消息"),
    "not_in_this_phase": ("the call is not in a state for that", "当前通话状态不能执行此操作"),
    "not_your_call": ("this is not your call", "这不是您的通话"),
    "no_such_call": ("this call is over", "通话已结束"),
    "unknown_queue": ("there is no such queue", "没有这个队列"),
    "not_answered_yet": ("your colleague has not answered yet", "同事尚未接听"),
    "unknown_agent": ("there is no such colleague at work", "没有这位在线同事"),
    "nobody_free": ("nobody of that queue is free; your caller is still with you", "该队列没有空闲坐席,客户仍在您这里"),
    "consulted_left": ("your colleague has hung up; the caller is on hold", "同事已挂断,客户保持中"),
    "consult_no_answer": ("your colleague did not answer; the caller is on hold", "同事没有接听,客户保持中"),
    "consult_declined": ("your colleague cannot take it; the caller is on hold", "同事暂时不能接听,客户保持中"),
    "consult_unreachable": (
        "your colleague's telephone is not reached; the caller is on hold",
        "同事话机无法接通,客户保持中",
    ),
    "consult_busy": ("your colleague's telephone is busy; the caller is on hold", "同事话机占线,客户保持中"),
    "consult_withdrawn": ("your colleague has gone; the caller is on hold", "同事已离开,客户保持中"),
    "consult_caller_gone": ("the consultation is over", "咨询已结束"),
    "consult_offline": ("your colleague is offline", "同事已离线"),
    "consult_reserved": ("your colleague is about to get a call", "同事即将接听来电"),
    "consult_ringing": ("your colleague's telephone is ringing", "同事话机正在振铃"),
    "consult_talking": ("your colleague is in a call", "同事正在通话"),
    "consult_hold": ("your colleague is in a call", "同事正在通话"),
    "consult_consulting": ("your colleague is in a consultation", "同事正在咨询中"),
    "consult_wrap_up": ("your colleague is in wrap-up", "同事正在话后处理"),
    "consult_break": ("your colleague is on a break", "同事小休中"),
    "consult_not_responding": ("your colleague does not respond", "同事暂未应答"),
    "consult_phone_not_registered": ("your colleague's telephone is not registered", "同事话机未注册"),
    "consult_page_away": ("your colleague's page is closed", "同事的工作页面已关闭"),
    "consult_drill_apart": ("drills are kept apart from real calls", "演练与真实来电分开"),
    "switch_lost": (
        "the switch was restarted and your call was cut; the customer is called back first",
        "交换机重启，通话已中断；系统会优先回拨该客户",
    ),
    "phone_not_registered": ("your telephone is not registered yet", "话机尚未注册,请稍候"),
    "page_away": ("your page is not connected", "页面未连接"),
    "not_logged_in": ("log in first", "请先登录"),
    "unknown_reason": ("there is no such break reason; load the page again", "没有这个小休原因,请刷新页面"),
    "not_while_offline": ("log in first", "您已离线,请先登录"),
    "not_while_ready": ("only during wrap-up", "只有话后处理中才能这样做"),
    "not_while_wrap_up": ("not during wrap-up", "话后处理中不能这样做"),
    "not_while_break": ("not during a break", "小休中不能这样做"),
    "not_while_not_responding": ("press Ready first", "请先点“就绪”恢复"),
}


def error_frame(request_id: object, code: str) -> dict[str, object]:
    text, chinese = _MESSAGES.get(code, (code.replace("_", " "), "当前状态不能执行此操作"))
    return {"type": "error", "request_id": request_id, "code": code, "message": text, "message_zh": chinese}
