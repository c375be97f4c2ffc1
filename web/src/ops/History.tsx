/** Versions: who made what live and why, what going back would change, and going back. */
import { Alert, App, Button, Drawer, Empty, Popconfirm, Segmented, Space, Table, Tag } from "antd";
import { useState } from "react";
import { site } from "../shared/time";
import { api } from "./api";
import type { Version } from "./model";
import { useText, useTold } from "./text";
import { useAsked } from "./useAsked";

interface Props {
  live: string;
  mayEdit: boolean;
  onChanged: () => void;
}

export function History({ live, mayEdit, onChanged }: Props) {
  const text = useText();
  const told = useTold();
  const { message } = App.useApp();
  const { value: versions, error, again } = useAsked(api.versions, live);
  const [shown, setShown] = useState<Version>();

  const rollBack = async (number: number) => {
    try {
      const done = await api.rollback(number);
      void message.success(done.changed ? text.saved(done.version.number) : text.unchanged);
      onChanged();
      again();
    } catch (failed) {
      void message.error(told.trouble(failed), 8);
    }
  };

  if (error !== undefined) return <Failed error={error} again={again} />;
  return (
    <div className="ops-page">
      <Table
        size="small"
        rowKey="number"
        loading={!versions}
        dataSource={versions ?? []}
        pagination={false}
        locale={{ emptyText: versions ? <Empty description={text.noVersions} image={Empty.PRESENTED_IMAGE_SIMPLE} /> : " " }}
        columns={[
          {
            title: text.number, width: 200,
            render: (_, one) => <span className="ops-number">{one.number} <small className="ops-quiet">{one.version}</small>{one.active && <Tag color="green" style={{ marginInlineStart: 8 }}>{text.isLive}</Tag>}</span>,
          },
          { title: text.when, width: 190, render: (_, one) => <span className="ops-number">{site(one.created_at).format("YYYY-MM-DD HH:mm:ss")}</span> },
          { title: text.author, width: 140, render: (_, one) => (one.author === "start" ? text.byStart : one.author === "file change" ? text.byFile : one.author) },
          { title: text.note, render: (_, one) => one.note.replace(/^back to version (\d+)$/, (_, n: string) => text.backTo(n)) },
          {
            width: 280,
            render: (_, one) => (
              <Space>
                <Button size="small" onClick={() => setShown(one)} data-testid={`show-${one.number}`}>{text.show}</Button>
                {mayEdit && (
                  <Popconfirm title={text.rollBackAsk(one.number)} okText={text.confirm} cancelText={text.cancel} onConfirm={() => rollBack(one.number)} disabled={one.active}>
                    <Button size="small" disabled={one.active} data-testid={`roll-back-${one.number}`}>{text.rollBack}</Button>
                  </Popconfirm>
                )}
              </Space>
            ),
          },
        ]}
      />
      <Drawer open={!!shown} onClose={() => setShown(undefined)} width={760} title={`${text.version} ${shown?.number ?? ""}`}>
        {shown && <Difference key={shown.number} number={shown.number} active={shown.active} />}
      </Drawer>
    </div>
  );
}

function Difference({ number, active }: { number: number; active: boolean }) {
  const text = useText();
  const [back, setBack] = useState(false);
  const { value, error, again } = useAsked(() => api.version(number), number);
  if (error !== undefined) return <Failed error={error} again={again} />;
  if (!value) return null;
  const diff = back ? value.diff_from_live : value.diff;
  const none = !back && number === 1 ? text.firstVersion : text.noDiff;
  return (
    <>
      {!active && (
        <Segmented
          value={back ? "back" : "own"}
          onChange={(chosen) => setBack(chosen === "back")}
          options={[{ value: "own", label: text.whatItChanged }, { value: "back", label: text.diffFromLive }]}
          style={{ marginBottom: 12 }}
        />
      )}
      {diff ? <Diff text={diff} /> : <Empty description={none} image={Empty.PRESENTED_IMAGE_SIMPLE} />}
    </>
  );
}

export function Diff({ text }: { text: string }) {
  return (
    <pre className="ops-diff">
      {text.split("\n").map((line, index) => {
        const kind = /^(---|\+\+\+|@@)/.test(line) ? "head" : line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : "";
        return <div key={index} className={kind}>{line || " "}</div>;
      })}
    </pre>
  );
}

export function Failed({ error, again }: { error: unknown; again: () => void }) {
  const text = useText();
  return (
    <div className="ops-page">
      <Alert type="error" showIcon message={text.loadFailed} description={useTold().trouble(error)} action={<Button onClick={again}>{text.retry}</Button>} />
    </div>
  );
}
