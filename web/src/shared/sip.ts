/** The telephone in the browser: JsSIP over the seat that the service gave for this login. */
import JsSIP from "jssip";
import type { Fault } from "./heard";
import { Listening } from "./listening";

export interface Seat {
  seat: string;
  password: string;
  uri: string;
  socket_url: string;
  realm: string;
  expires_s: number;
  ice_servers: RTCIceServer[];
}

export interface PhoneState {
  /** away: not registered (yet, or any more). */
  line: "away" | "registered" | "refused";
  call: "none" | "ringing" | "dialling" | "talking";
  muted: boolean;
  /** What is wrong with the sound, of a call that is talked in. */
  fault: Fault;
  /** Why the last call or registration came to nothing, as SIP says it. */
  trouble: string;
}

export const NO_PHONE: PhoneState = { line: "away", call: "none", muted: false, fault: "", trouble: "" };

type Session = ReturnType<InstanceType<typeof JsSIP.UA>["call"]>;

const ANNOUNCED = "X-Callcenter-Answer";
/** What a call is about whose page may pick up by itself, as the service says it; undefined: nothing is said. */
export type Announced = string | undefined;
/** What a page does with a call that comes in. */
export type Manner = "ring" | "answer" | "refuse";
/** An agent's page: the call that it had when it was lost is taken at once, its agent is in conversation already. */
const AS_AN_AGENT = (announced: Announced): Manner => (announced === "yes" ? "answer" : "ring");

/** Without a further way to the switch for so long, those known are told. Gathering usually is over in a tenth of it; a STUN
 * server that does not answer holds it up for ten seconds. */
const GATHERED_AFTER_MS = 1000;

const PROCESSING = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export class SipPhone {
  private readonly agent: InstanceType<typeof JsSIP.UA>;
  private session: Session | undefined;
  private state: PhoneState = NO_PHONE;
  private listening: Listening | undefined;
  private expecting = false;

  constructor(
    private readonly seat: Seat,
    private readonly sound: HTMLAudioElement,
    private readonly changed: (state: PhoneState) => void,
    private readonly processing: MediaTrackConstraints | true = PROCESSING,
    manner: (announced: Announced) => Manner = AS_AN_AGENT,
  ) {
    this.agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(seat.socket_url)],
      uri: seat.uri,
      password: seat.password,
      realm: seat.realm,
      register_expires: seat.expires_s,
      session_timers: false,
      user_agent: "callcenter",
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 5,
    });
    this.agent.on("registered", () => this.tell({ line: "registered", trouble: "" }));
    this.agent.on("unregistered", () => this.tell({ line: "away" }));
    this.agent.on("disconnected", () => this.tell({ line: "away" }));
    this.agent.on("registrationFailed", (failed: { cause?: string }) => {
      this.tell({ line: failed.cause === "Connection Error" ? "away" : "refused", trouble: failed.cause ?? "" });
    });
    this.agent.on("newRTCSession", ({ session, originator, request }: { session: Session; originator: string; request: { getHeader(name: string): string | undefined } }) => {
      if (this.session !== undefined) {
        // One call at a time: the service never offers two, so this is somebody who dials the seat by hand.
        if (originator === "remote") session.terminate({ status_code: 486 });
        return;
      }
      const how = originator === "remote" ? manner(request.getHeader(ANNOUNCED)) : "ring";
      if (how === "refuse") {
        session.terminate({ status_code: 403 });
        return;
      }
      this.follow(session, originator === "remote" ? "ringing" : "dialling");
      if (how === "answer") this.answer();
    });
    this.agent.start();
  }

  dial(number: string): void {
    const host = this.seat.uri.slice(this.seat.uri.indexOf("@") + 1);
    this.agent.call(`sip:${number}@${host}`, this.how());
  }

  answer(): void {
    this.session?.answer(this.how());
  }

  hangUp(): void {
    this.session?.terminate();
  }

  mute(muted: boolean): void {
    if (muted) this.session?.mute({ audio: true });
    else this.session?.unmute({ audio: true });
    this.listening?.muted(muted);
    this.tell({ muted });
  }

  /** Whether somebody should be heard now: not while the call is on hold, or its agent alone in it. */
  expect(sound: boolean): void {
    this.expecting = sound;
    this.listening?.expect(sound);
  }

  /** Send a key. One that is pressed before the sound's way is open waits for it: else it would be lost. */
  key(digit: string): void {
    const session = this.session;
    const connection = session?.connection;
    if (!session || !connection) return;
    const send = () => {
      session.sendDTMF(digit, { duration: 120, interToneGap: 80, transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833 });
    };
    if (connection.connectionState === "connected") {
      send();
      return;
    }
    const opened = () => {
      if (connection.connectionState !== "connected") return;
      connection.removeEventListener("connectionstatechange", opened);
      send();
    };
    connection.addEventListener("connectionstatechange", opened);
  }

  stop(): void {
    this.listening?.stop();
    this.agent.stop();
  }

  private how() {
    return {
      mediaConstraints: { audio: this.processing, video: false },
      pcConfig: { iceServers: this.seat.ice_servers },
    };
  }

  private tell(change: Partial<PhoneState>): void {
    this.state = { ...this.state, ...change };
    this.changed(this.state);
  }

  private follow(session: Session, call: "ringing" | "dialling"): void {
    this.session = session;
    const over = (ended: { cause?: string; originator?: string }) => {
      if (this.session !== session) return;
      this.session = undefined;
      this.listening?.stop();
      this.listening = undefined;
      this.sound.srcObject = null;
      const ordinary = ended.cause === "Terminated" || ended.cause === "Canceled";
      this.tell({ call: "none", muted: false, fault: "", trouble: ordinary ? "" : (ended.cause ?? "") });
    };
    const talking = () => {
      if (this.session !== session) return;
      this.listening ??= new Listening(session.connection, this.expecting, (fault) => this.tell({ fault }), () => {
        // Other addresses and keys are agreed on; the call itself goes on.
        session.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
      });
      this.tell({ call: "talking" });
    };
    session.on("confirmed", talking);
    session.on("accepted", talking);
    session.on("ended", over);
    session.on("failed", over);
    // All the ways are told, not the first: Asterisk takes none that come later, but the browser tries them, and when its choice
    // falls on one that was not told, Asterisk drops the key exchange that arrives by it. Such a call stays silent.
    let quiet: number | undefined;
    session.on("icecandidate", ({ ready }: { ready: () => void }) => {
      window.clearTimeout(quiet);
      quiet = window.setTimeout(ready, GATHERED_AFTER_MS);
    });
    const listen = (connection: RTCPeerConnection) => {
      connection.addEventListener("track", (event) => {
        this.sound.srcObject = event.streams[0] ?? new MediaStream([event.track]);
        void this.sound.play().catch(() => undefined);
      });
    };
    if (session.connection) listen(session.connection);
    else session.on("peerconnection", ({ peerconnection }: { peerconnection: RTCPeerConnection }) => listen(peerconnection));
    this.tell({ call, trouble: "" });
  }
}
