/** The telephone as the console starts it: its keys, its words, and its place on the screen once there is a provider. */
import { effect } from "@preact/signals";
import "./phone-keys";
import { hasProvider } from "./phone";
import { hasPhone } from "./ui";

effect(() => {
  hasPhone.value = hasProvider.value;
});
export { start, stop } from "./phone";
