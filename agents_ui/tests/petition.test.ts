import { describe, expect, it } from "vitest";
import { EMPTY, OUTSIDE, petitionErrors, toFields, withPrefill, type PetitionForm } from "../src/console/petition";

const whole: PetitionForm = {
  ...EMPTY, category: "SP01", municipality: "26030", locality: "Hermosillo", subject: "Bache en la calle Ejemplo",
  description: "Hay un bache grande frente a la primaria.", requester: { ...EMPTY.requester, names: "María", phone: "662 500 0001" },
};
const wrong = (fields: Partial<PetitionForm>): string[] => Object.keys(petitionErrors({ ...whole, ...fields }));

describe("a petition", () => {
  it("with everything it needs has no errors", () => expect(petitionErrors(whole)).toEqual({}));

  it.each([
    ["subject", { subject: "Bache" }], ["subject", { subject: "x".repeat(201) }], ["description", { description: "corta" }],
    ["category", { category: "" }], ["municipality", { municipality: "" }], ["locality", { locality: " " }],
    ["outside_place", { municipality: OUTSIDE }], ["beneficiaries", { beneficiaries: "0" }], ["beneficiary.names", { for_other: true }],
    ["requester.names", { requester: { ...whole.requester, names: "" } }], ["requester.phone", { requester: { ...whole.requester, phone: "" } }],
    ["requester.email", { requester: { ...whole.requester, email: "maria@" } }],
  ] as const)("says that %s is wrong", (field, fields) => expect(wrong(fields)).toEqual([field]));

  it("takes «por precisar» in the place of a locality", () => expect(wrong({ locality: "", locality_pending: true })).toEqual([]));

  it("may be anonymous only for the kinds that allow it", () => {
    const nobody = { requester: EMPTY.requester, anonymous: true };
    expect(wrong({ ...nobody, kind: "suggestion" })).toEqual([]);
    expect(wrong({ ...nobody, kind: "petition" })).toContain("requester.names");
  });

  it("asks what its kind needs besides", () => {
    expect(wrong({ kind: "complaint" })).toEqual(["extra.facts", "extra.place", "extra.date", "extra.dependency"]);
    expect(wrong({ kind: "no_criminal_record", extra: { full_name: "M", purpose: "Trabajo" } })).toEqual(["extra.curp"]);
    expect(wrong({ kind: "no_criminal_record", extra: { full_name: "M", purpose: "Trabajo", birth_date: "1990-01-01", birth_place: "Nogales" } })).toEqual([]);
  });
});

describe("what is sent", () => {
  it("leaves out values that are only masked", () => {
    const fields = toFields({ ...whole, requester: { ...whole.requester, phone: "662 ••• •001" } });
    expect(fields["requester"]).toEqual({ names: "María" });
  });
  it("names the place outside Sonora in the place of a locality", () => {
    const fields = toFields({ ...whole, municipality: OUTSIDE, outside_place: "Arizona" });
    expect(fields).toMatchObject({ municipality: OUTSIDE, outside_place: "Arizona" });
    expect(fields).not.toHaveProperty("locality");
  });
  it("holds only the extra fields of its kind", () => {
    expect(toFields({ ...whole, kind: "support", extra: { dependants: "3", support_type: "Despensa", facts: "x" } })["extra"]).toEqual({ dependants: "3", support_type: "Despensa" });
  });
});

describe("a guess", () => {
  it("fills what nobody has touched, and nothing else", () => {
    const guesses = { subject: { value: "Bache adivinado", reason: "text" }, category: { value: "SP02", reason: "luz" }, phone: { value: "6625000001", reason: "text" } };
    const form = withPrefill({ ...EMPTY, category: "SP01" }, guesses, new Set(["category"]));
    expect(form).toMatchObject({ subject: "Bache adivinado", category: "SP01", requester: { phone: "6625000001" } });
  });
  it("never puts a value of another type into a field", () => expect(withPrefill(EMPTY, { subject: { value: 5, reason: "text" } }, new Set()).subject).toBe(""));
});
