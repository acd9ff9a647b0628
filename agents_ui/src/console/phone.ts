/**
 * This browser as the agent's telephone: gets the right to be one, keeps it open, and answers what belongs to the agent's
 * work. What a call *is* comes from the house as everything else does; here is only the line to this machine.
 */
import { computed, effect, signal, untracked } from "@preact/signals";
import type { Id } from "../shared/protocol";
import { ApiError, get, post } from "./api";
import { openDevice, retryMs, type Access, type AudioChoice, type Device, type DeviceEvents, type Leg, type OpenDevice, type Trouble } from "./device";
import { ask, permission, type Permission } from "./microphone";
import { audio, dialMode, keepAudio, keepMode, mode, type Mode } from "./phone-choices";
import { placeOf, type Place } from "./phone-legs";
import { claim, letGo, type Heard } from "./phone-lock";
import { agent, link, me, session, state } from "./store";

export type PhoneState = "off" | "desk" | "elsewhere" | "permission" | "blocked" | "connecting" | "ready" | "reconnecting" | "failed";
export interface PhoneView { state: PhoneState; why: Trouble | Permission | null }
/** The line in use. `heard` and `said` are loudness, 0 to 1. */
export interface Line { leg: Leg; as: Exclude<Place, null>; connected: boolean; muted: boolean; trouble: Trouble | null; heard: number; said: number }

export const phone = signal<PhoneView>({ state: "off", why: null });
export const line = signal<Line | null>(null);
/** A colleague asks for a word before passing a call on: rings until taken or declined. */
export const asked = signal<Leg | null>(null);
/** Whether there is a provider at all: without one only the desk phone is offered. */
export const hasProvider = signal(false);
/** What the office lets supervisors do in calls; the service decides with the same settings. */
export const supervision = signal<Readonly<Record<string, boolean>>>({});
export const isReady = computed(() => phone.value.state === "ready");

/** A line may come before the event that says whose it is, or before the one before has ended. */
export const GRACE_MS = 6000;
/** From where a call that begins now is made: this browser when it is ready and wanted, else the agent's own telephone. */
export const dialFrom = (): Mode => (isReady.value && dialMode.value === "browser" ? "browser" : "desk");

/** For how long a call that a supervisor asked to hear is expected. */
const EXPECT_MS = 60_000;
const REFRESH_BEFORE_MS = 60_000;
const REFRESH_AGAIN_MS = 10_000;
const TOKEN_TRIES = 3;

/** What the telephone needs from outside; tests bring their own. */
export interface Needs {
  access(): Promise<Access>;
  open: OpenDevice;
  permission(): Promise<Permission>;
  ask(): Promise<Permission>;
  /** Makes this tab the only one with a telephone; resolves false while another is. */
  claim(steal: boolean, heard: Heard): Promise<boolean>;
  /** Tells the house whether this browser can be rung. */
  ready(on: boolean): Promise<unknown>;
  now(): number;
}

let needs: Needs = { access: () => get("phone/device"), open: openDevice, permission, ask, claim, ready: (on) => post("phone/device", { ready: on }), now: Date.now };
export function setNeeds(next: Partial<Needs>): void {
  needs = { ...needs, ...next };
}

let device: Device | null = null;
let access: Access | null = null;
let turn = 0; // what an older start still awaits is nobody's business any more
let tokenTries = 0;
let refresher: ReturnType<typeof setTimeout> | undefined;
const waitingLegs = new Map<string, { leg: Leg; until: ReturnType<typeof setTimeout> }>();
const expected = signal<ReadonlySet<Id>>(new Set());

const show = (next: PhoneState, why: PhoneView["why"] = null): void => {
  phone.value = { state: next, why };
};

/** Expects a line for a call that I asked to hear. */
export function expect(call: Id): void {
  expected.value = new Set([...expected.value, call]);
  setTimeout(() => unexpect(call), EXPECT_MS);
}
export function unexpect(call: Id): void {
  const { size } = expected.value;
  const rest = new Set([...expected.value].filter((one) => one !== call));
  if (rest.size !== size) expected.value = rest;
}

/** Takes what belongs to my work, rings for what a colleague asks, and leaves the rest waiting. */
function place(leg: Leg): boolean {
  const current = line.value;
  if (current !== null && current.leg.call !== leg.call) return false;
  const found = placeOf(leg, Object.values(state.value?.items ?? {}), me.value?.id ?? "", expected.value);
  if (found === null) return false;
  if (found === "consult") {
    asked.value = leg;
    return true;
  }
  take(leg, found);
  return true;
}
function take(leg: Leg, as: Exclude<Place, null>): void {
  line.value = { leg, as, connected: false, muted: false, trouble: null, heard: 0, said: 0 };
  device?.accept(leg.id);
}
function settle(id: string): Leg | null {
  const one = waitingLegs.get(id);
  clearTimeout(one?.until);
  waitingLegs.delete(id);
  return one?.leg ?? null;
}

/** The house offers callers only to whom it can ring: it hears of every change, and again when it thinks otherwise. */
let told = false;
let telling = 0;
function tell(ready: boolean): void {
  if (told === ready) return;
  told = ready;
  if (session.peek() == null) return; // signed out: there is nobody to tell it of
  telling += 1;
  void needs.ready(ready).catch(() => { if (told === ready) told = !ready; }).finally(() => { telling -= 1; });
}

