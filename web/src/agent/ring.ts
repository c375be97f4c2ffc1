/** A soft two-tone ring, made here: no file to load when a call is there. */

const EVERY_MS = 2200;

/** Ring until the function that is given back is called. */
export function ring(): () => void {
  const context = new AudioContext();
  const once = () => {
    for (const [nth, hertz] of [660, 880].entries()) {
      const at = context.currentTime + nth * 0.22;
      const tone = context.createOscillator();
      const level = context.createGain();
      tone.frequency.value = hertz;
      level.gain.setValueAtTime(0, at);
      level.gain.linearRampToValueAtTime(0.12, at + 0.03);
      level.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
      tone.connect(level).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.55);
    }
  };
  once();
  const timer = window.setInterval(once, EVERY_MS);
  return () => {
    window.clearInterval(timer);
    void context.close();
  };
}
