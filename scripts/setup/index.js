#!/usr/bin/env node
/**
 * Makes this machine ready, from nothing but Node.js 20: node modules, built packages, an engine
 * with Compose, the images of the fixtures. Each step looks first and does only what is missing,
 * so it may be run, interrupted and run again at any time.
 *
 *   node scripts/setup                  everything
 *   node scripts/setup --no-engine      node modules and packages only
 *   node scripts/setup --engine-only    the engine and its images only
 *   node scripts/setup --soak           everything, with the images of the long rounds
 */
import { parseArgs } from "node:util";
import { provideBaseImage } from "./base-image.js";
import { engine } from "./engine.js";
import { fixtureImages } from "./fixture-images.js";
import { acquireLock } from "./lock.js";
import { nodeModules } from "./node-modules.js";
import { builtPackages } from "./packages.js";
import { SetupError, step } from "./report.js";

/** Two lanes: what npm and what the engine need have nothing to do with each other. */
async function setUp({ code, engineAndImages, heavy }) {
  const lanes = [];
  if (code) lanes.push(lane(["node modules", nodeModules], ["packages", builtPackages]));
  if (engineAndImages) {
    lanes.push(
      lane(
        ["engine", engine],
        ["base image", provideBaseImage],
        ["fixture images", (status) => fixtureImages(status, { heavy })],
      ),
    );
  }
  // A lane that fails lets the other end: half an installation would be worse.
  const failures = (await Promise.allSettled(lanes)).filter(({ reason }) => reason);
  for (const { reason } of failures) {
    console.error(`\n${reason instanceof SetupError ? reason.message : (reason.stack ?? reason)}`);
  }
  return failures.length === 0;
}

async function lane(...steps) {
  for (const [name, work] of steps) await step(name, work);
}

const options = {
  "no-engine": { type: "boolean" },
  "engine-only": { type: "boolean" },
  soak: { type: "boolean" },
};
let values;
try {
  ({ values } = parseArgs({ options }));
} catch (error) {
  console.error(`${error.message}\nIt takes --no-engine or --engine-only, or neither, and --soak.`);
  process.exit(2);
}
await acquireLock((pid) => console.log(`waiting for the set-up of process ${pid} to end`));
const ok = await setUp({
  code: !values["engine-only"],
  engineAndImages: !values["no-engine"],
  heavy: values.soak ?? false,
});
process.exit(ok ? 0 : 1);
