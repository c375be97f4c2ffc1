/** Every prompt: listen, speak over it, upload a recording, or go back to synthetic speech. */
import { Alert, App, Button, Empty, Input, Modal, Popconfirm, Segmented, Space, Table, Tag, Upload } from "antd";
import { useEffect, useRef, useState } from "react";
import { api } from "./api";
import { Failed } from "./History";
import type { Prompt } from "./model";
import { useText, useTold } from "./text";
import { useAsked } from "./useAsked";

/** Some systems do not take all of these for sound by themselves. */
const ACCEPTED = "audio/*,.wav,.mp3,.ogg,.opus,.m4a,.aac,.flac,.amr,.webm,.aiff,.gsm";

export function Prompts({ live, mayEdit }: { live: string; mayEdit: boolean }) {
  const text = useText();
  const told = useTold();
  const { message } = App.useApp();
  const { value: prompts, error, again } = useAsked(api.prompts, live);
  const [language, setLanguage] = useState("");
  const [source, setSource] = useState("");
  const [words, setWords] = useState("");
  const [speaking, setSpeaking] = useState<Prompt>();
  const [heard, setHeard] = useState(false);
  const player = useRef<HTMLAudioElement>(null);

  const attempt = async (work: () => Promise<unknown>, said: string) => {
    try {
      await work();
      if (said) void message.success(said);
      again();
    } catch (failed) {
      void message.error(told.trouble(failed), 8);
    }
  };
  const listen = (id: string) =>
    attempt(async () => {
      const url = URL.createObjectURL(await api.audio(id));
      const audio = player.current!;
      URL.revokeObjectURL(audio.src);
      audio.src = url;
      setHeard(true);
      await audio.play();
    }, "");

  if (error !== undefined) return <Failed error={error} again={again} />;
  // The site's own words first: those of the system are seldom looked for.
  const ordered = [...(prompts ?? [])].sort((one, other) => Number(one.said_in[0] === "*") - Number(other.said_in[0] === "*"));
  const shown = ordered.filter(
    (one) => (!language || one.language === language) && (!source || one.source === source) && (!words || [one.text, one.file, ...one.said_in].some((said) => said.toLowerCase().includes(words.toLowerCase()))),
  );
  return (
    <div className="ops-page">
      <Space wrap style={{ marginBottom: 12 }}>
        <Segmented value={language} onChange={setLanguage} options={[{ value: "", label: text.all }, { value: "zh-CN", label: text.zhCN }, { value: "en", label: text.en }]} />
        <Segmented value={source} onChange={setSource} options={[{ value: "", label: text.all }, ...(["spoken", "replaced", "recorded"] as const).map((one) => ({ value: one, label: text[`source_${one}`] }))]} />
        <Input.Search allowClear placeholder={text.search} aria-label={text.search} onChange={(event) => setWords(event.target.value)} style={{ width: 260 }} />
      </Space>
      <audio ref={player} controls style={{ display: heard ? "block" : "none", height: 32, marginBottom: 12, width: 360 }} />
      <Table
        size="small"
        rowKey="id"
        loading={!prompts}
        dataSource={shown}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        locale={{ emptyText: prompts ? <Empty description={text.promptsEmpty} image={Empty.PRESENTED_IMAGE_SIMPLE} /> : " " }}
        columns={[
          { title: text.language, width: 90, render: (_, one) => (one.language === "en" ? text.en : text.zhCN) },
          { title: text.words, render: (_, one) => one.text || one.file },
          { title: text.saidIn, width: 190, render: (_, one) => <Said places={one.said_in} /> },
          { title: text.length, width: 80, align: "right", className: "ops-number", render: (_, one) => (one.seconds === null ? "–" : `${one.seconds.toFixed(1)} ${text.seconds}`) },
          {
            title: text.source, width: 110,
            render: (_, one) => (one.ready ? <Tag color={one.source === "replaced" ? "blue" : "default"}>{text[`source_${one.source}`]}</Tag> : <Tag color="orange">{text.notReady}</Tag>),
          },
          {
            width: 270,
            render: (_, one) => (
              <Space size="small">
                <Button size="small" onClick={() => void listen(one.id)}>{text.listen}</Button>
                {mayEdit && <Button size="small" onClick={() => setSpeaking(one)}>{text.record}</Button>}
                {mayEdit && (
                  <Upload accept={ACCEPTED} showUploadList={false} beforeUpload={(file) => { void attempt(() => api.replace(one.id, file), text.replaced); return false; }}>
                    <Button size="small">{text.upload}</Button>
                  </Upload>
                )}
                {mayEdit && one.source === "replaced" && (
                  <Popconfirm title={text.restoreAsk} okText={text.confirm} cancelText={text.cancel} onConfirm={() => attempt(() => api.restore(one.id), text.restored)}>
                    <Button size="small">{text.restore}</Button>
                  </Popconfirm>
                )}
              </Space>
            ),
          },
        ]}
      />
      {speaking && (
        <Recorder
          prompt={speaking}
          onClose={() => setSpeaking(undefined)}
          onUse={(sound) => { void attempt(() => api.replace(speaking.id, sound), text.replaced); setSpeaking(undefined); }}
        />
      )}
    </div>
  );
}

