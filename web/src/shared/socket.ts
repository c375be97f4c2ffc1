/** A WebSocket that comes back by itself, each time a little later, and at once when the network returns. */

export type Line = "connecting" | "live" | "lost";

export interface Handlers<Frame> {
  opened: () => void;
  frame: (frame: Frame) => void;
  line: (line: Line) => void;
  /** The server closed it with this code; true: stay away. */
  closed: (code: number) => boolean;
}

const AGAIN_MS = [250, 500, 1000, 2000, 5000];
const PING_MS = 10_000;
/** Two pings without any word from the server: the socket is half open. */
const DEAF_MS = 25_000;
/** Abnormal closure (RFC 6455, 7.4.1): it ended without a word. */
const DEAF = 1006;

export class LiveSocket<Frame> {
  private socket: WebSocket | undefined;
  private timer: number | undefined;
  private pings: number | undefined;
  private heard = 0;
  private tries = 0;
  private over = false;

  constructor(
    private readonly path: string,
    private readonly handlers: Handlers<Frame>,
    /** Who it is, where no cookie says it: a browser can give a socket no other header. */
    private readonly token = "",
  ) {
    window.addEventListener("online", this.now);
    this.open();
  }

  send(frame: Record<string, unknown>): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Come back after having stayed away. */
  again(): void {
    this.over = false;
    this.open();
  }

  end(): void {
    this.over = true;
    window.removeEventListener("online", this.now);
    this.forget();
    this.socket?.close();
  }

  private readonly now = () => {
    if (!this.over && this.socket === undefined) this.open();
  };

  private forget() {
    window.clearTimeout(this.timer);
    window.clearInterval(this.pings);
  }

  private open() {
    this.forget();
    const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.path}`;
    const socket = this.token ? new WebSocket(address, ["callcenter", `bearer.${this.token}`]) : new WebSocket(address);
    this.socket = socket;
    socket.onopen = () => {
      this.heard = Date.now();
      this.handlers.opened();
      this.pings = window.setInterval(() => {
        if (Date.now() - this.heard <= DEAF_MS) this.send({ type: "ping" });
        else {
          socket.close();
          this.gone(socket, DEAF); // the closing handshake has nobody to answer it: the browser would wait for long
        }
      }, PING_MS);
    };
    socket.onmessage = (message) => {
      if (this.socket !== socket) return;
      this.heard = Date.now();
      this.tries = 0;
      const frame = JSON.parse(String(message.data)) as Frame & { type?: string };
      if (frame.type !== "pong") this.handlers.frame(frame);
    };
    socket.onclose = (closed) => this.gone(socket, closed.code);
  }

  private gone(socket: WebSocket, code: number) {
    if (this.socket !== socket) return;
    this.socket = undefined;
    this.forget();
    if (this.handlers.closed(code)) this.over = true;
    if (this.over) return;
    this.handlers.line("lost");
    this.timer = window.setTimeout(() => this.open(), AGAIN_MS[Math.min(this.tries++, AGAIN_MS.length - 1)]);
  }
}
