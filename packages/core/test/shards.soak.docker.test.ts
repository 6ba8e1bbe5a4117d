/** Shards at once on one engine: processes of their own, each with its environment of the reference stack. */
import { resolve } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import type { LifecycleEvent } from "../src/events.ts";
import { expectNothingLabelled } from "./engine-state.ts";

const ROUNDS = 10;
const SHARDS = 8;
const ROOT = resolve(import.meta.dirname, "../../..");
const WORKER = resolve(import.meta.dirname, "life-worker.ts");

test(`${SHARDS} shards at once, ${ROUNDS} times: all ready, none with a conflict, nothing left`, {
  timeout: ROUNDS * 300_000,
}, async () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const shards = Array.from({ length: SHARDS }, (_, index) => ({
      index: index + 1,
      count: SHARDS,
    }));
    const runs = await Promise.all(
      shards.map((shard) =>
        execa(process.execPath, [WORKER, ROOT, JSON.stringify({ shard, timeoutMs: 240_000 })]),
      ),
    );
    const names = runs.map(({ stdout }, index) => {
      const events: LifecycleEvent[] = stdout.split("\n").map((line) => JSON.parse(line));
      const ready = events.find((event) => event.type === "environment:ready");
      expect(ready, `shard ${index + 1} of round ${round}`).toBeDefined();
      expect(events.filter(({ type }) => type === "conflict" || type === "warning")).toEqual([]);
      return ready?.environment ?? "";
    });
    expect(names.map((name) => /shard-(\d+)-of-\d+/.exec(name)?.[1])).toEqual(
      shards.map(({ index }) => String(index)),
    );
    await expectNothingLabelled("environment", names);
  }
});
