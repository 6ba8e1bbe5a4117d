import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { RealServicesError } from "../errors.ts";
import type { Settings } from "../settings.ts";
import { findComposeFiles } from "../stack/compose-files.ts";
import { guardComposeFiles } from "../stack/file-guard.ts";
import { injectedVariables } from "../stack/injected-files.ts";
import type { ComposeModel } from "../stack/model.ts";
import { selectServices } from "../stack/select-services.ts";
import { runCompose } from "./compose-cli.ts";

/** The user's files as one canonical model, before isolation. */
export interface ResolvedStack {
  readonly model: ComposeModel;
  /** Folder that Compose takes for the project's: it holds the `.env` file. */
  readonly projectFolder: string;
  /** Values of the variables that configs and secrets are made of. */
  readonly variables: Readonly<Record<string, string>>;
  /** Equal for equal models. */
  readonly hash: string;
}

/** Compose reads a big stack in under a second; more means that something is wrong. */
const CONFIG_MS = 30_000;

/** Catches what the guard cannot see, such as a name that variables make remote. */
const NO_REMOTE_FILES = {
  COMPOSE_EXPERIMENTAL_GIT_REMOTE: "false",
  COMPOSE_EXPERIMENTAL_OCI_REMOTE: "false",
};

/**
 * Resolves the user's compose files by Compose itself, the only parser of them. Needs no engine.
 * @param onAsked called as soon as Compose is at work, unless it is never asked
 */
export async function resolveStack(
  settings: Settings,
  onAsked?: () => void,
): Promise<ResolvedStack> {
  const files = findComposeFiles(settings);
  await guardComposeFiles(files, settings.allowRemoteIncludes);
  let model = await readModel(files, settings, settings.profiles, onAsked);
  // A service behind a profile that is off can be asked for by name, as with `docker compose up`.
  if (settings.services.some((name) => model.services[name] === undefined)) {
    model = await readModel(files, settings, ["*"]);
  }
  model = selectServices(model, settings.services);
  const hash = createHash("sha256").update(JSON.stringify(model)).digest("hex").slice(0, 16);
  const variables = await readVariables(files, settings, injectedVariables(model));
  return { model, hash, variables, projectFolder: dirname(files[0] ?? settings.cwd) };
}

async function readModel(
  files: readonly string[],
  settings: Settings,
  profiles: readonly string[],
  onAsked?: () => void,
): Promise<ComposeModel> {
  const active = profiles.flatMap((profile) => ["--profile", profile]);
  const stdout = await config(files, settings, active, ["--format", "json"], onAsked);
  const model: ComposeModel = JSON.parse(stdout);
  return { ...model, services: model.services ?? {} };
}

/** Only Compose knows them all: some come from its `.env` file. */
async function readVariables(
  files: readonly string[],
  settings: Settings,
  names: readonly string[],
): Promise<Record<string, string>> {
  if (names.length === 0) return {};
  const lines = (await config(files, settings, [], ["--environment"])).split("\n");
  return Object.fromEntries(
    names.flatMap((name) => {
      const line = lines.find((candidate) => candidate.startsWith(`${name}=`));
      return line === undefined ? [] : [[name, line.slice(name.length + 1)]];
    }),
  );
}

async function config(
  files: readonly string[],
  settings: Settings,
  before: readonly string[],
  after: readonly string[],
  onAsked?: () => void,
): Promise<string> {
  const result = await runCompose({
    args: [...files.flatMap((file) => ["-f", file]), ...before, "config", ...after],
    env: { ...settings.env, ...(settings.allowRemoteIncludes ? {} : NO_REMOTE_FILES) },
    cwd: settings.cwd,
    timeoutMs: CONFIG_MS,
    ...(onAsked === undefined ? {} : { onSpawned: onAsked }),
    signal: settings.signal,
  });
  if (!result.failed) return result.stdout;
  throw new RealServicesError(
    "REAL_SERVICES_INVALID_COMPOSE_FILE",
    `Compose cannot read ${files.join(", ")}: ${lastWords(result.stderr)}`,
    { received: files, hint: "`docker compose config` with the same files shows the same." },
  );
}

/** Compose puts warnings first and the reason last. */
function lastWords(stderr: string): string {
  const lines = stderr
    .split("\n")
    .filter((line) => line.trim() !== "" && !/level=warning/.test(line));
  return lines.slice(-3).join(" ").trim() || "it gave no reason";
}
