/** What the engine does not have is pulled: all at once, visibly, with the login that docker has kept. */
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, expect, test, vi } from "vitest";
import type { LifecycleEvent } from "../src/events.ts";
import { PEER_COMMAND, peerRootfs } from "./peer-rootfs.ts";
import { Registry } from "./registry.ts";
import { refusal, Scenario } from "./scenario.ts";

type Progress = Extract<LifecycleEvent, { type: "image:progress" }>;

const LOGIN = "user:of tests";

afterEach(() => {
  vi.unstubAllEnvs();
});

const stack = (images: Readonly<Record<string, string>>) => {
  const services = Object.entries(images).map(
    ([name, image]) => `  ${name}: { image: "${image}", ports: ["8000"] }`,
  );
  return `services:\n${services.join("\n")}\n`;
};

test("images come at the same time, each with its progress, from a registry that gets the login that docker has kept, and then run", async () => {
  const seen = new Set<string>();
  const all = Promise.withResolvers<void>();
  // Neither image is served to its end before both were seen half-way.
  await using registry = await Registry.start({ onHalf: () => all.promise, login: LOGIN });
  const rootfs = await peerRootfs();
  const images = {
    one: await registry.addImage("shop/one:1", [rootfs], PEER_COMMAND),
    two: await registry.addImage("shop/two:1", [rootfs], PEER_COMMAND),
  };
  const auth = Buffer.from(LOGIN).toString("base64");
  await using scenario = new Scenario({
    "compose.yaml": stack(images),
    "docker/config.json": JSON.stringify({
      auths: { [registry.host]: { auth } },
      // Compose may be installed among the user's own plugins.
      cliPluginsExtraDirs: [join(homedir(), ".docker", "cli-plugins")],
    }),
  });
  vi.stubEnv("DOCKER_CONFIG", join(scenario.folder, "docker"));
  const manager = scenario.manager();
  manager.subscribe((event) => {
    if (event.type !== "image:progress" || event.bytes === 0) return;
    if (event.bytes < event.totalBytes) seen.add(event.image);
    if (seen.size === 2) all.resolve();
  });
  try {
    const environment = await manager.acquireEnvironment();
    await manager.waitForServices();
    for (const { url } of Object.values(environment.services)) {
      expect((await fetch(`${url}/`)).status).toBe(200);
    }
    await manager.releaseEnvironment(environment.name);
  } finally {
    all.resolve();
    await execa("docker", ["rmi", "-f", ...Object.values(images)], { reject: false });
  }
  expect([...seen].toSorted()).toEqual(Object.values(images).toSorted());
  expect(scenario.story("image:pulling", "image:pulled")).toEqual([
    "image:pulling",
    "image:pulled",
  ]);
  for (const image of Object.values(images)) {
    const last = scenario.events.findLast(
      (event): event is Progress => event.type === "image:progress" && event.image === image,
    );
    expect(last).toMatchObject({ layers: 2, layersDone: 2, bytes: last?.totalBytes });
  }
  await scenario.expectNothingLeft();
});

test("of several images only the one that cannot be had is named", async () => {
  await using registry = await Registry.start();
  const images = {
    good: await registry.addImage("shop/good:1", [], []),
    bad: `${registry.host}/shop/bad:1`,
  };
  await using scenario = new Scenario({ "compose.yaml": stack(images) });
  try {
    const error = await refusal(scenario.manager().acquireEnvironment());
    expect(error.code).toBe("REAL_SERVICES_IMAGE_UNAVAILABLE");
    expect(error.received).toEqual([images.bad]);
    expect(error.message).not.toContain(images.good);
  } finally {
    await execa("docker", ["rmi", "-f", images.good], { reject: false });
  }
  await scenario.expectNothingLeft();
});

test("a registry that stalls costs the time that pulling may take, and no more", async () => {
  const end = Promise.withResolvers<void>();
  await using registry = await Registry.start({ onHalf: () => end.promise });
  const image = await registry.addImage("shop/stalled:1", [], []);
  await using scenario = new Scenario({ "compose.yaml": stack({ web: image }) });
  const error = await refusal(
    scenario.manager().acquireEnvironment({ pullTimeoutMs: 1_000 }),
    30_000,
  );
  expect(error).toMatchObject({ code: "REAL_SERVICES_TIMEOUT", received: [image] });
  expect(error.message).toContain(`${image} could not be pulled within 1 s`);
  expect(error.hint).toContain("pullTimeoutMs");
  end.resolve();
  await scenario.expectNothingLeft();
});
