/** Frames of the socket, checked softly: what is not understood is skipped, and the chat goes on. */
import type { ChatEvent, Frame } from "./types";

type Raw = Record<string, unknown>;
const isObject = (value: unknown): value is Raw => typeof value === "object" && value !== null;
const has = (value: unknown, key: string, type: string): boolean => isObject(value) && typeof value[key] === type;

const NEEDS: Record<string, (frame: Raw) => boolean> = {
  welcome: (frame) => has(frame, "cursor", "number"),
  ack: (frame) => has(frame, "client_id", "string") && has(frame, "seq", "number"),
  refused: (frame) => has(frame, "client_id", "string") && has(frame, "code", "string"),
  events: (frame) => has(frame, "cursor", "number") && Array.isArray(frame["events"]),
  typing: (frame) => has(frame, "who", "string"),
  place: () => true,
  resync: () => true,
  ping: () => true,
};

const isEvent = (event: unknown): event is ChatEvent =>
  isObject(event) &&
  (event["type"] === "chat.changed"
    ? has(event["conversation"], "id", "string") || (event["conversation"] === null && "callback" in event)
    : String(event["type"]).startsWith("message.") && has(event["message"], "id", "string") && isObject((event["message"] as Raw)["author"]));

/** A frame, or null for one of an unknown or broken shape. Events of unknown kinds are left out. */
export function parse(text: string): Frame | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(frame) || NEEDS[String(frame["type"])]?.(frame) !== true) return null;
  return (frame["type"] === "events" ? { ...frame, events: (frame["events"] as unknown[]).filter(isEvent) } : frame) as unknown as Frame;
}
