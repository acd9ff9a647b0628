/** What each move of a petition asks for (DOMAIN §2.4). The service decides which moves there are; this only fills the form. */
export type MoveField = "note" | "area" | "dependency" | "cause" | "category" | "priority" | "main_folio" | "document" | "copies" | "call_in_days";
interface Needs { required: readonly MoveField[]; optional?: readonly MoveField[] }

const NEEDS: Readonly<Record<string, Needs>> = {
  ask_data: { required: ["note"], optional: ["call_in_days"] },
  complete_data: { required: [], optional: ["note"] },
  not_located: { required: ["note"] },
  classify: { required: [], optional: ["category", "priority", "note"] },
  route_inside: { required: ["area"], optional: ["note"] },
  return_inside: { required: ["note"] },
  refer: { required: ["dependency", "document"], optional: ["copies", "note"] },
  acknowledge: { required: [], optional: ["note"] },
  reject_competence: { required: ["note"] },
  answer: { required: ["note"] },
  conclude_satisfactory: { required: ["note"] },
  conclude_unsatisfactory: { required: ["cause", "note"] },
  insufficient: { required: ["note"] },
  withdraw: { required: ["cause"], optional: ["note"] },
  mark_duplicate: { required: ["main_folio"], optional: ["note"] },
  reopen: { required: ["note"] },
  thank: { required: [], optional: ["note"] },
};
export const needsOf = (event: string): Needs => NEEDS[event] ?? { required: [], optional: ["note"] };
export const fieldsOfMove = (event: string): { name: MoveField; required: boolean }[] => {
  const { required, optional = [] } = needsOf(event);
  return [...required.map((name) => ({ name, required: true })), ...optional.map((name) => ({ name, required: false }))];
};
/** The usual way first, then what is needed now and then, endings last. */
const ORDER: readonly string[] = [
  "complete_data", "classify", "route_inside", "refer", "acknowledge", "answer", "conclude_satisfactory", "thank", "conclude_unsatisfactory", "ask_data",
  "insufficient", "return_inside", "reject_competence", "reopen", "archive", "not_located", "withdraw", "mark_duplicate",
];
const place = (event: string): number => (ORDER.includes(event) ? ORDER.indexOf(event) : ORDER.length);
export const inOrder = (moves: readonly string[]): string[] => [...moves].sort((a, b) => place(a) - place(b));

/** The end of a petition is told to the citizen, who reads what is written here. */
export const isFinal = (event: string): boolean => ["conclude_satisfactory", "conclude_unsatisfactory", "withdraw", "mark_duplicate", "thank", "not_located", "archive"].includes(event);
