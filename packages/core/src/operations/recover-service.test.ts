import { expect, test } from "vitest";
import { RealServicesError } from "../errors.ts";
import type { PortHolder } from "../ports/port-holder.ts";
import { PortConflict } from "../startup/port-conflict.ts";
import { RECOVERY_STEPS, type RecoveryStep, recoverService } from "./recover-service.ts";

const forever = new AbortController().signal;

test.each(RECOVERY_STEPS.map((step, index) => [step, index] as const))(
  "%s helps: nothing after it is tried",
  async (helps, index) => {
    const taken: RecoveryStep[] = [];
    const report = await recoverService(
      "db",
      async (step) => {
        taken.push(step);
        if (step !== helps) throw new Error(`${step} failed`);
      },
      forever,
    );
    expect(taken).toEqual(RECOVERY_STEPS.slice(0, index + 1));
    const failed = RECOVERY_STEPS.slice(0, index).map((step) => ({
      step,
      reason: `${step} failed`,
    }));
    expect(report).toEqual({ service: "db", helped: helps, failed });
  },
);

test("nothing helps: the last reason's code, and all that was tried", async () => {
  const take = () =>
    Promise.reject(new RealServicesError("REAL_SERVICES_SERVICE_EXITED", "It ended."));
  await expect(recoverService("db", take, forever)).rejects.toMatchObject({
    code: "REAL_SERVICES_SERVICE_EXITED",
    hint: expect.stringMatching(
      /restart service: It ended\.\n(.*\n){2}clean resources: It ended\./,
    ),
  });
});

test.each<[string, PortHolder | undefined, RecoveryStep[]]>([
  ["a process", { kind: "process", name: "node", pid: 4711 }, []],
  ["nobody who can be seen", undefined, []],
  ["a container of others", { kind: "container", name: "web", environment: undefined }, []],
  [
    "a container that may be an orphan",
    { kind: "container", name: "web", environment: "shop" },
    ["clean resources"],
  ],
])("its port is held by %s: only what may free it is tried", async (_who, holder, tried) => {
  const taken: RecoveryStep[] = [];
  const take = (step: RecoveryStep) => {
    taken.push(step);
    return Promise.reject(new PortConflict("db", 30_001, holder));
  };
  await expect(recoverService("db", take, forever)).rejects.toMatchObject({
    code: "REAL_SERVICES_CONFLICT",
    hint: expect.stringMatching(
      /(?:^|\n)Not tried, since it frees no port: recreate container, reset/,
    ),
    message: expect.stringMatching(/^Nothing helped “db”\. .* its port 30001 is held by/),
  });
  expect(taken).toEqual(["restart service", ...tried]);
});

test("a port that is lost at the last step is told with the steps before", async () => {
  const take = (step: RecoveryStep) =>
    Promise.reject(
      step === "clean resources" ? new PortConflict("db", 30_001, undefined) : new Error("No."),
    );
  await expect(recoverService("db", take, forever)).rejects.toMatchObject({
    hint: expect.stringMatching(/^Tried:\nrestart service: No\.\n(.*\n){3}See who it is, with/),
  });
});

test("who ends it is not kept waiting by further steps", async () => {
  const ending = new AbortController();
  const taken: RecoveryStep[] = [];
  const recovery = recoverService(
    "db",
    async (step) => {
      taken.push(step);
      ending.abort(new Error("enough"));
      throw new Error("cut short");
    },
    ending.signal,
  );
  await expect(recovery).rejects.toThrow("enough");
  expect(taken).toEqual(["restart service"]);
});
