/** The slash key goes to a page's search field. */
import type { InputRef } from "antd";
import { useEffect, useRef, type RefObject } from "react";

export function useSlash(): RefObject<InputRef> {
  const search = useRef<InputRef>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      search.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return search;
}
