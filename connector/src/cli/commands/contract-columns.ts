import type { ContractView } from "../api/views.js";
import { amounts, type Column, moment } from "../output.js";

/** One contract, whole. */
export const CONTRACT_FIELDS: readonly Column<ContractView>[] = [
  ["contract", (one) => one.contractID],
  ["state", (one) => one.state],
  ["message", (one) => (one.code === null ? one.message : `${one.code}: ${one.message ?? ""}`)],
  ["bought or sold", (one) => (one.role === "BUYER" ? "bought" : "sold")],
  ["provider", (one) => `${one.seller.prettyName} (${one.seller.clusterID}, ${one.seller.fingerprint})`],
  ["customer", (one) => `${one.buyer.prettyName} (${one.buyer.clusterID}, ${one.buyer.fingerprint})`],
  ["offer, plan", (one) => `${one.offerID}, ${one.planID}`],
  ["units", (one) => one.units],
  ["resources", (one) => amounts(one.resources)],
  ["price", (one) => one.money && `${one.money.total} ${one.money.currency} per ${one.money.period}`],
  ["requested", (one) => moment(one.created)],
  ["valid from", (one) => moment(one.validFrom)],
  ["valid until", (one) => moment(one.validUntil)],
  ["approve by", (one) => moment(one.approveBy)],
  ["possible now", (one) => one.allowedActions.join(", ").toLowerCase()],
];

/** Contracts in a list. */
export const CONTRACT_COLUMNS: readonly Column<ContractView>[] = [
  ["contract", (one) => one.contractID],
  ["side", (one) => (one.role === "BUYER" ? "bought" : "sold")],
  ["with", (one) => (one.role === "BUYER" ? one.seller : one.buyer).prettyName],
  ["state", (one) => one.state],
  ["offer", (one) => one.offerID],
  ["plan", (one) => one.planID],
  ["units", (one) => one.units],
  ["price", (one) => one.money && `${one.money.total} ${one.money.currency}/${one.money.period}`],
  ["until", (one) => moment(one.validUntil)],
];
