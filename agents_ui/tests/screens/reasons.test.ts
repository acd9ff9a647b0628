import { describe, expect, it } from "vitest";
import { decisionText, type Decision } from "../../src/console/screens/floor/reasons";

const names = { agent: (id: string | null) => (id === "u1" ? "Ana" : ""), queue: (id: string | null) => (id === "q1" ? "Chat Sonora" : "") };
const one = (kind: string, reason: Record<string, unknown> = {}): Decision => ({ at: 0, kind, agent: "u1", queue: "q1", reason });
const said = (decision: Decision): string => {
  const { title, detail } = decisionText(decision, names);
  return `${title}. ${detail}`;
};

describe("why it got here", () => {
  it("says who was offered it, by which rule, after how long, out of how many", () => {
    const text = said(one("offered", { rule: "longest_idle", idle_s: 250, waited_s: 65, able: 2 }));
    expect(text).toContain("Se ofreció a Ana");
    expect(text).toContain("4:10");
    expect(text).toContain("1:05");
    expect(text).toContain("2 personas");
  });
  it("says each rule in words", () => {
    const texts = ["longest_idle", "least_busy", "preferred", "direct", "crisis"].map((rule) => said(one("offered", { rule })));
    expect(new Set(texts).size).toBe(5);
    for (const text of texts) expect(text).not.toContain("_");
  });
  it("says what had to be waived, and who let it pass before", () => {
    const text = said(one("offered", { rule: "longest_idle", waived: ["language", "skills"], declined_by: 2 }));
    expect(text).toContain("lengua");
    expect(text).toContain("habilidad");
    expect(text).toContain("2");
  });
  it("says why it went on waiting, for every code of the router", () => {
    for (const code of ["not_yet", "queue_unknown", "queue_closed", "no_members", "nobody_connected", "nobody_available", "channel_not_served", "offers_pending", "all_busy", "waiting_for_agent"]) {
      const text = said(one("skipped", { code }));
      expect(text).toMatch(/^Siguió en espera\. Porque /);
      expect(text).not.toContain(code);
    }
  });
  it("reads the kinds as the log has them too", () => {
    expect(said(one("decision.skipped", { code: "all_busy" }))).toBe(said(one("skipped", { code: "all_busy" })));
    expect(said(one("work.accepted"))).toContain("Ana aceptó");
  });
  it("shows a kind it does not know as it is, instead of nothing", () => {
    expect(decisionText(one("some_new_kind"), names).title).toBe("some new kind");
  });
});
