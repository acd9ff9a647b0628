/** One tab of a browser is the telephone: two would both ring and both answer. Held as long as the tab wants it. */
const LOCK = "console.phone";

let release: (() => void) | null = null;
let released: Promise<unknown> = Promise.resolve();
let queued: AbortController | null = null;

export interface Heard {
  /** Another tab took it. */
  lost(): void;
  /** The tab that had it is gone: it is ours now. */
  free(): void;
}

/** Resolves whether this tab has the telephone now. When another has it, it falls to this one once that is gone. */
export async function claim(steal: boolean, heard: Heard): Promise<boolean> {
  if (release !== null || navigator.locks === undefined) return true;
  queued?.abort();
  queued = null;
  await released;
  const won = await request(steal ? { steal: true } : { ifAvailable: true }, heard);
  if (!won) {
    queued = new AbortController();
    void request({ signal: queued.signal }, heard).then((later) => { if (later) heard.free(); });
  }
  return won;
}

function request(options: LockOptions, heard: Heard): Promise<boolean> {
  return new Promise((done) => {
    const held = (lock: Lock | null): Promise<void> => {
      done(lock !== null);
      return lock === null ? Promise.resolve() : new Promise((free) => { release = free; });
    };
    const asked = navigator.locks.request(LOCK, options, held).catch(() => {
      done(false);
      if (release === null) return; // it was only waiting
      release = null;
      heard.lost();
    });
    if (options.signal === undefined) released = asked;
  });
}

/** Gives it up, so that another tab may have it. */
export function letGo(): void {
  queued?.abort();
  queued = null;
  release?.();
  release = null;
}
