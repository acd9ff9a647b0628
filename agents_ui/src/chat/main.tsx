/** The citizen's chat, on /chat and inside the widget's frame. */
import { render } from "preact";
import { App } from "./App";
import { paint } from "./config";

void paint();
const root = document.getElementById("app")!;
root.textContent = "";
render(<App />, root);
