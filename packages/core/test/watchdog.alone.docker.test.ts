/**
 * The watchdog itself removes what its owner had, and writes down what it did. Alone, because the
 * sweep of any other acquire on the engine may be faster, and rightly so.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { EnvironmentManager } from "../src/manager.ts";
import { HOSTILE } from "./hostile-name.ts";
import { Owner } from "./owner.ts";
import { IMAGE, inspect, Scenario } from "./scenario.ts";
import { killWatchdogOf } from "./watchdogs.ts";

const STACK = {
  "compose.yaml": `
services: { db: { image: ${IMAGE}, command: [sleep, "600"], volumes: ["data:/data", "/anonymous"] } }
volumes: { data: {} }`,
};

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

// Of the two the group is the harder end.
test.each(IS_SOAK ? (["group", "owner"] as const) : (["group"] as const))(
  "SIGKILL of the %s: its watchdog removes everything, or the next sweep where that was killed as well",
  async (who) => {
    await using scenario = new Scenario(STACK);
    const state = join(scenario.folder, HOSTILE);
    await using first = new Owner(scenario, "hold", { REAL_SERVICES_STATE_DIR: state });
    await using second = new Owner(scenario, "hold", { REAL_SERVICES_STATE_DIR: state });
    const [name = "", orphan = ""] = await Promise.all(
      [first, second].map(async (owner) => {
        const name = await owner.says("ready");
        // The sweep of its acquire is done: from now on nobody else removes anything.
        await owner.says(`swept ${name}`);
        return name;
      }),
    );
    const { containers } = await scenario.remains();
    const mounts = await Promise.all(
      containers.map((id) => inspect(id, "range .Mounts}}{{.Name}} {{end")),
    );
    // The anonymous ones carry no label of ours.
    const volumes = mounts.flatMap((names) => names.trim().split(" "));
    expect(volumes).toHaveLength(4);

    await killWatchdogOf(second.pid);
    second.kill("SIGKILL");
    first.kill("SIGKILL", who);
    await Promise.all([first.end(), second.end(), first.watchdogEnds()]);
    expect((await scenario.remains()).containers).toHaveLength(1);
    const { decisions } = await new EnvironmentManager().cleanupOrphanedContainers();
    expect(decisions.find(({ environment }) => environment === orphan)).toMatchObject({
      action: "removed",
      reason: `owner process ${second.pid} is dead`,
    });
    await scenario.expectNothingLeft();
    const { stdout } = await execa("docker", ["volume", "ls", "-q"]);
    expect(stdout.split("\n").filter((volume) => volumes.includes(volume))).toEqual([]);

    expect(readdirSync(join(state, "environments"))).toEqual([name]);
    expect(readdirSync(join(state, "ports"))).toEqual([]);
    const folder = join(state, "environments", name);
    const log = join(folder, "watchdog.log");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(log).mode & 0o777).toBe(0o600);
    const said = readFileSync(log, "utf8");
    expect(said).toContain(`process ${first.pid} is gone; removing ${name}`);
    expect(said).toContain("removed 1 containers, 1 networks, 1 volumes");
    const files = readdirSync(scenario.folder, { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => file.endsWith("pwned"))).toEqual([]);
  },
);
