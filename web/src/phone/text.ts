/** The words of the browser telephone. */
import type { Language } from "../shared/session";

const zh = {
  title: "试拨电话", callFrom: "我的号码（主叫）", hotline: "拨打热线", dial: "拨打", hangUp: "挂断",
  states: { none: "未通话", connecting: "正在接入…", ringing: "振铃", dialling: "呼叫中…", talking: "通话中" },
  badNumber: "主叫号码应为 3 到 20 位数字",
  hint: "在另一个标签页用坐席账号登录并点“就绪”，这里拨通后按菜单提示按键，就能走完一通完整的来电。",
  causes: {
    "User Denied Media Access": "无法使用麦克风：请在地址栏允许使用麦克风", "Connection Error": "话机无法连接，请稍后再试",
    Busy: "线路忙", Unavailable: "暂时无法接通", "Not Found": "没有这个号码", Rejected: "呼叫被拒绝",
  } as Record<string, string>,
};
type Text = typeof zh;
const en: Text = {
  title: "Test telephone", callFrom: "My number (caller)", hotline: "Hotline", dial: "Dial", hangUp: "Hang up",
  states: { none: "No call", connecting: "Connecting…", ringing: "Ringing", dialling: "Dialling…", talking: "Talking" },
  badNumber: "The caller's number has 3 to 20 digits",
  hint: "Sign in as an agent in another tab and press Ready; dial here, press the menu's keys, and you have walked a whole call.",
  causes: {
    "User Denied Media Access": "No microphone: allow it in the address bar", "Connection Error": "The telephone cannot connect; try again in a moment",
    Busy: "All lines are busy", Unavailable: "Cannot be reached now", "Not Found": "There is no such number", Rejected: "The call was refused",
  },
};
export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
