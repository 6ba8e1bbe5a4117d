/** Tests that themselves run in a container of the engine reach the published ports: on its network's gateway. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LifecycleEvent } from "../src/events.ts";

const IMAGE = process.env["PEER_IMAGE"] ?? "real-services/peer:1";
/** Any image with the libraries that Node.js needs. */
const NODE_IMAGE = process.env["NODE_IMAGE"] ?? "real-services/node:18";
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

test("with the engine's socket mounted", async () => {
  const events = await runInside([]);
  expect(events.some(({ type }) => type === "environment:ready")).toBe(true);
});

test("on the host's network loopback is right", async () => {
  const events = await runInside(["--network", "host"]);
  expect(events.some(({ type }) => type === "environment:ready")).toBe(true);
});

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
    ...["node24", WORKER, folder, JSON.stringify({ timeoutMs: 20_000 })],
  ]);
  return stdout.split("\n").map((line) => JSON.parse(line));
}
