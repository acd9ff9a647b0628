/** One live socket that comes back by itself: full jitter, heartbeat, network and visibility events. No other DOM. */

export type LinkState = "connecting" | "online" | "reconnecting" | "offline";
export interface Link {
  /** Sends now, or says false: the caller keeps what must not be lost. Nothing is sent before the server's welcome. */
  send(frame: object): boolean;
  close(): void;
}
export interface LinkOptions<F extends { type: string }> {
  /** On the page's own origin, such as `/api/v1/chat/socket`. */
  path: string;
  /** A frame, or null for one of an unknown shape: it is skipped. */
  parse: (text: string) => F | null;
  /** The first frame of each connection, and the one after a resync; it carries the cursor. */
  hello: () => object;
  onFrame: (frame: F) => void;
  /** Throw the state away, fetch it anew if need be; `hello` is said when this is done. */
  onResync?: () => void | Promise<void>;
  onState: (state: LinkState) => void;
  /** The server will not have us back with what `hello` says (4401, 4403). The link is closed. */
  onRefused?: (code: number) => void;
  /** For tests. */
  random?: () => number;
  WebSocket?: new (url: string) => WebSocket;
}

const SILENCE_MS = 45_000;
const STABLE_MS = 10_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
const RESTART_MS = 15_000;
const REFUSED = [4401, 4403];
const BUSY = 4429;
const RESTART = 1012;

/** Connects, and stays connected until `close` or a refusal. */
export function connect<F extends { type: string }>(options: LinkOptions<F>): Link {
  const random = options.random ?? Math.random;
  const Socket = options.WebSocket ?? WebSocket;
  let socket: WebSocket | null = null;
  let state: LinkState | null = null;
  let isClosed = false;
  let failures = 0;
  let openedAt = 0;
  let heardAt = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const say = (next: LinkState): void => {
    if (isClosed || next === state) return;
    state = next;
    options.onState(next);
  };
  const isOffline = (): boolean => globalThis.navigator?.onLine === false;

  function open(): void {
    clearTimeout(retry);
    if (isClosed || socket !== null) return;
    if (isOffline()) return say("offline");
    say(state === null || state === "connecting" ? "connecting" : "reconnecting");
    const fresh = new Socket(new URL(options.path, location.href).href.replace(/^http/, "ws"));
    socket = fresh;
    openedAt = 0;
    hear();
    // A socket that was given up may still talk: it is no longer ours.
    const ours = <E>(act: (event: E) => void) => (event: E): void => {
      if (socket === fresh) act(event);
    };
    fresh.onopen = ours(() => {
      openedAt = Date.now();
      hear();
      fresh.send(JSON.stringify(options.hello()));
    });
    fresh.onmessage = ours((event: MessageEvent) => {
      hear();
      const frame = options.parse(String(event.data));
      if (frame !== null) void take(fresh, frame);
    });
    fresh.onclose = ours((event: CloseEvent) => lost(event.code));
  }

  async function take(from: WebSocket, frame: F): Promise<void> {
    if (frame.type === "ping") return from.send('{"type":"pong"}');
    if (frame.type === "resync") {
      try {
        await options.onResync?.();
      } catch {
        return drop(); // What it needed could not be fetched: start over, later.
      }
      if (socket === from) from.send(JSON.stringify(options.hello()));
      return;
    }
    options.onFrame(frame);
    if (frame.type === "welcome" && socket === from) say("online");
  }

  function hear(): void {
    heardAt = Date.now();
    clearTimeout(silence);
    silence = setTimeout(drop, SILENCE_MS);
  }

  function drop(): void {
    const old = socket;
    if (old === null) return;
    lost(0);
    old.close();
  }

  function lost(code: number): void {
    socket = null;
    clearTimeout(silence);
    if (isClosed) return;
    if (REFUSED.includes(code)) {
      close();
      return options.onRefused?.(code);
    }
    say(isOffline() ? "offline" : "reconnecting");
    failures = openedAt > 0 && Date.now() - openedAt > STABLE_MS ? 0 : failures + 1;
    const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
    const wait = code === RESTART ? random() * RESTART_MS : (code === BUSY ? LONGEST_MS / 2 : FIRST_MS) + random() * (most - FIRST_MS);
    retry = setTimeout(open, wait);
  }

  function wake(): void {
    if (isOffline()) {
      drop();
      say("offline");
    } else if (globalThis.document?.hidden !== true) {
      // Timers stand still in a sleeping tab: what was not heard of for too long is dead, whatever they say.
      if (socket !== null && Date.now() - heardAt > SILENCE_MS) drop();
      if (socket === null) {
        failures = 0;
        open();
      }
    }
  }

  function close(): void {
    const old = socket;
    socket = null;
    isClosed = true;
    clearTimeout(retry);
    clearTimeout(silence);
    for (const name of ["online", "offline", "pageshow"]) globalThis.removeEventListener?.(name, wake);
    globalThis.document?.removeEventListener("visibilitychange", wake);
    old?.close();
  }

  for (const name of ["online", "offline", "pageshow"]) globalThis.addEventListener?.(name, wake);
  globalThis.document?.addEventListener("visibilitychange", wake);
  open();

  return {
    send(frame) {
      if (isClosed || state !== "online" || socket?.readyState !== 1) return false;
      socket.send(JSON.stringify(frame));
      return true;
    },
    close,
  };
}
