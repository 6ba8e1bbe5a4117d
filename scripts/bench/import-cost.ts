import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { median } from "./statistics.ts";

/** What the plugin costs a run without the flag, in milliseconds beside Vitest itself. */
export interface ImportCost {
  readonly oursMs: number;
  readonly emptyMs: number;
  readonly addedMs: number;
  readonly budgetMs: number;
  /** Modules of ours and below that a run without the flag has loaded, Vitest's own not counted. */
  readonly modules: number;
  /** Those among them that it must not load. */
  readonly forbidden: readonly string[];
  readonly holds: boolean;
}

const BUDGET_MS = 15;
/** Cheap, and the numbers are small: more than for a stack. */
const ROUNDS_MORE = 3;
const FORBIDDEN = /\/node_modules\/(dockerode|docker-modem|testcontainers)\//;
const IDLE_PROJECT = fileURLToPath(new URL("./idle-project", import.meta.url));

export async function measureImport(rounds: number): Promise<ImportCost> {
  const ours: number[] = [];
  const empty: number[] = [];
  for (let round = 0; round < rounds * ROUNDS_MORE; round += 1) {
    empty.push(await timeImport("./empty-plugin.js"));
    ours.push(await timeImport("@real-services/vitest"));
  }
  const [oursMs, emptyMs] = [median(ours), median(empty)];
  const addedMs = oursMs - emptyMs;
  const loaded = await loadedWithoutFlag();
  const forbidden = loaded.filter((url) => FORBIDDEN.test(url));
  const holds = addedMs <= BUDGET_MS && forbidden.length === 0;
  const modules = loaded.filter((url) => /\/packages\/(core|reporter|vitest)\//.test(url)).length;
  return { oursMs, emptyMs, addedMs, budgetMs: BUDGET_MS, modules, forbidden, holds };
}

async function timeImport(specifier: string): Promise<number> {
  const worker = fileURLToPath(new URL("./import-worker.js", import.meta.url));
  const { stdout } = await execa(process.execPath, [worker, specifier]);
  return Number(stdout);
}

/** A whole run without the flag, and every module of it and of its workers. */
async function loadedWithoutFlag(): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "real-services-bench-"));
  try {
    await execa("vitest", ["run", "--root", IDLE_PROJECT], {
      preferLocal: true,
      env: {
        NODE_OPTIONS: `--import=${join(IDLE_PROJECT, "record-modules.ts")}`,
        BENCH_MODULES: join(folder, "modules"),
        REAL_SERVICES: "0",
      },
    });
    const files = await readdir(folder);
    const lists = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    const urls = [...new Set(lists.flatMap((list) => list.split("\n")))];
    // An empty list would say that nothing forbidden was loaded, whatever was.
    if (!urls.some((url) => /\/packages\/vitest\//.test(url))) {
      throw new Error("The run without the flag never loaded the plugin.");
    }
    return urls;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
