// @vitest-environment node
/** The server's own frames, played for every verb: what the console has, with its events applied, is what it would fetch. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applyEvents, fromSnapshot, type State } from "../src/console/state";
import { parse, type Item, type Queue, type Snapshot } from "../src/shared/protocol";

type Rows = Record<string, object | null>;
type Changes = Record<string, unknown>;
interface View { viewer: string; before: Changes; frames: unknown[]; after: Changes; inside: string[] }
interface Golden { verb: string; views: View[] }

const FOLDER = new URL("../../tests/events/", import.meta.url);
const KEYED = ["items", "agents", "queues", "alerts", "findings"] as const;
/** What a client works out from items, agents and the time of day. */
const COUNTED: readonly (keyof Queue)[] = ["waiting", "longest_since", "is_open", "opens_at"];
/** What only those inside of a thread hear. */
const LAST_WORDS: readonly string[] = ["last_seq", "last_citizen_at", "last_agent_at"];

const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as T;
const morning = read<Record<string, Snapshot>>("morning.json");
const scenes = readdirSync(FOLDER).filter((name) => name.endsWith(".json") && name !== "morning.json").sort();

/** `snapshot` with what differs put in: rows by id, null for one that went. */
function changed(snapshot: Snapshot, changes: Changes): Snapshot {
  const next = { ...snapshot } as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(changes)) {
    if (!(KEYED as readonly string[]).includes(key)) {
      next[key] = value;
      continue;
    }
    const rows = new Map((next[key] as { id: string }[]).map((row) => [row.id, row as object | null]));
    for (const [id, row] of Object.entries(value as Rows)) rows.set(id, row);
    next[key] = [...rows.values()].filter((row) => row !== null);
  }
  return next as unknown as Snapshot;
}

const without = (row: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));

/** What of a state must be the same, by id. */
function seen(state: State, view: View): object {
  const told = view.viewer === "supervisor" ? [] : ["skipped"];
  const item = (row: Item): object =>
    view.inside.includes(row.conversation ?? "") ? row : without(row, [...LAST_WORDS, ...told]);
  const each = <T>(rows: Readonly<Record<string, T>>, keep: (row: T) => object): object =>
    Object.fromEntries(Object.entries(rows).map(([id, row]) => [id, keep(row)]));
  return {
    items: each(state.items, item),
    agents: state.agents,
    queues: each(state.queues, (row) => without(row, COUNTED as readonly string[])),
    alerts: state.alerts,
    findings: state.findings,
    mentions: [...state.mentions].sort((a, b) => a.seq - b.seq),
  };
}

describe.each(scenes)("%s", (name) => {
  const golden = read<Golden>(name);
  it.each(golden.views.map((view) => [view.viewer, view] as const))("leads the %s's console to the fresh snapshot", (_, view) => {
    const console_ = morning[view.viewer];
    if (console_ === undefined) throw new Error("no such console");
    const before = changed(console_, view.before);
    let state = fromSnapshot(before);
    for (const raw of view.frames) {
      const frame = parse(JSON.stringify(raw));
      expect(frame, "a frame of the server is understood").not.toBeNull();
      if (frame?.type === "resync") return;
      if (frame?.type === "events") {
        expect(frame.events.length, "no event is dropped").toBe((raw as { events: unknown[] }).events.length);
        state = applyEvents(state, frame.events, frame.cursor);
      }
    }
    expect(seen(state, view)).toEqual(seen(fromSnapshot(changed(before, view.after)), view));
  });
});

it("has a scene for each of the desk's main verbs", () => {
  for (const verb of ["work.accept", "work.transfer", "conversation.reply", "petition.create", "agent.set_state"]) {
    expect(scenes).toContain(`${verb}.json`);
  }
});
