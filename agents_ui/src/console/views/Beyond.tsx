/** What a message has beyond its words: files on their way or refused, corrections, reactions, a link to another contact. */
import type { Message } from "../../shared/protocol";
import { hour } from "../format";
import { link } from "../linking";
import { deskHash } from "../route";
import { can, openItem, state } from "../store";
import { tb, tbMaybe } from "../text/beyond";
import { channelName } from "./InboxItem";
import { Icon } from "./Icon";
import "../../styles/beyond.css";

interface Coming { id: string; kind: string; name: string; state: string; why?: string | null }
interface Data {
  media?: Coming[]; edited_at?: number; before?: string; deleted_at?: number; reactions?: string[]; reply_to?: number;
  location?: { latitude: number; longitude: number; name: string }; conversation?: string; channel?: string;
  subject?: string; folio?: string; quoted?: string; lost_files?: number; too_large?: boolean;
}

function Files({ files }: { files: Coming[] }) {
  return (
    <ul class="coming">
      {files.map((one) => (
        <li key={one.id} class={one.state === "arriving" ? "coming-file" : "coming-file coming-refused"}>
          <Icon name={one.state === "arriving" ? "clock" : "alert"} size={16} /> <bdi>{one.name}</bdi>
          <span class="muted">{one.state === "arriving" ? tb("arriving") : tbMaybe(`why.${one.why ?? one.state}`, tb("why.failed"))}</span>
        </li>
      ))}
    </ul>
  );
}

/** The line of what the house noted without words. */
function Line({ message, data }: { message: Message; data: Data }) {
  const code = message.code ?? "";
  if (code === "continues" || code === "continued") {
    return <>{tb(code, { channel: channelName(data.channel ?? "") })} {data.conversation !== undefined && <a href={deskHash(data.conversation)}>{tb("open")}</a>}</>;
  }
  return <>{tbMaybe(`line.${code}`, "")}</>;
}

/** A folio that a letter's subject cites, one key away from being linked. */
function Cited({ folio, conversation }: { folio: string; conversation: string }) {
  const item = openItem.value;
  const mayLink = item?.interaction === conversation && can("petition.link") && !item.petitions.includes(folio);
  return (
    <p class="beyond-line">
      <span>{tb("cites")}</span> <a class="folio" href={`#/peticiones/${encodeURIComponent(folio)}`}>{folio}</a>
      {mayLink && <> <button type="button" class="link" onClick={() => void link(item, folio)}>{tb("link")}</button></>}
    </p>
  );
}

export default function Beyond({ message, conversation }: { message: Message; conversation: string }) {
  const data = (message.data ?? {}) as Data;
  if (message.author.kind === "system") return <Line message={message} data={data} />;
  const answered = data.reply_to === undefined ? undefined : state.value?.threads[conversation]?.messages.find((one) => one.seq === data.reply_to);
  const files = data.media ?? [];
  return (
    <div class="beyond">
      {answered !== undefined && <p class="beyond-quote"><Icon name="reply" size={14} /> <span class="sr-only">{tb("answers")} </span><bdi>{answered.text.slice(0, 90)}</bdi></p>}
      {data.subject !== undefined && data.subject !== "" && <p class="beyond-line"><span>{tb("subject")}</span> <bdi>{data.subject}</bdi></p>}
      {data.folio !== undefined && <Cited folio={data.folio} conversation={conversation} />}
      {data.quoted !== undefined && <details class="beyond-line"><summary>{tb("quoted")}</summary><p class="beyond-before"><bdi>{data.quoted}</bdi></p></details>}
      {(data.lost_files ?? 0) > 0 && <p class="beyond-line"><Icon name="alert" size={14} /> {tb("lostFiles", { n: data.lost_files })}</p>}
      {data.too_large === true && <p class="beyond-line"><Icon name="alert" size={14} /> {tb("tooLarge")}</p>}
      {files.length > 0 && <Files files={files} />}
      {data.location !== undefined && <p class="beyond-line"><Icon name="pin" size={14} /> {tb("location")}</p>}
      {data.edited_at !== undefined && (
        <details class="beyond-line"><summary>{tb("edited", { time: hour(data.edited_at) })}</summary>{data.before !== undefined && <p class="beyond-before"><bdi>{data.before}</bdi></p>}</details>
      )}
      {data.deleted_at !== undefined && <p class="beyond-line"><Icon name="close" size={14} /> {tb("deleted", { time: hour(data.deleted_at) })}</p>}
      {(data.reactions ?? []).length > 0 && <p class="beyond-reactions" aria-label={tb("reactions")}>{(data.reactions ?? []).map((one) => <span key={one}>{one}</span>)}</p>}
    </div>
  );
}
