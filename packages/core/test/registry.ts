import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pack } from "tar-stream";

const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG = "application/vnd.docker.container.image.v1+json";
const LAYER = "application/vnd.docker.image.rootfs.diff.tar";

export interface RegistryOptions {
  /** `user:password` that every request has to come with. @default none */
  readonly login?: string;
  /** Asked in the middle of each blob that is named here: the rest comes when it resolves. */
  readonly onHalf?: (image: string) => Promise<unknown>;
}

/** A registry on this host that serves what it is given; the engine trusts 127.0.0.1. */
export class Registry implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: RegistryOptions;
  readonly #manifests = new Map<string, Buffer>();
  readonly #blobs = new Map<string, Buffer>();
  readonly #slow = new Map<string, string>();

  private constructor(options: RegistryOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(options: RegistryOptions = {}): Promise<Registry> {
    const registry = new Registry(options);
    registry.#server.listen(0, "127.0.0.1");
    await once(registry.#server, "listening");
    return registry;
  }

  get host(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("No port.");
    return `127.0.0.1:${address.port}`;
  }

  /** An image of these layers and one more that no engine has, which comes in two halves. */
  async add(name: string, layers: readonly Buffer[], command: readonly string[]): Promise<string> {
    const own = await ownLayer();
    this.#slow.set(digest(own), `${this.host}/${name}`);
    const all = [...layers, own];
    const config = json({
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: { Cmd: command },
      rootfs: { type: "layers", diff_ids: all.map(digest) },
    });
    for (const blob of [...all, config]) this.#blobs.set(digest(blob), blob);
    const describe = (mediaType: string, blob: Buffer) => {
      return { mediaType, size: blob.length, digest: digest(blob) };
    };
    const manifest = json({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: describe(CONFIG, config),
      layers: all.map((layer) => describe(LAYER, layer)),
    });
    const [path = "", tag = ""] = name.split(":");
    this.#manifests.set(`/v2/${path}/manifests/${tag}`, manifest);
    this.#manifests.set(`/v2/${path}/manifests/${digest(manifest)}`, manifest);
    return `${this.host}/${name}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = "", method } = request;
    const { login } = this.#options;
    const given = request.headers.authorization?.replace(/^Basic /, "") ?? "";
    if (login !== undefined && Buffer.from(given, "base64").toString() !== login) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      return;
    }
    const manifest = this.#manifests.get(url);
    const hash = /\/blobs\/(.+)$/.exec(url)?.[1] ?? "";
    const body = manifest ?? this.#blobs.get(hash);
    if (url !== "/v2/" && body === undefined) {
      response.writeHead(404).end();
      return;
    }
    const content = body ?? Buffer.from("{}");
    response.writeHead(200, {
      "content-type": manifest === undefined ? "application/octet-stream" : MANIFEST,
      "content-length": content.length,
      "docker-content-digest": digest(content),
    });
    if (method === "HEAD") {
      response.end();
      return;
    }
    const image = this.#slow.get(hash);
    const half = Math.floor(content.length / 2);
    if (image !== undefined) {
      response.write(content.subarray(0, half));
      await this.#options.onHalf?.(image);
    }
    response.end(content.subarray(image === undefined ? 0 : half));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Large enough for the engine to tell how it comes along; random, so that no engine has it. */
async function ownLayer(): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: "own" }, randomBytes(2 * 1024 * 1024));
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function digest(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
