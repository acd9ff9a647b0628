/** The telephone of the provider's simulator: a socket that says what the SDK would, without sound. For development and tests. */
import { retryMs, type Access, type Device, type DeviceEvents, type Trouble } from "./device";

interface Frame {
  type: string; call_sid?: string; custom_parameters?: Record<string, string>; parameters?: Record<string, string>;
  muted?: boolean; reason?: string; code?: number;
}
const TOKEN_CODES = { first: 20101, last: 20107 };
const isFrame = (value: unknown): value is Frame => typeof value === "object" && value !== null && typeof (value as Frame).type === "string";

function read(text: unknown): Frame | null {
  try {
    const value: unknown = JSON.parse(String(text));
    return isFrame(value) ? value : null;
  } catch {
    return null;
  }
}

export async function open(first: Access, events: DeviceEvents): Promise<Device> {
  let access = first;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let closed = false;
  const legs = new Set<string>();

  const end = (id: string, reason: string): void => {
    if (legs.delete(id)) events.onEnded(id, reason);
  };
  const drop = (reason: string): void => [...legs].forEach((id) => end(id, reason));
  const send = (frame: object): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
  const about = (id: string, frame: object): void => {
    if (legs.has(id)) send({ ...frame, call_sid: id });
  };

  function onFrame(frame: Frame): void {
    const id = frame.call_sid ?? "";
    switch (frame.type) {
      case "ready":
        tries = 0;
        events.onState("ready", null);
        return;
      case "incoming":
        legs.add(id);
        events.onIncoming({ id, call: frame.custom_parameters?.["call"] ?? null, params: frame.custom_parameters ?? {} });
        return;
      case "connected":
        if (legs.has(id)) events.onConnected(id);
        return;
      case "muted":
        if (legs.has(id)) events.onMuted(id, frame.muted === true);
        return;
      case "disconnected":
        end(id, frame.reason ?? "completed");
        return;
      case "error":
        if ((frame.code ?? 0) >= TOKEN_CODES.first && (frame.code ?? 0) <= TOKEN_CODES.last) fail("token");
        return;
      default:
    }
  }

  /** Nothing that waiting would mend: whoever opened this has to bring another token. */
  function fail(trouble: Trouble): void {
    closed = true;
    clearTimeout(timer);
    drop("failed");
    events.onState("failed", trouble);
    socket?.close();
  }

  function connect(): void {
    const own = new WebSocket(`${access.url ?? ""}?token=${encodeURIComponent(access.token ?? "")}`);
    socket = own;
    own.onmessage = (event) => {
      const frame = read(event.data);
      if (frame !== null && !closed) onFrame(frame);
    };
    own.onclose = () => {
      if (closed || socket !== own) return;
      drop("lost");
      events.onState("reconnecting", "network");
      timer = setTimeout(connect, retryMs(tries++, Math.random()));
    };
  }

  events.onState("connecting", null);
  connect();
  return {
    accept: (id) => about(id, { type: "accept" }),
    reject: (id) => about(id, { type: "reject" }),
    hangUp: (id) => about(id, { type: "hang_up" }),
    mute: (id, muted) => about(id, { type: "mute", muted }),
    digits: (id, digits) => about(id, { type: "digits", digits }),
    refresh(next) {
      access = next;
    },
    choose() {},
    close() {
      closed = true;
      clearTimeout(timer);
      drop("closed");
      socket?.close();
    },
  };
}
