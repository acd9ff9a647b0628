/** A supervisor's ear on a call: by the office's policy, on record, and always in sight of whoever listens. */
import { signal } from "@preact/signals";
import type { Id } from "../shared/protocol";
import { listenTo, unlisten, type How } from "./call-steer";
import { attempt } from "./errors";
import { expect, leaveLine, supervision, unexpect } from "./phone";

export const HOWS: readonly How[] = ["listen", "whisper", "barge"];
/** How I am in the call I listen to, as last asked: whether others are shown it is the office's to say. */
export const hearing = signal<How>("listen");

/** What the policy lets a supervisor do in a call. */
export const mayListen = (how: How): boolean => supervision.value[how] === true;

/** Goes into a call, or changes how one is in it. */
export async function hear(call: Id, how: How): Promise<void> {
  expect(call);
  const before = hearing.peek();
  hearing.value = how;
  if ((await attempt(() => listenTo(call, how))) !== null) return;
  hearing.value = before;
  unexpect(call);
}
export async function stopHearing(call: Id): Promise<void> {
  unexpect(call);
  leaveLine();
  await attempt(() => unlisten(call));
}
