import { runCompose } from "../engine/compose-cli.ts";
import type { ConnectedEngine } from "../engine/connect.ts";
import { RealServicesError } from "../errors.ts";
import { createMask } from "../secrets.ts";
import type { Settings } from "../settings.ts";
import type { ComposeModel } from "../stack/model.ts";
import { isFirewallBusy } from "./xtables-lock.ts";

export interface ComposeCreateRequest {
  readonly engine: ConnectedEngine;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  /** The environment's name. */
  readonly name: string;
  readonly model: ComposeModel;
  readonly projectFolder: string;
  /** Only these, and what they depend on. @default all */
  readonly services?: readonly string[];
  /** Further flags of `docker compose create`. @default none */
  readonly flags?: readonly string[];
}

const CREATE_MS = 120_000;
/**
 * The engine finishes what it was asked for, whether or not the asker still lives. A Compose that
 * is killed in the middle leaves containers that appear after everything else was removed.
 */
const ABORT_GRACE_MS = 5_000;

/** What another name, port or subnet works around; everything else is the user's to mend. */
const CONFLICTS: readonly RegExp[] = [
  // Engine ≤ 26, 27+, and what the kernel says of a subnet that a route or an interface has.
  /pool overlaps with other one on this address space/i,
  /could not find an available, non-overlapping .* address pool/i,
  /all predefined address pools have been fully subnetted/i,
  /invalid pool request/i,
  /numerical result out of range|cannot program address .* conflicts with existing route/i,
  /conflicts with network [0-9a-f]+ .*: networks have same bridge name/i,
  /Conflict\. The (?:container )?name "[^"]+" is already in use/i,
  /network with name \S+ already exists|network \S+ is ambiguous/i,
  // Removed by somebody's prune between its creation and the container's.
  /network \S+ not found|No such network/i,
];

/**
 * Lets Compose create networks, volumes and containers: what is missing, and what has changed.
 * Undefined when it worked; the engine's words when something stood in the way that another
 * attempt with other names and subnets can avoid. Throws REAL_SERVICES_ENGINE_FAILED.
 */
export async function composeCreate(request: ComposeCreateRequest): Promise<string | undefined> {
  const {
    engine,
    settings,
    signal,
    name,
    model,
    projectFolder,
    services = [],
    flags = [],
  } = request;
  const result = await runCompose({
    args: [
      ...["-p", name, "--project-directory", projectFolder, "-f", "-"],
      ...["create", "--no-build", "--pull", "never", ...flags, "--", ...services],
    ],
    input: JSON.stringify(model),
    env: settings.env,
    cwd: settings.cwd,
    timeoutMs: CREATE_MS,
    graceMs: ABORT_GRACE_MS,
    endpoint: engine.client.endpoint,
    signal,
  });
  if (!result.failed) return undefined;
  // The model has every variable's value, and so may what is said about it.
  const said = createMask(model)(lastWords(result.stderr));
  const isConflict = CONFLICTS.some((pattern) => pattern.test(result.stderr));
  if (isConflict || isFirewallBusy(result.stderr)) return said;
  throw new RealServicesError(
    "REAL_SERVICES_ENGINE_FAILED",
    `Compose could not create the environment: ${said}`,
    { received: name, hint: adviceFor(said) },
  );
}

function adviceFor(said: string): string {
  return /no space left on device|disk quota exceeded/i.test(said)
    ? "The engine's disk is full: `docker system df` shows what takes the room."
    : "The message names the service or the file in question.";
}

function lastWords(stderr: string): string {
  const lines = stderr.trim().split("\n");
  return (
    lines
      .filter((line) => !/^\s*(?:Network|Container|Volume) /.test(line))
      .slice(-3)
      .join(" ")
      .trim() ||
    lines.at(-1) ||
    ""
  );
}
