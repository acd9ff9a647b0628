import { EventEmitter } from "events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Device, DeviceEvents } from "../../src/console/device";

/** The SDK's shape as far as the console uses it: what it emits, and what was asked of it. */
class Helper {
  incoming = vi.fn();
  isOutputSelectionSupported = true;
  setInputDevice = vi.fn(async (_id: string) => undefined);
  unsetInputDevice = vi.fn(async () => undefined);
  speakerDevices = { set: vi.fn(async (_id: string) => undefined) };
}
class Sdk extends EventEmitter {
  static isSupported = true;
  static last: Sdk;
  audio = new Helper();
  register = vi.fn(async () => undefined);
  updateToken = vi.fn();
  destroy = vi.fn();
  constructor(readonly token: string, readonly options: Record<string, unknown>) {
    super();
    Sdk.last = this;
  }
}
class Call extends EventEmitter {
  static Codec = { Opus: "opus", PCMU: "pcmu" };
  parameters = { CallSid: "CA1" };
  accept = vi.fn();
  reject = vi.fn();
  disconnect = vi.fn();
  mute = vi.fn();
  sendDigits = vi.fn();
  constructor(readonly customParameters: Map<string, string>) {
    super();
  }
}
vi.mock("@twilio/voice-sdk", () => ({ Device: Sdk, Call }));

const told: unknown[][] = [];
const events = new Proxy({}, { get: (_, name) => (...facts: unknown[]) => void told.push([name, ...facts]) }) as DeviceEvents;
const open = async (): Promise<Device> => (await import("../../src/console/device-twilio")).open({ kind: "twilio", token: "t", url: null, expires_at: null }, events, { input: "mic", output: "" });

beforeEach(() => {
  told.length = 0;
  Sdk.isSupported = true;
});
afterEach(() => vi.clearAllMocks());

describe("the provider's own SDK", () => {
  it("registers with the token, the chosen microphone, and leaves the ringing to the console", async () => {
    await open();
    const sdk = Sdk.last;
    expect([sdk.token, sdk.register.mock.calls.length]).toEqual(["t", 1]);
    expect(sdk.audio.setInputDevice).toHaveBeenCalledWith("mic");
    expect(sdk.audio.speakerDevices.set).toHaveBeenCalledWith("default");
    expect(sdk.audio.incoming).toHaveBeenCalledWith(false);
    sdk.emit("registered");
    sdk.emit("unregistered");
    expect(told.slice(-2)).toEqual([["onState", "ready", null], ["onState", "reconnecting", "network"]]);
  });

  it("carries what is done with a line, and tells of its end once", async () => {
    const device = await open();
    const call = new Call(new Map([["call", "k1"]]));
    Sdk.last.emit("incoming", call);
    expect(told.at(-1)).toEqual(["onIncoming", { id: "CA1", call: "k1", params: { call: "k1" } }]);
    device.accept("CA1");
    device.mute("CA1", true);
    device.digits("CA1", "1#");
    device.hangUp("CA1");
    device.hangUp("CA2");
    expect([call.accept, call.mute, call.sendDigits, call.disconnect].map((one) => one.mock.calls)).toEqual([[[]], [[true]], [["1#"]], [[]]]);
    call.emit("accept");
    call.emit("mute", true);
    call.emit("volume", 0.2, 0.7);
    call.emit("reconnecting");
    call.emit("disconnect");
    call.emit("cancel");
    expect(told.slice(-5)).toEqual([["onConnected", "CA1"], ["onMuted", "CA1", true], ["onLevel", 0.7, 0.2], ["onTrouble", "CA1", "network"], ["onEnded", "CA1", "completed"]]);
  });

  it.each([[20104, "failed", "token"], [31205, "failed", "token"], [31401, "failed", "microphone"], [31005, "reconnecting", "network"], [12345, "failed", "unknown"]])(
    "says what error %i means", async (code, state, why) => {
      await open();
      Sdk.last.emit("error", { code });
      expect(told.at(-1)).toEqual(["onState", state, why]);
    },
  );

  it("says so where the browser cannot make calls, and is silent once it is closed", async () => {
    Sdk.isSupported = false;
    (await open()).accept("CA1");
    expect(told).toEqual([["onState", "failed", "unsupported"]]);
    Sdk.isSupported = true;
    const device = await open();
    device.close();
    const before = told.length;
    Sdk.last.emit("unregistered");
    expect([told.length, Sdk.last.destroy.mock.calls.length]).toEqual([before, 1]);
  });
});
