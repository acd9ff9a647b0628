/** One petition, whole: where it stands, what it says, what was done, in which contacts; and what may be done next. */
import { useState } from "preact/hooks";
import { openDial } from "../../call";
import { can, now } from "../../store";
import { openPlan } from "../../ui";
import { when } from "../../format";
import { Menu } from "../../ui/Menu";
import { SidePanel } from "../../ui/SidePanel";
import { Tabs } from "../../ui/Tabs";
import { toast } from "../../ui/Toast";
import { word } from "../parts/codes";
import { Loaded } from "../parts/Loaded";
import { useRead } from "../parts/read";
import { tr } from "../parts/records";
import { StateTag } from "../Petitions";
import { FollowUpForm } from "./FollowUpForm";
import { MoveForm } from "./MoveForm";
import { inOrder } from "./moves";
import { PetitionData } from "./PetitionData";
import { PetitionEdit } from "./PetitionEdit";
import { FollowUps, Links } from "./PetitionHistory";
import { PetitionReassign } from "./PetitionReassign";
import { fullName, type PetitionFile } from "./types";

/** The number of whoever asked, as it is shown: masked. */
function phoneOf(file: PetitionFile): string | null {
  const phone = file.petition.requester["phone"];
  return typeof phone === "string" && phone !== "" ? phone : null;
}

interface Props { folio: string; onClose: () => void; onChanged: () => void }

export function PetitionPanel({ folio, onClose, onChanged }: Props) {
  const read = useRead<PetitionFile>(`petitions/${encodeURIComponent(folio)}`);
  const [tab, setTab] = useState<"data" | "follow" | "contacts">("data");
  const [move, setMove] = useState<string | null>(null);
  const [reassigning, setReassigning] = useState(false);
  const [editing, setEditing] = useState(false);
  const file = read.data;
  const changed = async (): Promise<void> => {
    await read.again();
    onChanged();
  };
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(folio);
    toast(tr("copied", { folio }), { kind: "ok" });
  };
  if (editing && file !== null) {
    return <PetitionEdit key={file.petition.version} petition={file.petition} onClose={() => setEditing(false)} onSaved={() => { setEditing(false); void changed(); toast(tr("saved"), { kind: "ok" }); }} />;
  }
  const may = (action: string): boolean => file?.can?.includes(action) ?? can(action);
  const moves = file === null || !may("petition.move") ? [] : inOrder(file.moves);
  const others = [
    ...moves.slice(1).map((one) => ({ label: word("move", one), run: () => setMove(one) })),
    ...(may("petition.reassign") ? [{ label: tr("reassign"), run: () => setReassigning(true) }] : []),
  ];
  const actions = file === null ? undefined : (
    <>
      {moves[0] !== undefined && <button type="button" class="primary" onClick={() => setMove(moves[0] ?? null)}>{word("move", moves[0])}</button>}
      {others.length > 0 && <Menu label={tr("otherMoves")} button={<>{tr("otherMoves")} ▾</>} buttonClass="" align="start" items={others} />}
      {can("call.use") && file.petition.citizen !== null && <button type="button" onClick={() => openDial({ citizen: file.petition.citizen ?? "", label: fullName(file.petition.requester) || folio, phone: phoneOf(file), folio, purpose: "inform" })}>{tr("call")}</button>}
      {may("petition.edit") && <button type="button" onClick={() => setEditing(true)}>{tr("edit")}</button>}
      {can("callback.plan") && <button type="button" aria-keyshortcuts="A" onClick={() => openPlan({ folio })}>{tr("planCall")} <kbd aria-hidden="true">A</kbd></button>}
    </>
  );
  return (
    <SidePanel
      title={folio} subject={folio} onClose={onClose} actions={actions}
      subtitle={file !== null && <><StateTag row={file.petition} /><span>{tr("receivedAt", { when: when(file.petition.received_at, now.peek()) })}</span><button type="button" class="link" onClick={() => void copy()}>{tr("copyFolio")}</button></>}
    >
      <Loaded read={read} shape="text" lines={10}>
        {(one) => (
          <>
            <p class="petition-title">{one.petition.subject}</p>
            <Tabs
              label={tr("petition")} selected={tab} onSelect={setTab}
              tabs={[{ key: "data", label: tr("data") }, { key: "follow", label: `${tr("followUps")} ${one.follow_ups.length}` }, { key: "contacts", label: `${tr("contacts")} ${one.interactions.filter((link) => !link.unlinked_at).length}` }]}
            >
              {tab === "data" && <PetitionData file={one} />}
              {tab === "follow" && <>{may("petition.follow_up") && <FollowUpForm folio={folio} onDone={() => void changed()} />}<FollowUps rows={one.follow_ups} /></>}
              {tab === "contacts" && <Links rows={one.interactions} />}
            </Tabs>
          </>
        )}
      </Loaded>
      {reassigning && file !== null && <PetitionReassign petition={file.petition} onClose={() => setReassigning(false)} onDone={() => { setReassigning(false); void changed(); }} />}
      {move !== null && file !== null && <MoveForm petition={file.petition} event={move} onClose={() => setMove(null)} onDone={() => { setMove(null); void changed(); }} onStale={() => { setMove(null); void changed(); }} />}
    </SidePanel>
  );
}
