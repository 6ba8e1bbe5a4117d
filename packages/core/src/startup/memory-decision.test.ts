import { expect, test } from "vitest";
import { admit, type MemoryHolder, type Ticket } from "./memory-decision.ts";

const ticket = (id: string, bytes: number, isAdmitted = false): Ticket => ({
  id,
  environment: `env-${id}`,
  bytes,
  isAdmitted,
});
const held = (...entries: [string, number][]): ReadonlyMap<string, MemoryHolder> =>
  new Map(entries.map(([id, bytes]) => [id, { environment: `env-${id}`, bytes }]));

test.each<[string, Ticket[], ReadonlyMap<string, MemoryHolder>, "admitted" | "waits"]>([
  ["nobody else is there", [ticket("me", 60)], held(), "admitted"],
  ["there is room beside others", [ticket("me", 40)], held(["a", 60]), "admitted"],
  ["there is too little room", [ticket("me", 50)], held(["a", 60]), "waits"],
  [
    "another was admitted and is not created yet",
    [ticket("a", 60, true), ticket("me", 50)],
    held(),
    "waits",
  ],
  [
    "another was admitted and exists: it counts once",
    [ticket("a", 60, true), ticket("me", 40)],
    held(["a", 60]),
    "admitted",
  ],
  [
    "somebody who came first waits, though we would fit",
    [ticket("a", 80), ticket("me", 10)],
    held(["b", 60]),
    "waits",
  ],
  [
    "somebody who came later waits",
    [ticket("me", 40), ticket("a", 80)],
    held(["b", 60]),
    "admitted",
  ],
  ["we were admitted before", [ticket("me", 90, true)], held(["a", 60]), "admitted"],
  ["we need more than there is, and are alone", [ticket("me", 150)], held(), "admitted"],
  ["we need more than there is, and are not alone", [ticket("me", 150)], held(["a", 1]), "waits"],
  ["others hold nothing that is known", [ticket("me", 150)], held(["a", 0]), "admitted"],
])("%s", (_case, tickets, holders, outcome) => {
  expect(admit("me", tickets, holders, 100).is).toBe(outcome);
});

test("who waits is told for whom, and how much is free", () => {
  const tickets = [ticket("a", 30, true), ticket("b", 70), ticket("me", 50)];
  expect(admit("me", tickets, held(["c", 60]), 100)).toEqual({
    is: "waits",
    free: 10,
    holders: [
      { environment: "env-c", bytes: 60 },
      { environment: "env-a", bytes: 30 },
      { environment: "env-b", bytes: 70 },
    ],
  });
});
