import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "../../src/console/api";
import { useForm, type Form } from "../../src/console/screens/parts/form";
import { needed } from "../../src/console/screens/parts/formWords";

interface Values { name: string; place: string }
let host: HTMLElement;
let form: Form<Values>;
let sent: { values: Values; clientId: string }[];
let answer: (() => Promise<void>) | null;

function Probe({ initial = { name: "", place: "" } }: { initial?: Values }) {
  form = useForm<Values>({
    name: "prueba", initial, check: (values) => ({ name: needed("Nombre", values.name) }), refusal: (field, code) => `${field}: ${code}`,
    save: async (values, clientId) => {
      sent.push({ values, clientId });
      await answer?.();
    },
  });
  return <input id={form.id("name")} value={form.values.name} />;
}
const draw = (initial?: Values): void => void act(() => render(<Probe {...(initial === undefined ? {} : { initial })} />, host));
const submit = async (): Promise<boolean> => {
  let done = false;
  await act(async () => { done = await form.submit(); });
  return done;
};
const refuse = (error: ApiError) => (): Promise<void> => Promise.reject(error);

describe("a form", () => {
  beforeEach(() => {
    localStorage.clear();
    sent = [];
    answer = null;
    host = document.body.appendChild(document.createElement("div"));
  });
  afterEach(() => {
    render(null, host);
    host.remove();
  });

  it("says nothing about a field that was not left yet", () => {
    draw();
    expect(form.errorOf("name")).toBeNull();
    void act(() => form.leave("name")());
    expect(form.errorOf("name")).toBe("Falta este dato.");
    expect(form.summary).toEqual([]);
  });
  it("does not send what is wrong, and sums it up with the way to each field", async () => {
    draw();
    expect(await submit()).toBe(false);
    expect(sent).toEqual([]);
    expect(form.summary).toEqual([{ field: "prueba-name", text: "Nombre: falta este dato." }]);
  });
  it("uses the same client id after no answer, a new one after a refusal, a new one after a change", async () => {
    draw();
    void act(() => form.set("name", "Ana"));
    answer = refuse(new ApiError(0, "no_answer", ""));
    await submit();
    await submit();
    expect(sent[0]?.clientId).toBe(sent[1]?.clientId);
    answer = refuse(new ApiError(409, "changed_meanwhile", ""));
    await submit();
    await submit();
    expect(sent[2]?.clientId).toBe(sent[0]?.clientId);
    expect(sent[3]?.clientId).not.toBe(sent[2]?.clientId);
    void act(() => form.set("name", "Luis"));
    await submit();
    expect(sent[4]?.clientId).not.toBe(sent[3]?.clientId);
  });
  it("puts the service's refusals beside their fields until they are changed", async () => {
    draw();
    void act(() => form.set("name", "Ana"));
    answer = refuse(new ApiError(409, "username_taken", "", { name: "taken" }));
    await submit();
    expect(form.errorOf("name")).toBe("Taken");
    expect(form.summary).toEqual([{ field: "prueba-name", text: "name: taken" }]);
    void act(() => form.set("name", "Ana 2"));
    expect(form.errorOf("name")).toBeNull();
  });
  it("keeps what was typed when its panel is closed by accident, and forgets it once saved", async () => {
    draw();
    void act(() => form.set("place", "Hermosillo"));
    render(null, host);
    draw();
    expect(form.values.place).toBe("Hermosillo");
    expect(form.restored).toBe("yes");
    void act(() => form.set("name", "Ana"));
    expect(await submit()).toBe(true);
    render(null, host);
    draw();
    expect(form.values).toEqual({ name: "", place: "" });
    expect(form.restored).toBe("no");
  });
  it("says when the record was changed by somebody else meanwhile", () => {
    draw();
    void act(() => form.set("place", "Hermosillo"));
    render(null, host);
    draw({ name: "De otra persona", place: "" });
    expect(form.restored).toBe("changed");
    expect(form.values).toEqual({ name: "De otra persona", place: "Hermosillo" });
    void act(() => form.discard());
    expect(form.values.name).toBe("De otra persona");
    expect(form.dirty).toBe(false);
  });
});
