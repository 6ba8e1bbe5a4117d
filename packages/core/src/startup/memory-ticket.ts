import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Claim } from "../ownership/claim.ts";
import { deadOwnerTest } from "../ownership/dead-owner.ts";
import { stateFolder } from "../ownership/state-folder.ts";
import type { Ticket } from "./memory-decision.ts";

/**
 * A place in the queue: a file whose name sorts by the time of coming. It is a claim as well, so the
 * places of the dead are given back as their other claims are.
 */
export class TicketFile {
  readonly #folder = stateFolder("memory");
  readonly #engine: string;
  readonly #name: string;
  readonly #ticket: Ticket;
  readonly #claim: Claim;

  constructor(wanted: Omit<Ticket, "isAdmitted">, engineUrl: string, owner: string) {
    this.#claim = { nonce: randomUUID(), owner };
    this.#engine = createHash("sha256").update(engineUrl).digest("hex").slice(0, 16);
    this.#name = `${this.#engine}-${String(Date.now()).padStart(15, "0")}-${wanted.id}`;
    this.#ticket = { ...wanted, isAdmitted: false };
    this.#write(this.#ticket);
  }

  /** All of the living, in the order of their coming; the files of the dead are removed. */
  async readAll(): Promise<Ticket[]> {
    const isDead = deadOwnerTest();
    const tickets: Ticket[] = [];
    for (const name of readdirSync(this.#folder).toSorted()) {
      if (!name.startsWith(`${this.#engine}-`)) continue;
      const path = join(this.#folder, name);
      const entry = readTicket(path);
      if (entry === undefined) continue;
      if (await isDead(entry.owner)) rmSync(path, { force: true });
      else tickets.push(entry.ticket);
    }
    return tickets;
  }

  markAdmitted(): void {
    this.#write({ ...this.#ticket, isAdmitted: true });
  }

  remove(): void {
    rmSync(join(this.#folder, this.#name), { force: true });
  }

  /** Appears together with its content. */
  #write(ticket: Ticket): void {
    const draft = join(this.#folder, `.${this.#name}`);
    const content = JSON.stringify({ ...ticket, ...this.#claim });
    writeFileSync(draft, content, { flag: "wx", mode: 0o600 });
    renameSync(draft, join(this.#folder, this.#name));
  }
}

function readTicket(path: string): { ticket: Ticket; owner: string } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null) return undefined;
    const { id, environment, bytes, isAdmitted, owner } = { ...NO_TICKET, ...value };
    if (typeof id !== "string" || typeof environment !== "string") return undefined;
    if (typeof bytes !== "number" || typeof isAdmitted !== "boolean") return undefined;
    return typeof owner === "string"
      ? { ticket: { id, environment, bytes, isAdmitted }, owner }
      : undefined;
  } catch {
    return undefined;
  }
}

const NO_TICKET: Readonly<Record<keyof Ticket | "owner", unknown>> = {
  id: undefined,
  environment: undefined,
  bytes: undefined,
  isAdmitted: undefined,
  owner: undefined,
};
