/** Looks at a conversation's sound every two seconds, as long as it lasts; tells what is wrong with it, and has a closed way mended once. */
import { judge, KEPT_MS, sampled, type Fault, type Sample } from "./heard";

const EVERY_MS = 2000;

export class Listening {
  private readonly answered = performance.now();
  private samples: Sample[] = [];
  private expected: number | null;
  private unmuted: number | null = this.answered;
  private fault: Fault = "";
  private readonly timer: number;
  private mended = false;

  constructor(
    private readonly connection: RTCPeerConnection,
    expecting: boolean,
    private readonly told: (fault: Fault) => void,
    private readonly mend: () => void,
  ) {
    this.expected = expecting ? this.answered : null;
    this.timer = window.setInterval(() => void this.look(), EVERY_MS);
  }

  expect(sound: boolean): void {
    if (sound !== (this.expected !== null)) this.expected = sound ? performance.now() : null;
  }

  muted(muted: boolean): void {
    this.unmuted = muted ? null : performance.now();
  }

  stop(): void {
    window.clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const report = await this.connection.getStats().catch(() => undefined);
    if (!report || this.connection.connectionState === "closed") return;
    const now = performance.now();
    const sample = sampled(report.values(), now, this.connection.connectionState === "connected");
    this.samples = [...this.samples.filter((one) => one.at >= now - KEPT_MS), sample];
    const fault = judge(this.samples, { answered: this.answered, expected: this.expected, unmuted: this.unmuted });
    if (fault === this.fault) return;
    this.fault = fault;
    if (fault === "closed" && !this.mended) {
      this.mended = true;
      this.mend();
    }
    this.told(fault);
  }
}