function Said({ places }: { places: readonly string[] }) {
  const text = useText();
  const first = places[0] === "*" ? text.saidBySystem : places[0];
  return (
    <small className="ops-quiet" title={places.length > 1 ? places.join("\n") : undefined}>
      {first}{places.length > 1 && ` ${text.andMore(places.length)}`}
    </small>
  );
}

function Recorder({ prompt, onClose, onUse }: { prompt: Prompt; onClose: () => void; onUse: (sound: Blob) => void }) {
  const text = useText();
  const [stream, setStream] = useState<MediaStream>();
  const [error, setError] = useState("");
  const [recorder, setRecorder] = useState<MediaRecorder>();
  const [sound, setSound] = useState<Blob>();
  const [url, setUrl] = useState("");
  const [seconds, setSeconds] = useState(0);
  const [level, setLevel] = useState(0);

  useEffect(() => {
    let opened: MediaStream | undefined;
    let closed = false;
    navigator.mediaDevices?.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: true } }).then(
      (made) => {
        opened = made;
        if (closed) made.getTracks().forEach((track) => track.stop());
        else setStream(made);
      },
      () => setError(text.noMicrophone),
    ) ?? setError(text.noMicrophone);
    return () => {
      closed = true;
      opened?.getTracks().forEach((track) => track.stop());
    };
  }, [text]);

  useEffect(() => {
    if (!stream) return;
    const context = new AudioContext();
    const meter = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(meter);
    const samples = new Float32Array(meter.fftSize);
    const timer = window.setInterval(() => {
      meter.getFloatTimeDomainData(samples);
      setLevel(Math.min(1, 3 * Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length)));
    }, 80);
    return () => {
      window.clearInterval(timer);
      void context.close();
    };
  }, [stream]);

  useEffect(() => {
    if (!recorder) return;
    const timer = window.setInterval(() => setSeconds((n) => n + 1), 1000);
    return () => window.clearInterval(timer);
  }, [recorder]);

  useEffect(() => {
    if (!sound) return;
    const made = URL.createObjectURL(sound);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [sound]);

  const start = () => {
    if (!stream) return;
    const parts: Blob[] = [];
    const made = new MediaRecorder(stream);
    made.ondataavailable = (event) => parts.push(event.data);
    made.onstop = () => {
      setSound(new Blob(parts, { type: made.mimeType }));
      setRecorder(undefined);
    };
    made.start();
    setSeconds(0);
    setSound(undefined);
    setRecorder(made);
  };

  return (
    <Modal open onCancel={onClose} maskClosable={false} title={text.record} okText={text.use} cancelText={text.cancel} okButtonProps={{ disabled: !sound }} onOk={() => sound && onUse(sound)} destroyOnHidden>
      <p style={{ fontSize: 18 }}>{prompt.text || prompt.file}</p>
      {error && <Alert type="error" message={error} />}
      <div className="ops-level" aria-hidden><i style={{ width: `${100 * level}%` }} /></div>
      <Space>
        {recorder ? (
          <Button danger onClick={() => recorder.stop()}>{text.stop}</Button>
        ) : (
          <Button type={sound ? "default" : "primary"} disabled={!stream} onClick={start}>{sound ? text.recordAgain : text.record}</Button>
        )}
        {recorder && <span>{text.recording(seconds)}</span>}
      </Space>
      {sound && !recorder && <audio src={url} controls style={{ display: "block", marginTop: 12, width: "100%" }} />}
    </Modal>
  );
}
