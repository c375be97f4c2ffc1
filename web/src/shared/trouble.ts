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

export function troubleWords(error: unknown, language: Language): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  if (language === "en") return EN[error.code] ?? error.message;
  const words = ZH[error.code];
  if (!words) return error.message;
  return TELLING.has(error.code) && error.message ? `${words}（${error.message}）` : words;
}
