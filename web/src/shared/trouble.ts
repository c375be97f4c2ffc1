/** What went wrong between the page and the service, in the reader's language, with what to do next. */
import { ApiError } from "./http";
import type { Language } from "./session";

const ZH: Record<string, string> = {
  unreachable: "服务没有响应，请稍后再试", unavailable: "服务的一部分暂时不可用，请稍后再试", switch_refused: "电话系统没有接受这个操作，请稍后再试",
  not_authenticated: "登录已失效，请重新登录", not_permitted: "您的角色不能这样做", not_found: "没有找到，可能已被删除或地址有误",
  bad_request: "填写的内容不符合要求", conflict: "与当前状态不符，请刷新后再试", too_many_requests: "操作太频繁，请稍后再试", internal_error: "服务内部出错，请联系运维",
};
const EN: Record<string, string> = { unreachable: "The service does not answer; try again in a moment", not_found: "Not found: it is gone, or the address is wrong" };
/** What the service says of these tells more than the kind does. */
const TELLING = new Set(["bad_request", "conflict"]);
/** How sentences of the service begin that people meet in their work, and what they say. */
const SAID: Record<string, string> = {
  "this case was changed meanwhile": "工单刚被别人改过，请看一眼再保存",
  "this outcome was changed meanwhile": "这条处理结果刚被改过，请看一眼再保存",
  "a colleague has seen to this message already": "同事已经处理了这条留言",
  "this call-back is over": "回电已结束",
  "this visit is over": "这次回访已结束",
  "this incident is closed already": "这个故障已经关闭",
  "this call is still being recorded": "通话还在录音，结束后片刻即可收听",
  "nothing was said in this call": "这通电话里没有声音",
  "recording lost": "录音丢失，请联系运维",
  "somebody named here works on no cases": "所选的人里有不处理工单的，看不到提醒",
  "this account works on no cases": "此人不处理工单",
  "a login has 2 to 32": "账号须为 2–32 位小写字母、数字、点、横线或下划线，以字母或数字开头",
  "an extension has 3 to 5 digits": "分机须为 3–5 位数字，不以 0 开头",
  "the login ": "账号或分机已被占用",
  "all extensions are taken": "分机号已用完，请先停用旧账号",
  "this is the last active administrator": "这是最后一位在用的管理员，请先设另一位",
  "a password has ": "密码太短或太长",
  "this password is too simple": "密码太简单：至少要有 4 个不同字符",
  "this account has no extension": "此账号没有分机，不能接打电话；请先在“人员”里设置",
  "another plan is being made": "另一份排班正在计算，请等它完成",
  "a plan begins today or later": "排班只能从今天起",
  "the plan failed": "排班没有算成，请重试",
  "this month is not over yet": "这个月还没有结束",
};

export function troubleWords(error: unknown, language: Language): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  if (language === "en") return EN[error.code] ?? error.message;
  const words = ZH[error.code];
  if (!words) return error.message;
  const said = Object.keys(SAID).find((begin) => error.message.startsWith(begin));
  if (said !== undefined) return SAID[said]!;
  return TELLING.has(error.code) && error.message ? `${words}（${error.message}）` : words;
}
