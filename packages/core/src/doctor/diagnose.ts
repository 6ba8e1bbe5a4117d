import { statfs } from "node:fs/promises";
import { startCommand } from "../engine/command.ts";
import { imageOf } from "../engine/compose-images.ts";
import { readComposeVersion } from "../engine/compose-version.ts";
import type { ConnectedEngine } from "../engine/connect.ts";
import { readEngineNames } from "../engine/engine-names.ts";
import { type ResolvedStack, resolveStack } from "../engine/resolve-stack.ts";
import { RealServicesError } from "../errors.ts";
import { judgeEnvironments } from "../ownership/sweep.ts";
import type { Settings } from "../settings.ts";
import { memoryNeed } from "../stack/memory.ts";
import {
  countPorts,
  type EngineFacts,
  engineAway,
  examineEngine,
  PORTS,
} from "./examine-engine.ts";
import { examineStack } from "./examine-stack.ts";
import { type DoctorReport, type Finding, sortFindings } from "./finding.ts";
import { findMissingSources } from "./missing-sources.ts";

const MANIFEST_MS = 15_000;

/** Looks at the engine, its host and the stack, and changes nothing. Trouble becomes a finding, not an error. */
export async function diagnose(
  settings: Settings,
  connect: () => Promise<ConnectedEngine>,
): Promise<DoctorReport> {
  const [stack, engine] = await Promise.all([findStack(settings), connect().catch(engineAway)]);
  const findings: Finding[] = [];
  const facts: { about: string; text: string }[] = [];
  if ("level" in stack) findings.push(stack);
  else {
    const names = Object.keys(stack.model.services);
    facts.push({ about: "stack", text: names.join(", ") });
  }
  if ("level" in engine) findings.push(engine);
  else {
    const model = "level" in stack ? undefined : stack.model;
    const read = await readEngine(engine, model && memoryNeed(model, settings.memory));
    findings.push(...examineEngine(read));
    facts.push(...describe(read, engine));
  }
  if (!("level" in stack)) {
    const client = "level" in engine ? undefined : engine.client;
    const checkedByImage = new Set<string>();
    const [names, images, missingSources] =
      client === undefined
        ? [undefined, [], new Set<string>()]
        : await Promise.all([
            readEngineNames(client, stack.model),
            examineImages(stack, client, checkedByImage),
            findMissingSources(stack.model, client),
          ]);
    findings.push(...images);
    findings.push(...examineStack(stack.model, { engine: names, checkedByImage, missingSources }));
  }
  return { facts, findings: sortFindings(findings) };
}

async function findStack(settings: Settings): Promise<ResolvedStack | Finding> {
  try {
    return await resolveStack(settings);
  } catch (error) {
    if (!(error instanceof RealServicesError)) throw error;
    const isMissing =
      error.code === "REAL_SERVICES_NO_COMPOSE_FILE" && settings.compose === undefined;
    return {
      level: isMissing ? "note" : "error",
      about: "stack",
      problem: error.message,
      fix: error.hint ?? "Correct the file.",
    };
  }
}

async function readEngine(
  { client, clockOffsetMs, version, memoryBytes, dataFolder }: ConnectedEngine,
  need: number | undefined,
): Promise<EngineFacts> {
  const [networks, judged, composeVersion, freeDiskBytes] = await Promise.all([
    client.listNetworks(),
    judgeEnvironments({ engine: client, clockOffsetMs, olderThanMs: 0, dryRun: true }),
    readComposeVersion(),
    readFreeDisk(dataFolder, client.endpoint.connection.socketPath !== undefined),
  ]);
  return {
    version,
    composeVersion,
    subnets: networks.flatMap(({ subnets }) => subnets),
    portsInUse: countPorts(judged.flatMap(({ inventory }) => inventory.containers)),
    memoryBytes,
    memoryNeed: need,
    freeDiskBytes,
    orphans: judged
      .filter(({ decision }) => decision.orphan)
      .map(({ inventory }) => inventory.labels.environment),
  };
}

function describe(facts: EngineFacts, engine: ConnectedEngine): { about: string; text: string }[] {
  const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  return [
    { about: "engine", text: `${facts.version} at ${engine.client.endpoint.url}` },
    { about: "compose", text: facts.composeVersion ?? "not found" },
    { about: "memory", text: gib(facts.memoryBytes) },
    ...(facts.freeDiskBytes === undefined
      ? []
      : [{ about: "disk", text: `${gib(facts.freeDiskBytes)} free` }]),
    { about: "networks", text: `subnets in use: ${facts.subnets.length}` },
    { about: "ports", text: `${facts.portsInUse} of ${PORTS} in use by environments` },
  ];
}

/** Only of an engine on this very host: another one's path means nothing here. */
async function readFreeDisk(folder: string, isLocal: boolean): Promise<number | undefined> {
  if (!isLocal || folder === "") return undefined;
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** Images that would have to be pulled and cannot be. */
async function examineImages(
  { model }: ResolvedStack,
  client: ConnectedEngine["client"],
  checkedByImage: Set<string>,
): Promise<Finding[]> {
  const findings = await Promise.all(
    Object.entries(model.services).map(async ([name, service]): Promise<Finding[]> => {
      const image = imageOf(model, name);
      const found = await client.inspectImage(image);
      if (found?.hasCheck) checkedByImage.add(name);
      if (found !== undefined || service.build !== undefined) return [];
      const refusal = await manifestRefusal(image);
      if (refusal === undefined) return [];
      return [
        {
          level: "error",
          about: name,
          problem: `its image ${image} is not on the engine and cannot be pulled: ${refusal}`,
          fix: `See whether \`docker pull ${image}\` works; \`docker login\` where it needs one.`,
        },
      ];
    }),
  );
  return findings.flat();
}

/** Asked through the CLI, which knows the user's logins. */
async function manifestRefusal(image: string): Promise<string | undefined> {
  const { child, ended } = startCommand({
    program: "docker",
    args: ["manifest", "inspect", "--", image],
    cwd: ".",
    env: process.env,
    input: "",
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), MANIFEST_MS);
  const { failed, stderr } = await ended;
  clearTimeout(timer);
  if (!failed) return undefined;
  return stderr.trim().split("\n").at(-1) || "the registry does not answer";
}
