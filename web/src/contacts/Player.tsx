/** A recording to hear: both voices drawn apart (a message has one), fetched by byte range, spacebar to play. */
import { Alert, Button, Segmented, Space } from "antd";
import { useEffect, useRef, useState } from "react";
import WaveSurfer from "wavesurfer.js";
import { clock } from "../agent/model";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import type { Waveform } from "./model";
import { TEXT } from "./text";

const SPEEDS = [1, 1.25, 1.5, 2];

interface Audible { id: string; seconds: number | null }

export function Player({ recording, language, of = "recordings", onPlay }: { recording: Audible; language: Language; of?: "recordings" | "messages"; onPlay?: () => void }) {
  const text = TEXT[language];
  const place = useRef<HTMLDivElement>(null);
  const surfer = useRef<WaveSurfer>(undefined);
  const [ready, setReady] = useState(false);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState(1);
  const [trouble, setTrouble] = useState("");
  const played = useRef(onPlay);
  played.current = onPlay;
  const url = `/api/v1/${of}/${recording.id}/audio`;
  useEffect(() => {
    let over = false;
    // The browser asks for parts of the file by itself; the drawing comes from the service, not from the sound.
    const media = new Audio();
    // Fetching a message marks it as heard: nothing is fetched before somebody plays it.
    media.preload = of === "messages" ? "none" : "metadata";
    media.src = url;
    media.dataset["testid"] = "player";
    media.addEventListener("error", () => !over && setTrouble(text.unheard));
    ask<Waveform>("GET", `/${of}/${recording.id}/waveform`).then(
      (shape) => {
        if (over || !place.current) return;
        const common = { height: 48, waveColor: "#93b4f5", progressColor: "#2563eb" };
        const made = WaveSurfer.create({
          container: place.current, media, peaks: shape.right ? [shape.left, shape.right] : [shape.left], duration: shape.seconds, barWidth: 2, barGap: 1, dragToSeek: true,
          splitChannels: shape.right ? [common, { ...common, waveColor: "#c4b5fd", progressColor: "#7c3aed" }] : [common],
        });
        made.on("play", () => {
          setPlaying(true);
          played.current?.();
        });
        made.on("pause", () => setPlaying(false));
        made.on("timeupdate", setAt);
        surfer.current = made;
        setReady(true);
      },
      (error: unknown) => !over && setTrouble(troubleWords(error, language)),
    );
    return () => {
      over = true;
      surfer.current?.destroy();
      media.src = "";
    };
    // biome-ignore lint/correctness/useExhaustiveDependencies: in another language it plays on
  }, [recording.id, of, url]);
  const change = (wanted: number) => {
    setSpeed(wanted);
    surfer.current?.setPlaybackRate(wanted, true);
  };
  return (
    <div className="contact-player" data-testid="recording" data-seconds={recording.seconds ?? 0}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") surfer.current?.skip(-5);
        if (event.key === "ArrowRight") surfer.current?.skip(5);
      }}>
      <div className="contact-wave">
        <div className="contact-voices"><span>{of === "messages" ? text.customer : text.caller}</span>{of === "recordings" && <span>{text.callee}</span>}</div>
        <div ref={place} className="contact-drawing" />
      </div>
      <Space>
        <Button type="primary" disabled={!ready} onClick={() => void surfer.current?.playPause()} data-testid="play">{playing ? text.pause : text.play}</Button>
        <span className="agent-number" data-testid="played">{clock(at)} / {clock(recording.seconds ?? 0)}</span>
        <Segmented size="small" value={speed} onChange={change} options={SPEEDS.map((one) => ({ value: one, label: `${one}×` }))} />
        <a href={url} download>{text.download}</a>
      </Space>
      {trouble && <Alert type="error" showIcon message={trouble} />}
    </div>
  );
}
