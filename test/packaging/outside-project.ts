import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, sep } from "node:path";
import { execa } from "execa";
import { repository, uniqueName } from "../../packages/vitest/test/consumer.ts";
import { findEnvironments, removeEnvironments } from "../../packages/vitest/test/engine.ts";
import { serveRegistry } from "./registry.ts";

/** A user's project in a folder of its own, before anything of ours is installed. */
export interface OutsideProject {
  readonly folder: string;
  /** One command line as a user would type it there. Throws when it fails. */
  readonly run: (line: string, env?: Readonly<Record<string, string>>) => Promise<Ran>;
  /** The files of the project with their contents, without what is installed. */
  readonly files: () => Map<string, string>;
  /** The environments of this project that are on the engine. */
  readonly environments: () => Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
}

const COMPOSE = `services:
  postgres:
    image: \${POSTGRES_IMAGE:-real-services/postgres:15}
    environment:
      POSTGRES_PASSWORD: secret
    ports: ["5432:5432"]
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U postgres"]
      interval: 5s
      retries: 10
  redis:
    image: \${REDIS_IMAGE:-real-services/redis:7}
    ports: ["6379:6379"]
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
      interval: 5s
      retries: 10
`;

const MANIFEST = {
  name: "shop",
  private: true,
  type: "module",
  scripts: { test: "vitest" },
  // npm asks its users for this decision. What would be built is optional and takes seconds.
  allowScripts: { "cpu-features": false, protobufjs: false, ssh2: false },
};

const UNIT_TEST = `import { expect, test } from "vitest";

test("adds", () => {
  expect(1 + 2).toBe(3);
});
`;

/** Made outside the repository, with a registry that has the packages as they are built here. */
export async function createProject(): Promise<OutsideProject> {
  const root = mkdtempSync(join(tmpdir(), "real-services-packaging-"));
  const folder = join(root, "shop");
  const bin = join(root, "bin");
  for (const it of [folder, bin]) mkdirSync(it);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(MANIFEST, null, 2)}\n`);
  writeFileSync(join(folder, "compose.yaml"), COMPOSE);
  writeFileSync(join(folder, "sum.test.ts"), UNIT_TEST);
  symlinkSync(process.execPath, join(bin, "node"));
  symlinkSync(join(repository, "node_modules/pnpm/bin/pnpm.cjs"), join(bin, "pnpm"));

  const name = uniqueName();
  const registry = await serveRegistry(root);
  const env = {
    ...outsideEnvironment(bin),
    COMPOSE_PROJECT_NAME: name,
    NO_COLOR: "1",
    // pnpm keeps what a registry says by its address, and this one is never met again.
    XDG_CACHE_HOME: join(root, "cache"),
    npm_config_registry: registry.url,
    npm_config_prefer_offline: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    // A user's lock file says where each package was found.
    npm_config_omit_lockfile_registry_resolved: "false",
  };
  return {
    folder,
    run: async (line, more) => {
      const { exitCode, all, stdout, stderr } = await execa(line, {
        shell: true,
        all: true,
        reject: false,
        stdin: "ignore",
        cwd: folder,
        extendEnv: false,
        env: { ...env, ...more },
      });
      if (exitCode !== 0) throw new Error(`\`${line}\` ended with ${exitCode}:\n${all}`);
      return { stdout, stderr };
    },
    files: () => {
      const names = globSync(["*.*", ".*", "test/*"], { cwd: folder }).sort();
      return new Map(names.map((it) => [it, readFileSync(join(folder, it), "utf8")]));
    },
    environments: () => findEnvironments(name),
    [Symbol.asyncDispose]: async () => {
      await removeEnvironments(name);
      await registry[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** What this test runs in: Vitest, an npm script, a run of real services. */
const INSIDE =
  /^(VITEST|REAL_SERVICES|COMPOSE_|npm_|(INIT_CWD|NODE|NODE_ENV|NODE_OPTIONS|NODE_PATH|FORCE_COLOR|CI|DEV|PROD|MODE|SSR|TEST)$)/;
/** How packages are reached from this machine; npm hands it on to its scripts. */
const NETWORK =
  /^npm_config_(cache|ca|cafile|https?_proxy|proxy|noproxy|strict_ssl|userconfig|globalconfig)$/;

/** What a user's terminal has: this very Node, and nothing of the repository. */
function outsideEnvironment(bin: string): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (!INSIDE.test(entry[0]) || NETWORK.test(entry[0])),
  );
  const path = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((it) => !it.includes(`${sep}node_modules${sep}`) && !it.endsWith("node-gyp-bin"));
  return { ...Object.fromEntries(kept), PATH: [bin, ...path].join(delimiter) };
}
