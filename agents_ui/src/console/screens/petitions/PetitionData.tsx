/** What a petition says. Everything a citizen wrote is a text node. */
import type { ComponentChildren } from "preact";
import { nameOf, staffName } from "../../reference";
import { tMaybe } from "../../text";
import { word } from "../parts/codes";
import { dateText } from "../parts/dates";
import { tr } from "../parts/records";
import { fullName, type PetitionFile } from "./types";

function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  if (children === null || children === undefined || children === "") return null;
  return <><dt>{label}</dt><dd>{children}</dd></>;
}
const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

export function PetitionData({ file }: { file: PetitionFile }) {
  const { petition } = file;
  const place = petition.outside_place ?? [petition.locality, nameOf("municipalities", petition.municipality)].filter((part) => part !== null && part !== "").join(", ");
  const requester = petition.requester;
  return (
    <>
      <dl class="facts">
        <Fact label={tr("publicStatus")}>{petition.public_status}</Fact>
        <Fact label={tr("description")}>{petition.description}</Fact>
        <Fact label={tr("kind")}>{word("petitionKind", petition.kind)}{petition.confidential && <> <span class="tag tag-warn">{tr("confidential")}</span></>}</Fact>
        <Fact label={tr("category")}>{nameOf("categories", petition.category)}</Fact>
        <Fact label={tr("place")}>{place}</Fact>
        <Fact label={tr("location")}>{petition.location}</Fact>
        <Fact label={tr("priority")}>{petition.priority === "normal" ? null : word("priority", petition.priority)}</Fact>
        <Fact label={tr("due")}>{petition.due_on === null ? null : dateText(petition.due_on)}</Fact>
        {Object.entries(petition.extra).map(([name, value]) => <Fact key={name} label={tMaybe(`extra.${name}`, name.replaceAll("_", " "))}>{tMaybe(`extra.${name}.${text(value)}`, dateText(text(value)))}</Fact>)}
      </dl>
      <h3 class="section-title">{tr("requester")}</h3>
      <dl class="facts">
        <Fact label={tr("name")}>{fullName(requester) || tr("anonymous")}</Fact>
        <Fact label={tr("phone")}>{text(requester["phone"])}</Fact>
        <Fact label={tr("email")}>{text(requester["email"])}</Fact>
        <Fact label={tr("address")}>{text(requester["address"])}</Fact>
        <Fact label={tr("beneficiary")}>{fullName(petition.beneficiary)}</Fact>
        <Fact label={tr("beneficiaries")}>{petition.beneficiaries > 1 ? petition.beneficiaries : null}</Fact>
      </dl>
      <h3 class="section-title">{tr("attention")}</h3>
      <dl class="facts">
        <Fact label={tr("area")}>{nameOf("areas", petition.area)}</Fact>
        <Fact label={tr("responsible")}>{staffName(petition.responsible)}</Fact>
        <Fact label={tr("dependency")}>{nameOf("dependencies", petition.dependency)}</Fact>
        <Fact label={tr("copyTo")}>{(petition.copies ?? []).map((one) => nameOf("dependencies", one)).join(", ")}</Fact>
        <Fact label={tr("document")}>{petition.referral_document}</Fact>
        <Fact label={tr("accusedBody")}>{nameOf("dependencies", petition.accused_dependency)}</Fact>
        <Fact label={tr("externalReference")}>{petition.external_reference}</Fact>
        <Fact label={tr("medium")}>{word("medium", petition.medium)}</Fact>
        <Fact label={tr("duplicateOf")}>{petition.duplicate_of ? <a href={`#/peticiones/${encodeURIComponent(petition.duplicate_of)}`}>{petition.duplicate_of}</a> : null}</Fact>
        <Fact label={tr("cause")}>{petition.conclusion?.cause ? word("cause", petition.conclusion.cause) : null}</Fact>
      </dl>
    </>
  );
}
