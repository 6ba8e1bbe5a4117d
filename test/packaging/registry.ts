import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { execa } from "execa";
import { repository } from "../../packages/vitest/test/consumer.ts";

export interface Registry {
  readonly url: string;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Packed {
  readonly name: string;
  readonly version: string;
  readonly tarball: string;
  readonly content: Buffer;
  readonly manifest: object;
}

/**
 * The registry as it will be once the packages are published: packs all four into `folder` and
 * answers for them, and sends everything else on to the registry that this machine uses.
 */
export async function serveRegistry(folder: string): Promise<Registry> {
  const [packed, upstream] = await Promise.all([packAll(folder), configuredRegistry()]);
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/").slice(1);
    const tarball = packed.find((it) => path === it.tarball);
    const own = packed.find((it) => path === it.name);
    if (tarball !== undefined) {
      response.end(tarball.content);
    } else if (own !== undefined) {
      // Another build has the same version: nobody may keep this answer.
      response.setHeader("cache-control", "no-store");
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(packument(own, `http://${request.headers.host}`)));
    } else {
      const location = new URL((request.url ?? "/").slice(1), upstream).href;
      response.writeHead(302, { location }).end();
    }
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
    });
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function packAll(folder: string): Promise<Packed[]> {
  const packages = readdirSync(join(repository, "packages"));
  for (const name of packages) {
    if (existsSync(join(repository, "packages", name, "dist"))) continue;
    throw new Error(`packages/${name} has no dist: run \`npm run build\` before this test.`);
  }
  await execa("npm", ["pack", "--workspaces", "--pack-destination", folder], { cwd: repository });
  return packages.map((name) => {
    const manifest: { name: string; version: string } = JSON.parse(
      readFileSync(join(repository, "packages", name, "package.json"), "utf8"),
    );
    const stem = manifest.name.replace("@", "").replace("/", "-");
    const tarball = `${stem}-${manifest.version}.tgz`;
    const content = readFileSync(join(folder, tarball));
    return { name: manifest.name, version: manifest.version, tarball, content, manifest };
  });
}

function packument({ name, version, tarball, content, manifest }: Packed, origin: string): object {
  const integrity = `sha512-${createHash("sha512").update(content).digest("base64")}`;
  const dist = { tarball: `${origin}/${tarball}`, integrity };
  return {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist } },
  };
}

async function configuredRegistry(): Promise<string> {
  const { stdout } = await execa("npm", ["config", "get", "registry"], { cwd: repository });
  return stdout.trim();
}
