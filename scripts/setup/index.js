#!/usr/bin/env node
import { engine } from "./engine.js";
import { acquireLock } from "./lock.js";
import { SetupError, step } from "./report.js";

await acquireLock((pid) => console.log(`waiting for the set-up of process ${pid}`));
try {
  await step("engine", engine);
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
}
