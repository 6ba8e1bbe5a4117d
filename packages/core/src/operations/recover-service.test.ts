import { expect, test } from "vitest";
import { RealServicesError } from "../errors.ts";
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
