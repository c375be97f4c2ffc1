/** Versions: who made what live and why, what going back would change, and going back. */
import { Alert, App, Button, Drawer, Empty, Popconfirm, Space, Table, Tag } from "antd";
import { useState } from "react";
import { api, ApiError } from "./api";
import type { Version } from "./model";
import { useText } from "./text";
import { useAsked } from "./useAsked";

interface Props {
  live: string;
  mayEdit: boolean;
  onChanged: () => void;
}

export function History({ live, mayEdit, onChanged }: Props) {
  const text = useText();
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
      void message.error(failed instanceof ApiError ? failed.message : String(failed), 8);
    }
  };

  if (error) return <Failed error={error} again={again} />;
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
          { title: text.when, width: 190, render: (_, one) => <span className="ops-number">{new Date(one.created_at).toLocaleString()}</span> },
          { title: text.author, dataIndex: "author", width: 140 },
          { title: text.note, dataIndex: "note" },
          {
            width: 280,
            render: (_, one) => (
              <Space>
                <Button size="small" onClick={() => setShown(one)} disabled={one.active}>{text.show}</Button>
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
      <Drawer open={!!shown} onClose={() => setShown(undefined)} width={760} title={`${text.version} ${shown?.number ?? ""} · ${text.diffFromLive}`}>
        {shown && <Difference number={shown.number} />}
      </Drawer>
    </div>
  );
}

function Difference({ number }: { number: number }) {
  const text = useText();
  const { value, error, again } = useAsked(() => api.version(number), number);
  if (error) return <Failed error={error} again={again} />;
  if (!value) return null;
  return value.diff_from_live ? <Diff text={value.diff_from_live} /> : <Empty description={text.noDiff} image={Empty.PRESENTED_IMAGE_SIMPLE} />;
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

export function Failed({ error, again }: { error: string; again: () => void }) {
  const text = useText();
  return (
    <div className="ops-page">
      <Alert type="error" showIcon message={text.loadFailed} description={error} action={<Button onClick={again}>{text.retry}</Button>} />
    </div>
  );
}
