/** Twilio's own SDK behind the console's interface. Only this file knows it, so that only whoever has the provider loads it. */
import { Call, Device as Sdk } from "@twilio/voice-sdk";
import type { Access, AudioChoice, Device, DeviceEvents, DeviceState, Trouble } from "./device";

/** How long before a token's end the SDK asks for another, in milliseconds; the console's own clock asks earlier. */
const TOKEN_ENDS_MS = 20_000;
/** Leaves a call this long to come back after the line broke before the SDK gives it up. */
const SIGNALING_MS = 30_000;
const TOKEN_CODES = new Set([20101, 20102, 20103, 20104, 20105, 20106, 20107, 31202, 31204, 31205, 31207]);
const MICROPHONE_CODES = new Set([31401, 31402]);
const NETWORK_CODES = new Set([31000, 31005, 31009, 53000, 53405]);

/** What went wrong in the console's words, by the code of the provider's error dictionary. */
export function troubleOf(code: number | undefined): Trouble {
  if (code === undefined) return "unknown";
  return TOKEN_CODES.has(code) ? "token" : MICROPHONE_CODES.has(code) ? "microphone" : NETWORK_CODES.has(code) ? "network" : "unknown";
}

export async function open(first: Access, events: DeviceEvents, audio: AudioChoice): Promise<Device> {
  const legs = new Map<string, Call>();
  let closed = false;
  if (!Sdk.isSupported) {
    events.onState("failed", "unsupported");
    return { accept() {}, reject() {}, hangUp() {}, mute() {}, digits() {}, refresh() {}, choose() {}, close() {} };
  }
  const sdk = new Sdk(first.token ?? "", {
    closeProtection: true, codecPreferences: [Call.Codec.Opus, Call.Codec.PCMU], tokenRefreshMs: TOKEN_ENDS_MS,
    maxCallSignalingTimeoutMs: SIGNALING_MS, allowIncomingWhileBusy: true, logLevel: "silent",
  });
  const tell = (state: DeviceState, trouble: Trouble | null): void => {
    if (!closed) events.onState(state, trouble);
  };

  function choose(next: AudioChoice): void {
    const helper = sdk.audio;
    if (helper === null) return;
    // The offer rings already, with the console's own sound.
    helper.incoming(false);
    const input = next.input === "" ? helper.unsetInputDevice() : helper.setInputDevice(next.input);
    input.catch(() => tell("failed", "microphone"));
    if (helper.isOutputSelectionSupported) {
      // A loudspeaker that was unplugged is no reason to have no telephone: the browser's own choice stays.
      helper.speakerDevices.set(next.output === "" ? "default" : next.output).catch(() => undefined);
    }
  }

  function onIncoming(call: Call): void {
    const id = call.parameters["CallSid"] ?? "";
    const params = Object.fromEntries(call.customParameters);
    const end = (reason: string) => (): void => {
      if (legs.delete(id)) events.onEnded(id, reason);
    };
    legs.set(id, call);
    call.on("accept", () => events.onConnected(id));
    call.on("mute", (muted: boolean) => events.onMuted(id, muted));
    call.on("volume", (said: number, heard: number) => events.onLevel(heard, said));
    call.on("reconnecting", () => events.onTrouble(id, "network"));
    call.on("reconnected", () => events.onTrouble(id, null));
    call.on("error", (error: { code?: number }) => events.onTrouble(id, troubleOf(error.code)));
    call.on("disconnect", end("completed"));
    call.on("cancel", end("canceled"));
    call.on("reject", end("rejected"));
    events.onIncoming({ id, call: params["call"] ?? null, params });
  }

  sdk.on("incoming", onIncoming);
  sdk.on("registering", () => tell("connecting", null));
  sdk.on("registered", () => tell("ready", null));
  // Without our asking: the line is down. The SDK registers again by itself.
  sdk.on("unregistered", () => tell("reconnecting", "network"));
  sdk.on("error", (error: { code?: number }) => {
    const trouble = troubleOf(error.code);
    tell(trouble === "network" ? "reconnecting" : "failed", trouble);
  });
  choose(audio);
  tell("connecting", null);
  sdk.register().catch((error: { code?: number }) => tell("failed", troubleOf(error.code)));
  return {
    accept: (id) => legs.get(id)?.accept(),
    reject: (id) => legs.get(id)?.reject(),
    hangUp: (id) => legs.get(id)?.disconnect(),
    mute: (id, on) => legs.get(id)?.mute(on),
    digits: (id, digits) => legs.get(id)?.sendDigits(digits),
    refresh: (next) => sdk.updateToken(next.token ?? ""),
    choose,
    close() {
      closed = true;
      sdk.destroy();
    },
  };
}
