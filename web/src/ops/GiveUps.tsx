/** Where callers hang up in the flows. */
import { Empty, Segmented, Space, Table } from "antd";
import { useState } from "react";
import { api } from "./api";
import { Failed } from "./History";
import { useOwn, useText } from "./text";
import { useAsked } from "./useAsked";

export function GiveUps() {
  const text = useText();
  const own = useOwn();
  const [days, setDays] = useState(7);
  const { value: steps, error, again } = useAsked(() => api.giveUps(days), days);
  if (error !== undefined) return <Failed error={error} again={again} />;
  return (
    <div className="ops-page">
      <Space style={{ marginBottom: 12 }}>
        <Segmented value={days} onChange={setDays} options={[1, 7, 30].map((n) => ({ value: n, label: text.days(n) }))} />
        <span className="ops-quiet">{text.giveUpsHint}</span>
      </Space>
      <Table
        size="small"
        rowKey={(one) => `${one.flow}/${one.step}`}
        loading={!steps}
        dataSource={(steps ?? []).filter((one) => one.hung_up > 0)}
        pagination={false}
        locale={{ emptyText: steps ? <Empty description={text.giveUpsEmpty} image={Empty.PRESENTED_IMAGE_SIMPLE} /> : " " }}
        columns={[
          { title: text.step, render: (_, one) => <span>{own(one.label, one.label_en)} <small className="ops-quiet">{one.flow}/{one.step}</small></span> },
          { title: text.entered, dataIndex: "entered", align: "right", width: 140 },
          { title: text.gaveUp, dataIndex: "hung_up", align: "right", width: 200, className: "ops-number" },
          { title: text.share, align: "right", width: 120, render: (_, one) => `${(100 * one.share).toFixed(1)} %` },
          { title: text.median, align: "right", width: 260, render: (_, one) => (one.median_s === null ? "–" : `${one.median_s.toFixed(1)} ${text.seconds}`) },
        ]}
      />
    </div>
  );
}