const mine = (id: string): boolean => line.value?.leg.id === id;
const change = (id: string, fields: Partial<Line>): void => {
  if (line.value !== null && mine(id)) line.value = { ...line.value, ...fields };
};
const events: DeviceEvents = {
  onState(next, why) {
    if (next === "ready") tokenTries = 0;
    tell(next === "ready");
    if (next === "failed" && why === "token" && tokenTries < TOKEN_TRIES) return void renew();
    show(next === "failed" && why === "microphone" ? "blocked" : next, why === "microphone" ? "missing" : why);
  },
  onIncoming(leg) {
    if (place(leg)) return;
    waitingLegs.set(leg.id, { leg, until: setTimeout(() => { if (settle(leg.id) !== null) device?.reject(leg.id); }, GRACE_MS) });
  },
  onConnected: (id) => change(id, { connected: true }),
  onMuted: (id, muted) => change(id, { muted }),
  onLevel(heard, said) {
    const leg = line.value?.leg.id;
    if (leg !== undefined) change(leg, { heard, said });
  },
  onTrouble: (id, trouble) => change(id, { trouble }),
  onEnded(id) {
    settle(id);
    if (asked.value?.id === id) asked.value = null;
    if (!mine(id)) return;
    unexpect(line.value?.leg.call ?? "");
    line.value = null;
  },
};

function know(found: Access): void {
  hasProvider.value = found.kind !== "none";
  supervision.value = found.supervision ?? {};
}

/** A token that is of no use is asked for anew, a few times; then it is said. */
async function renew(): Promise<void> {
  const own = turn;
  close();
  show("connecting", null);
  await new Promise((done) => setTimeout(done, retryMs(tokenTries++, 1)));
  if (own === turn) await connect(own);
}

async function connect(own: number): Promise<void> {
  try {
    access = await needs.access();
    if (own !== turn) return;
    know(access);
    if (access.kind === "none") return show("off");
    const opened = await needs.open(access, events, audio.peek());
    if (own !== turn) return opened.close();
    device = opened;
    plan();
  } catch (error) {
    if (own === turn) show("failed", error instanceof ApiError ? "network" : "unknown");
  }
}

/** The next token before this one ends, so that a call that lasts never notices. */
function plan(after?: number): void {
  clearTimeout(refresher);
  if (access?.expires_at == null) return;
  const left = access.expires_at - needs.now();
  refresher = setTimeout(() => void refresh(turn), after ?? Math.max(REFRESH_AGAIN_MS, left > 2 * REFRESH_BEFORE_MS ? left - REFRESH_BEFORE_MS : left / 2));
}
async function refresh(own: number): Promise<void> {
  try {
    const next = await needs.access();
    if (own !== turn) return;
    if (next.kind !== access?.kind) return void start();
    access = next;
    know(next);
    device?.refresh(next);
    plan();
  } catch {
    if (own === turn) plan(REFRESH_AGAIN_MS);
  }
}

function close(): void {
  clearTimeout(refresher);
  tell(false);
  for (const id of [...waitingLegs.keys()]) settle(id);
  const old = device;
  device = null;
  old?.close();
  line.value = null;
  asked.value = null;
}

/** Becomes a telephone when there is a provider, this tab may, and the microphone is allowed. Idempotent. */
export async function start(steal = false): Promise<void> {
  const own = ++turn;
  close();
  try {
    access = await needs.access();
  } catch {
    return own === turn ? show("failed", "network") : undefined;
  }
  if (own !== turn) return;
  know(access);
  if (access.kind === "none") return show("off");
  if (mode.peek() === "desk") {
    letGo();
    return show("desk");
  }
  const won = await needs.claim(steal, { lost, free: () => void start() });
  if (own !== turn) return;
  if (!won) return show("elsewhere");
  await allowed(own, await needs.permission());
}

/** Another tab took the telephone. */
function lost(): void {
  turn += 1;
  close();
  show("elsewhere");
}

async function allowed(own: number, answer: Permission): Promise<void> {
  if (own !== turn) return;
  // The simulator carries no sound: a machine without a microphone may still show how everything works.
  const enough = answer === "granted" || (answer === "missing" && access?.kind === "simulator");
  if (answer === "prompt") return show("permission");
  if (!enough) return show("blocked", answer);
  show("connecting");
  await connect(own);
}
/** The person pressed the button that asks for the microphone. */
export async function allow(): Promise<void> {
  const own = ++turn;
  close();
  await allowed(own, await needs.ask());
}
/** Stops being a telephone: signed out, or the agent prefers the desk phone. */
export function stop(): void {
  turn += 1;
  tokenTries = 0;
  close();
  letGo();
  show("off");
}

/** Where the agent wants to speak from now on. */
export function setMode(next: Mode): void {
  keepMode(next);
  void start();
}
export function setMuted(on: boolean): void {
  if (line.value !== null) device?.mute(line.value.leg.id, on);
}
export function press(digits: string): void {
  if (line.value !== null) device?.digits(line.value.leg.id, digits);
}
/** Leaves the line of this machine; the call itself is ended by the house. */
export function leaveLine(): void {
  if (line.value !== null) device?.hangUp(line.value.leg.id);
}
/** A colleague's question: speak with them, or not now. */
export function answerAsked(yes: boolean): void {
  const one = asked.value;
  asked.value = null;
  if (one === null) return;
  if (yes) take(one, "consult");
  else device?.reject(one.id);
}
export function setAudio(next: AudioChoice): void {
  keepAudio(next);
  device?.choose(next);
}

// The house counts a telephone that did not answer as not ready, and one whose agent was away: it is told again.
effect(() => {
  const known = agent.value?.phone;
  if (known !== false || phone.value.state !== "ready" || link.value !== "online" || telling > 0) return;
  told = false;
  untracked(() => tell(true));
});
// What waited for the event that says whose it is, or for the line to be free.
effect(() => {
  void [state.value, line.value, expected.value];
  untracked(() => {
    for (const [id, { leg }] of [...waitingLegs]) if (place(leg)) settle(id);
  });
});
