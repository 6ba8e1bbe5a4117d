import { runCompose } from "../engine/compose-cli.ts";
import type { ConnectedEngine } from "../engine/connect.ts";
import { diskAdvice } from "../engine/disk-advice.ts";
import { RealServicesError } from "../errors.ts";
import { createMask } from "../secrets.ts";
import type { Settings } from "../settings.ts";
import type { ComposeModel } from "../stack/model.ts";
import { withoutOrder } from "../stack/without-order.ts";
import { type CreateConflict, judgeCreate } from "./create-conflict.ts";

export interface ComposeCreateRequest {
  readonly engine: ConnectedEngine;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  /** The environment's name. */
  readonly name: string;
  readonly model: ComposeModel;
  readonly projectFolder: string;
  /** Only these, and those whose namespaces they join. @default all */
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

/**
 * Lets Compose create networks, volumes and containers: what is missing, and what has changed.
 * Undefined when it worked; what stood in the way when another attempt, with another name or
 * subnet, can avoid it. Throws REAL_SERVICES_ENGINE_FAILED.
 */
export async function composeCreate(
  request: ComposeCreateRequest,
): Promise<CreateConflict | undefined> {
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
    input: JSON.stringify(withoutOrder(model)),
    env: settings.env,
    cwd: settings.cwd,
    timeoutMs: CREATE_MS,
    graceMs: ABORT_GRACE_MS,
    endpoint: engine.client.endpoint,
    signal,
  });
  const kind = judgeCreate(result.failed, result.stderr);
  if (!result.failed && kind === undefined) return undefined;
  // The model has every variable's value, and so may what is said about it.
  const said = createMask(model)(lastWords(result.stderr));
  if (kind !== undefined) return { kind, said };
  throw new RealServicesError(
    "REAL_SERVICES_ENGINE_FAILED",
    `Compose could not create the environment: ${said}`,
    {
      received: name,
      hint: diskAdvice(said) ?? "The message names the service or the file in question.",
    },
  );
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
