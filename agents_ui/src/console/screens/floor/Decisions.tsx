/** «¿Por qué llegó aquí?»: every decision about an item, the newest first, in words. */
import { now, queueName } from "../../store";
import { staffName } from "../../reference";
import { when } from "../../format";
import { Empty } from "../../ui/Empty";
import { Loaded } from "../parts/Loaded";
import { useRead } from "../parts/read";
import { ts } from "../parts/words";
import { decisionText, type Decision } from "./reasons";

export function Decisions({ item }: { item: string }) {
  const read = useRead<{ rows: Decision[] }>(`work/${item}/decisions`, {}, 5000);
  const names = { agent: (id: string | null) => staffName(id) || ts("somebody"), queue: (id: string | null) => queueName(id) ?? ts("anotherQueue") };
  return (
    <Loaded read={read} shape="text" lines={6}>
      {({ rows }) => rows.length === 0 ? <Empty title={ts("noDecisions")} /> : (
        <ol class="timeline" reversed>
          {[...rows].sort((a, b) => b.at - a.at).map((one, index) => {
            const { title, detail } = decisionText(one, names);
            return (
              <li key={`${one.at}/${index}`}>
                <time class="timeline-time num" dateTime={new Date(one.at).toISOString()}>{when(one.at, now.peek())}</time>
                <p><strong>{title}</strong></p>
                {detail !== "" && <p class="muted">{detail}</p>}
              </li>
            );
          })}
        </ol>
      )}
    </Loaded>
  );
}
