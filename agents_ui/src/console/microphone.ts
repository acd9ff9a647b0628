/** The microphone: whether the browser lets us have it, and asking for it, only ever from a click of the person. */

/** `missing`: there is none; `insecure`: the page came over plain http, where browsers give none. */
export type Permission = "granted" | "prompt" | "denied" | "missing" | "insecure";

/** What the browser would say if asked, without asking. */
export async function permission(): Promise<Permission> {
  if (typeof navigator.mediaDevices?.getUserMedia !== "function") return "insecure";
  try {
    const status = await navigator.permissions.query({ name: "microphone" as PermissionName });
    return status.state;
  } catch {
    return "prompt"; // a browser that does not tell is asked
  }
}

/** Asks for it and lets it go again. */
export async function ask(): Promise<Permission> {
  if (typeof navigator.mediaDevices?.getUserMedia !== "function") return "insecure";
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop();
    return "granted";
  } catch (error) {
    return error instanceof DOMException && error.name === "NotAllowedError" ? "denied" : "missing";
  }
}

export interface AudioDevice { id: string; label: string }
/** Microphones and loudspeakers by their names, which a browser tells once the microphone is allowed. */
export async function audioDevices(): Promise<{ inputs: AudioDevice[]; outputs: AudioDevice[] }> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const of = (kind: MediaDeviceKind): AudioDevice[] => all.filter((one) => one.kind === kind && one.deviceId !== "" && one.deviceId !== "default").map((one) => ({ id: one.deviceId, label: one.label }));
  return { inputs: of("audioinput"), outputs: of("audiooutput") };
}
