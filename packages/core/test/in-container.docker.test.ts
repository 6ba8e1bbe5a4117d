/** Tests that themselves run in a container of the engine reach the published ports: on its network's gateway. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LifecycleEvent } from "../src/events.ts";
import { listLabelled } from "./engine-api.ts";
import { eventually } from "./scenario.ts";

const IMAGE = process.env["PEER_IMAGE"] ?? "real-services/peer:1";
/** Any image with the libraries that Node.js needs. */
const NODE_IMAGE = process.env["NODE_IMAGE"] ?? "real-services/node:18";
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const ROOT = resolve(import.meta.dirname, "../../..");
const WORKER = resolve(import.meta.dirname, "life-worker.ts");
const SOCKET = "/var/run/docker.sock";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "in-container-"));
  // Without a health check it is the published port that decides: seen from inside the container.
  writeFileSync(
    join(folder, "compose.yaml"),
    `services: { web: { image: "${IMAGE}", ports: ["18600:8000"] } }`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["with the engine's socket mounted", []],
  ...(IS_SOAK ? [["on the host's network loopback is right", ["--network", "host"]] as const] : []),
] as const)("%s; nobody sees the owner, so it says that it lives", async (_case, args) => {
  await using volumes = followVolumes();
  const events = await runInside(args);
  expect(events.some(({ type }) => type === "environment:ready")).toBe(true);
  const [environment = ""] = events.flatMap((event) =>
    event.type === "services:planned" ? [event.environment] : [],
  );
  const isBeat = (name: string) => name.startsWith(`${environment}_heartbeat-`);
  await eventually(
    () => volumes.created,
    (names) => names.some(isBeat),
  );
  const left = (await listLabelled()).filter((one) => one.environment === environment);
  expect(left).toEqual([]);
});

/** The names of all volumes that are made on the engine from now on. */
function followVolumes(): AsyncDisposable & { readonly created: readonly string[] } {
  const created: string[] = [];
  const since = String(Math.floor(Date.now() / 1_000));
  const filter = ["--filter", "type=volume", "--filter", "event=create"];
  const format = ["--format", "{{.Actor.ID}}"];
  const listening = execa("docker", ["events", "--since", since, ...filter, ...format], {
    reject: false,
  });
  createInterface({ input: listening.stdout }).on("line", (name) => created.push(name));
  return {
    created,
    [Symbol.asyncDispose]: async () => {
      listening.kill();
      await listening;
    },
  };
}

async function runInside(args: readonly string[]): Promise<LifecycleEvent[]> {
  const docker = execFileSync("sh", ["-c", "command -v docker"], { encoding: "utf8" }).trim();
  const plugin = JSON.parse(
    execFileSync("docker", ["info", "-f", "{{json .ClientInfo.Plugins}}"], { encoding: "utf8" }),
  ).find(({ Name }: { Name: string }) => Name === "compose").Path;
  const mounts = [
    [SOCKET, SOCKET],
    [ROOT, ROOT],
    [folder, folder],
    [realpathSync(process.execPath), "/usr/local/bin/node24"],
    [realpathSync(docker), "/usr/local/bin/docker"],
    [realpathSync(plugin), "/usr/libexec/docker/cli-plugins/docker-compose"],
  ].flatMap(([from, to]) => ["-v", `${from}:${to}:ro`]);
  const { stdout } = await execa("docker", [
    ...["run", "--rm", "--user", "0:0", ...mounts, ...args, NODE_IMAGE],
    ...["node24", WORKER, folder, JSON.stringify({ timeoutMs: 60_000 })],
  ]);
  return stdout.split("\n").map((line) => JSON.parse(line));
}
