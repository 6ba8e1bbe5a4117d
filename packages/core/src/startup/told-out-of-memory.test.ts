import { expect, test } from "vitest";
import type { ContainerAccount } from "../engine/engine-shapes.ts";
import { toldOutOfMemory } from "./told-out-of-memory.ts";

const killed = { state: "exited", exitCode: 137, oomKilled: false, memoryBytes: 1_000 };
const account = (changed: object = {}) => ({ ...killed, ...changed }) as ContainerAccount;

/** Each look has the next answer, the last one again and again. */
function engine(...answers: (ContainerAccount | undefined)[]) {
  let looks = 0;
  const look = async () => answers[Math.min(looks++, answers.length - 1)];
  return { look, looks: () => looks };
}

test("the cause of an end may come after it", async () => {
  const { look, looks } = engine(account(), account(), account({ oomKilled: true }));
  expect(await toldOutOfMemory(look)).toMatchObject({ oomKilled: true });
  expect(looks()).toBe(3);
});

test("who was killed for another reason, or is gone meanwhile, is not waited for without end", async () => {
  const { look, looks } = engine(account());
  const gone = engine(account(), undefined);
  const both = await Promise.all([toldOutOfMemory(look), toldOutOfMemory(gone.look)]);
  expect(both).toMatchObject([{ oomKilled: false }, { exitCode: 137 }]);
  expect(looks()).toBe(11);
});

test.each([
  ["no limit", { memoryBytes: undefined }],
  ["another exit code", { exitCode: 1 }],
  ["a container that runs again", { state: "running" }],
  ["what is known", { oomKilled: true }],
])("one look is enough: %s", async (_, changed) => {
  const { look, looks } = engine(account(changed));
  await toldOutOfMemory(look);
  expect(looks()).toBe(1);
});
