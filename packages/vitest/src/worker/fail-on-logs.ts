/** A setup file: see `session/watch-logs.ts`. */
import { setTimeout as sleep } from "node:timers/promises";
import { readSlice } from "@real-services/core/logs";
import { afterEach, beforeEach, inject } from "vitest";
import { findOffence } from "./log-offence.ts";
import { provided } from "./test-file.ts";

/** A service may still write of what it has answered, and a line takes a moment to reach its file. */
const TRAILING_MS = 50;

const began = new WeakMap<object, number>();
/** Until when lines have been looked at: a test that begins later has none of them. */
let seenMs = 0;
const failOn = inject("realServicesFailOn");
const logFolder = provided()?.logFolder;

// First of all hooks before a test, and so the last after it.
beforeEach(({ task }) => {
  began.set(task, Math.max(Date.now(), seenMs + 1));
});

afterEach(async ({ task }) => {
  const fromMs = began.get(task);
  if (logFolder === undefined || fromMs === undefined) return;
  // After a test that has failed as well: what it has caused is no fault of the next one.
  await sleep(TRAILING_MS);
  seenMs = Date.now();
  if (task.result?.state === "fail") return;
  const span = { fromMs, toMs: seenMs, maxLines: 10_000 };
  const offence = findOffence(await readSlice(logFolder, span), failOn);
  if (offence === undefined) return;
  const { maskFor, safeText } = await import("@real-services/reporter");
  const error = new Error(safeText(offence, maskFor(provided()?.services ?? {})));
  // It would point to this file.
  error.stack = `Error: ${error.message}`;
  throw error;
});
