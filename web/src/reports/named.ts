/** The arrow of a split button, with a name for those who do not see it. */
import { cloneElement, isValidElement, type ReactNode } from "react";

export const named = (name: string) => ([left, right]: ReactNode[]): ReactNode[] =>
  [left, isValidElement<{ "aria-label"?: string }>(right) ? cloneElement(right, { "aria-label": name }) : right];
