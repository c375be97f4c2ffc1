/** Twelve keys, for a mouse and for the keyboard. */
import { Button } from "antd";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] as const;
const NAMES: Record<string, string> = { "*": "star", "#": "hash" };

export function Keypad({ press, disabled = false }: { press: (digit: string) => void; disabled?: boolean }) {
  return (
    <div
      className="keypad"
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
