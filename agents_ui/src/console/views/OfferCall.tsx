/** What an offer of a call says more than that of a chat: the number, what the caller chose, what they asked for. */
import "../../styles/phone.css";
import { offers } from "../store";
import { factsOf } from "./CallFacts";

export default function OfferCall() {
  const item = offers.value[0];
  if (item?.call == null) return null;
  const parts = [item.call.number ?? "", ...factsOf(item)].filter((one) => one !== "");
  return <p class="offer-call num">{parts.join(" · ")}</p>;
}
