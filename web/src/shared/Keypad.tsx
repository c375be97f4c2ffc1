/** Twelve keys, for a mouse and for the keyboard. */
import { Button } from "antd";
import { useEffect, useRef } from "react";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] as const;
const NAMES: Record<string, string> = { "*": "star", "#": "hash" };

export function Keypad({ press, disabled = false, focused = false }: {
  press: (digit: string) => void;
  disabled?: boolean;
  /** Takes the keyboard as soon as it is there. */
  focused?: boolean;
}) {
  const pad = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (focused) pad.current?.focus();
  }, [focused]);
  return (
    <div
      className="keypad" ref={pad} tabIndex={-1}
      onKeyDown={(event) => {
        if (!disabled && (KEYS as readonly string[]).includes(event.key)) press(event.key);
      }}
    >
      {KEYS.map((digit) => (
        <Button key={digit} disabled={disabled} onClick={() => press(digit)} data-testid={`key-${NAMES[digit] ?? digit}`}>{digit}</Button>
      ))}
    </div>
  );
}
