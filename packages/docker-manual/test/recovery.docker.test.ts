/** What is broken on purpose: `check-network` says where it breaks, recovery goes on until what helps. */
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandHost } from "./command-host.ts";
import { IMAGE, Workshop } from "./workshop.ts";

/** Its check needs its peer, and that nobody has left a mark in its own layer. */
const CHECK =
  "test ! -e /broken && exec perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => q(cache:8000), Timeout => 1) or die'";
const STACK = {
  "compose.yaml": `services:
  web:
    image: "${IMAGE}"
    depends_on: { cache: { condition: service_started } }
    healthcheck: { test: ${JSON.stringify(["CMD-SHELL", CHECK])}, interval: 1s, timeout: 10s, retries: 1 }
  cache: { image: "${IMAGE}", networks: { default: { aliases: [store] } } }
`,
};

let workshop: Workshop;
let host: CommandHost;
let name: string;
beforeAll(async () => {
  workshop = await Workshop.open(STACK);
  host = workshop.host();
  name = await workshop.start();
});
afterAll(async () => {
  host[Symbol.dispose]();
  await workshop[Symbol.asyncDispose]();
});

const run = (...args: string[]) => workshop.runIn(host, args);
const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
const breaksAt = async (from: string, to: string) => {
  const { breaksAt: step, steps } = await json("check-network", from, to);
  return [step, steps.at(-1).detail];
};
const idOf = async (service: string): Promise<string> =>
  (await json("inspect", service)).containers[0].id;
const network = async (action: "connect" | "disconnect", service: string) => {
  await execa("docker", ["network", action, `${name}_default`, await idOf(service)]);
};
const recovered = async () => {
  const { services } = await json("restart", "--recover", "--services", "web");
  const [{ helped, failed }] = services;
  return [...failed.map(({ step }: { step: string }) => step), helped];
};

test("a mark in the container's own layer: a new container", async () => {
  await run("exec", "-e", name, "web", "touch", "/broken");
  expect(await recovered()).toEqual(["restart service", "recreate container"]);
});

test("a name that is no longer known", async () => {
  await network("disconnect", "cache");
  await network("connect", "cache");
  expect(await breaksAt("web", "cache")).toEqual(["resolve", "cache does not resolve"]);
});

test("a peer that was taken off the network: it is put back, under all of its names", async () => {
  await network("disconnect", "cache");
  expect(await breaksAt("web", "cache")).toEqual(["network", "they share no network"]);
  expect(await recovered()).toEqual(["restart service", "recreate container", "reset network"]);
  expect(await breaksAt("web", "cache")).toEqual([undefined, "8000 open"]);
  const { stdout } = await run("exec", "-e", name, "web", "getent", "hosts", "store");
  expect(stdout).toMatch(/ store$/);
});

test("recreate puts what was taken off the network back on it, under its name", async () => {
  await network("disconnect", "web");
  expect((await run("recreate", "--services", "web")).exitCode).toBe(0);
  expect(await breaksAt("cache", "web")).toEqual([undefined, "8000 open"]);
});

test("one that has ended", async () => {
  await execa("docker", ["kill", await idOf("cache")]);
  expect(await breaksAt("web", "cache")).toEqual(["running", "cache is exited"]);
});
