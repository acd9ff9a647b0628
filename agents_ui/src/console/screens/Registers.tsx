/** The registers of calls: received and made, passed on, to inform and to ask; and what nobody captured. */
import "../../styles/registers.css";
import { route } from "../route";
import { Guard } from "./parts/Guard";
import { Audit } from "./registers/Audit";
import { Calls } from "./registers/Calls";
import { Requests } from "./registers/Requests";
import { Transfers } from "./registers/Transfers";

const PARTS: Readonly<Record<string, typeof Calls>> = { llamadas: Calls, transferidas: Transfers, informativas: Requests, "sin-captura": Audit };

export default function Registers() {
  const Part = PARTS[route.value.rest[0] ?? "llamadas"] ?? Calls;
  return <Guard action="register.read"><Part key={route.value.rest[0] ?? ""} /></Guard>;
}
