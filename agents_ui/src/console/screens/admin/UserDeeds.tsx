/** What is done to an account rather than written in it; each ends its sessions, and says so before. */
import { useState } from "preact/hooks";
import { command } from "../../api";
import { attempt } from "../../errors";
import { me } from "../../store";
import { Confirm } from "../../ui/Confirm";
import { Menu } from "../../ui/Menu";
import { toast } from "../../ui/Toast";
import type { UserRow } from "./types";
import { ta } from "./words";

type Deed = "password" | "totp" | "disable" | "enable";
interface Props { row: UserRow; onChanged: () => void; onPassword: (password: string) => void }

export function UserDeeds({ row, onChanged, onPassword }: Props) {
  const [deed, setDeed] = useState<Deed | null>(null);
  const isOff = row.disabled_at !== null;
  const run = async (one: Deed): Promise<void> => {
    const name = one === "password" ? "user.reset_password" : one === "totp" ? "user.reset_totp" : "user.disable";
    const fields = { user_id: row.id, ...(one === "disable" ? { disabled: true } : one === "enable" ? { disabled: false } : {}) };
    const answer = await attempt(() => command<{ password?: string }>(name, fields));
    setDeed(null);
    if (answer === null) return;
    onChanged();
    if (answer.password) onPassword(answer.password);
    else toast(ta(`done.${one}`, { name: row.name }), { kind: "ok" });
  };
  return (
    <>
      <Menu
        label={ta("moreDeeds")} button={<>{ta("moreDeeds")} ▾</>} buttonClass=""
        items={[
          { label: ta("do.password"), run: () => setDeed("password") },
          { label: ta("do.totp"), run: () => setDeed("totp"), disabled: !row.has_totp },
          isOff ? { label: ta("do.enable"), run: () => setDeed("enable") } : { label: ta("do.disable"), run: () => setDeed("disable"), danger: true, disabled: row.id === me.value?.id },
        ]}
      />
      {deed !== null && (
        <Confirm title={ta(`do.${deed}`)} confirm={ta(`do.${deed}`)} danger={deed === "disable"} onClose={() => setDeed(null)} onConfirm={() => run(deed)}>
          <p>{ta(`ask.${deed}`, { name: row.name })}</p>
        </Confirm>
      )}
    </>
  );
}
