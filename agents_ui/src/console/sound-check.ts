/** Hearing and being heard before the first call: three tones into a loudspeaker, and the loudness of a microphone. */

const TONES_HZ = [523, 659, 784];
const TONE_S = 0.28;

/** Plays three soft tones where calls will be heard; a browser that cannot choose a loudspeaker plays them on its own. */
export async function playTones(output: string): Promise<void> {
  const context = new AudioContext() as AudioContext & { setSinkId?: (id: string) => Promise<void> };
  if (output !== "" && context.setSinkId !== undefined) await context.setSinkId(output).catch(() => undefined);
  TONES_HZ.forEach((frequency, index) => {
    const at = context.currentTime + index * TONE_S;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.2, at + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + TONE_S - 0.02);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + TONE_S);
  });
  setTimeout(() => void context.close(), (TONES_HZ.length * TONE_S + 0.3) * 1000);
}

/** Follows how loud a microphone is, 0 to 1, ten times a second. Returns how to stop. Rejects when there is none. */
export async function meterOf(input: string, onLevel: (level: number) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: input === "" ? true : { deviceId: { exact: input } } });
  const context = new AudioContext();
  const ear = context.createAnalyser();
  ear.fftSize = 512;
  context.createMediaStreamSource(stream).connect(ear);
  const heard = new Uint8Array(ear.fftSize);
  const timer = setInterval(() => {
    ear.getByteTimeDomainData(heard);
    onLevel(loudness(heard));
  }, 100);
  return () => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
}

/** The loudness of samples around 128, as an ear takes it: 0 silence, 1 as loud as it gets. */
export function loudness(samples: Uint8Array): number {
  const square = samples.reduce((sum, one) => sum + ((one - 128) / 128) ** 2, 0) / Math.max(1, samples.length);
  return Math.min(1, Math.sqrt(square) * 3);
}
