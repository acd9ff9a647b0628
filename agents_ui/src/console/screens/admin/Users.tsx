/** Members of staff. */
import { when } from "../../format";
import { nameOf } from "../../reference";
import { now } from "../../store";
import type { Column } from "../../ui/Table";
import { word } from "../parts/codes";
import { useRead } from "../parts/read";
import { AdminList } from "./AdminList";
import type { Rows, UserRow } from "./types";
import { UserForm } from "./UserForm";
import { ta } from "./words";

const columns = (): Column<UserRow>[] => [
  { key: "name", label: ta("name"), fixed: true, cell: (row) => <><strong>{row.name}</strong>{row.disabled_at !== null && <> <span class="tag">{ta("disabled")}</span></>}</> },
  { key: "username", label: ta("username"), cell: (row) => row.username },
  { key: "roles", label: ta("roles"), cell: (row) => row.roles.map((role) => word("role", role)).join(", ") },
  { key: "queues", label: ta("queues"), cell: (row) => row.queues.map((one) => nameOf("queues", one.queue_id)).join(", ") },
  { key: "area", label: ta("area"), hidden: true, cell: (row) => nameOf("areas", row.area_id) },
  { key: "totp", label: ta("secondStep"), narrow: "hide", cell: (row) => (row.has_totp ? <span class="tag tag-ok">{ta("on")}</span> : <span class="muted">{ta("off")}</span>) },
  { key: "last", label: ta("lastLogin"), narrow: "hide", width: "s", cell: (row) => (row.last_login_at === null ? <span class="muted">{ta("never")}</span> : <span class="num">{when(row.last_login_at, now.peek())}</span>) },
];

export function Users() {
  const read = useRead<Rows<UserRow>>("admin/users");
  return (
    <AdminList
      title={ta("section.usuarios")} name="users" read={read} columns={columns()} rowKey={(row) => row.id} action="admin.users" create={ta("newUser")} empty={ta("noUsers")}
      text={(row) => `${row.name} ${row.username} ${row.email ?? ""} ${row.roles.map((role) => word("role", role)).join(" ")}`} isOff={(row) => row.disabled_at !== null}
      editor={(row, close) => <UserForm row={row} onClose={close} onChanged={() => void read.again()} />}
    />
  );
}
