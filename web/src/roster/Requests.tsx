/** What waits for a lead's decision: swaps and leave. */
import { Button, Drawer, Empty } from "antd";
import { useSession } from "../shared/session";
import type { Assignment, Board } from "./model";
import { useText, useTitle } from "./text";

interface Props {
  board: Board;
  close: () => void;
  decide: (what: "absences" | "swaps", id: string, approve: boolean) => void;
}

/** Leave that is asked for; wishes need no decision. */
export const openAbsences = (board: Board) => board.absences.filter((one) => one.state === "requested" && !one.kind.startsWith("wish"));

export function Requests({ board, close, decide }: Props) {
  const text = useText();
  const title = useTitle();
  const name = (id: string) => board.people.find((one) => one.agent_id === id)?.name ?? "?";
  const shift = (found: Assignment) => `${found.day.slice(5)} ${title(board.shifts.find((one) => one.code === found.shift), found.shift)}`;
  const { language } = useSession();
  const line = (what: "absences" | "swaps", id: string, said: string, note: string, against: string[] = []) => (
    <li key={id} data-request={id}>
      <span className="grow">
        {said}{note && <div className="roster-quiet">{note}</div>}
        {against.map((why) => <div key={why} className="roster-against" data-testid="against">{why}</div>)}
      </span>
      <Button size="small" onClick={() => decide(what, id, false)}>{text.refuse}</Button>
      <Button size="small" type="primary" disabled={against.length > 0} onClick={() => decide(what, id, true)}>{text.approve}</Button>
    </li>
  );
  const absences = openAbsences(board);
  return (
    <Drawer open title={text.requestsTitle} onClose={close} width={520}>
      {!absences.length && !board.swaps.length && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text.noRequests} />}
      <ul className="roster-list">
        {board.swaps.map((one) => {
          const from = name(one.given.account_id);
          const said = one.in_return
            ? text.swapFor(from, shift(one.given), name(one.to_account_id), shift(one.in_return))
            : text.swapGive(from, shift(one.given), name(one.to_account_id));
          return line("swaps", one.id, said, [one.agreed_at ? text.swapAgreed : text.swapUnanswered, one.note].filter(Boolean).join(" · "),
            one.problems.map((problem) => (language === "zh-CN" ? problem.zh : problem.en)));
        })}
        {absences.map((one) => {
          const days = one.first_day === one.last_day ? one.first_day : `${one.first_day} – ${one.last_day}`;
          return line("absences", one.id, text.leaveOf(name(one.account_id), text.kinds[one.kind], days), one.note);
        })}
      </ul>
    </Drawer>
  );
}
