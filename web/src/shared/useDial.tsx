/** Calling somebody from a page: says how it begins, and asks once more before one is called who wants no calls. */
import { Modal } from "antd";
import type { MessageInstance } from "antd/es/message/interface";
import { type ReactNode, useCallback } from "react";
import { dial, type DialWish, refusalWords } from "./dial";
import { ApiError } from "./http";
import type { Language } from "./session";

const TEXT = {
  "zh-CN": { begun: "正在接通您的话机", title: "这位客户不希望接到电话，仍要拨打？", why: "仍要拨打会记入操作记录。", go: "仍要拨打", stay: "不打" },
  en: { begun: "Connecting your phone", title: "This customer wants no calls. Call all the same?", why: "If you do, it is kept in the audit.", go: "Call all the same", stay: "Do not call" },
} satisfies Record<Language, Record<string, string>>;

/** `toast` is the page's. `call` tells whether a call has begun; `asking` stands somewhere on the page. */
export function useDial(language: Language, toast: MessageInstance): { call: (wish: DialWish) => Promise<boolean>; asking: ReactNode } {
  const [modal, modals] = Modal.useModal();
  const call = useCallback(async (wish: DialWish) => {
    const text = TEXT[language];
    try {
      try {
        await dial(wish);
      } catch (error) {
        if (!(error instanceof ApiError && error.details["reason"] === "no_calls")) throw error;
        const sure = await modal.confirm({
          title: text.title, content: text.why, okText: text.go, cancelText: text.stay, okButtonProps: { danger: true }, autoFocusButton: "cancel", centered: true,
        });
        if (!sure) return false;
        await dial({ ...wish, despite_no_calls: true });
      }
    } catch (error) {
      void toast.warning(refusalWords(error, language));
      return false;
    }
    void toast.success(text.begun);
    return true;
  }, [language, modal, toast]);
  return { call, asking: modals };
}
