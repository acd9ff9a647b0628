/** What the house says by itself, in both languages; the names in braces of each text are kept as they were made. */
import type { Column } from "../../ui/Table";
import { day } from "../../format";
import { now } from "../../store";
import { useRead } from "../parts/read";
import { AdminList } from "./AdminList";
import { NoticeBanner } from "./Notice";
import { TextForm } from "./TextForm";
import type { Rows, SettingRow, TextRow } from "./types";
import { ta, taMaybe } from "./words";

export interface TextGroup { key: string; rows: TextRow[] }

const plain = (value: string | readonly string[]): string => (typeof value === "string" ? value : value.join(" "));
export const textTitle = (key: string): string => taMaybe(`text.${key}`, `${key.charAt(0).toUpperCase()}${key.slice(1).replaceAll("_", " ")}`);

const columns = (): Column<TextGroup>[] => [
  { key: "name", label: ta("name"), fixed: true, cell: (row) => <strong>{textTitle(row.key)}</strong> },
  { key: "text", label: ta("text"), width: "l", cell: (row) => <span class="clamp">{plain(row.rows.find((one) => one.locale === "es")?.value ?? row.rows[0]?.value ?? "")}</span> },
  { key: "languages", label: ta("languages"), width: "s", cell: (row) => row.rows.map((one) => one.locale.toUpperCase()).join(" · ") },
  { key: "key", label: ta("key"), hidden: true, cell: (row) => <code>{row.key}</code> },
  { key: "changed", label: ta("changed"), width: "s", cell: (row) => day(Math.max(...row.rows.map((one) => one.updated_at)), now.peek()) },
];

export function Texts() {
  const read = useRead<Rows<TextRow>>("admin/texts");
  const settings = useRead<Rows<SettingRow>>("admin/settings").data?.rows ?? [];
  const groups = new Map<string, TextRow[]>();
  for (const row of read.data?.rows ?? []) groups.set(row.key, [...(groups.get(row.key) ?? []), row]);
  const grouped = { ...read, data: read.data === null ? null : { rows: [...groups].map(([key, rows]) => ({ key, rows })) }, put: () => undefined };
  return (
    <AdminList
      title={ta("section.textos")} name="texts" read={grouped} columns={columns()} rowKey={(row) => row.key} action="admin.texts" empty={ta("noTexts")}
      text={(row) => `${row.key} ${textTitle(row.key)} ${row.rows.map((one) => plain(one.value)).join(" ")}`} intro={<NoticeBanner settings={settings} />}
      editor={(row, close) => (row === null ? null : <TextForm group={row} settings={settings} onClose={close} onChanged={() => void read.again()} />)}
    />
  );
}
