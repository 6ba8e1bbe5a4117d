/** A setup file: see `session/watch-logs.ts`. */
import { setTimeout as sleep } from "node:timers/promises";
import { readSlice } from "@real-services/core/logs";
import { afterEach, beforeEach, inject } from "vitest";
import { findOffence } from "./log-offence.ts";
import { provided } from "./test-file.ts";

/** A line reaches its file a little after it was written. */
const TRAILING_MS = 50;

const began = new WeakMap<object, number>();
const failOn = inject("realServicesFailOn");
const logFolder = provided()?.logFolder;

// First of all hooks before a test, and so the last after it.
beforeEach(({ task }) => {
  began.set(task, Date.now());
});

afterEach(async ({ task }) => {
  const fromMs = began.get(task);
  if (logFolder === undefined || fromMs === undefined || task.result?.state === "fail") return;
  const toMs = Date.now();
  await sleep(TRAILING_MS);
  const offence = findOffence(
    await readSlice(logFolder, { fromMs, toMs, maxLines: 10_000 }),
    failOn,
  );
  if (offence === undefined) return;
  const { maskFor, safeText } = await import("@real-services/reporter");
  const error = new Error(safeText(offence, maskFor(provided()?.services ?? {})));
  // It would point to this file.
  error.stack = `Error: ${error.message}`;
  throw error;
});
