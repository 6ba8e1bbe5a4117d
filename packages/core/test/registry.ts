import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

const DOCKER = "application/vnd.docker";

export interface RegistryOptions {
  /** `user:password` that every request has to come with. @default none */
  readonly login?: string;
  /** Asked in the middle of each image's own layer: the rest comes when it resolves. */
  readonly onHalf?: (image: string) => Promise<unknown>;
  /** What only speaks HTTPS gets this certificate. @default plain HTTP, which the engine accepts from 127.0.0.1 */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
}

interface Content {
  readonly type: string;
  readonly body: Buffer;
  /** The image whose own layer it is. */
  readonly image?: string;
}

/** A registry on this host that serves what it is given. */
export class Registry implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: RegistryOptions;
  /** By digest; manifests by `name:tag` as well. */
  readonly #content = new Map<string, Content>();

  private constructor(options: RegistryOptions) {
    this.#options = options;
    const { tls } = options;
    const listener: RequestListener = (request, response) => void this.#answer(request, response);
    this.#server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
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
  async addImage(
    name: string,
    layers: readonly Buffer[],
    command: readonly string[],
  ): Promise<string> {
    const image = `${this.host}/${name}`;
    const type = `${DOCKER}.image.rootfs.diff.tar`;
    const contents: Content[] = layers.map((body) => ({ type, body }));
    contents.push({ type, body: await ownLayer(), image });
    const config = json({
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: { Cmd: command },
      rootfs: { type: "layers", diff_ids: contents.map(({ body }) => digest(body)) },
    });
    this.#add(name, `${DOCKER}.distribution.manifest.v2+json`, {
      config: this.#describe({ type: `${DOCKER}.container.image.v1+json`, body: config }),
      layers: contents.map((content) => this.#describe(content)),
    });
    return image;
  }

  /** A compose file, as `docker compose publish` would have put it there. */
  addStack(name: string, compose: string): string {
    const type = `${DOCKER}.compose.file+yaml`;
    const file = this.#describe({ type, body: Buffer.from(compose) });
    this.#add(name, "application/vnd.oci.image.manifest.v1+json", {
      artifactType: `${DOCKER}.compose.project`,
      config: this.#describe({ type: `${DOCKER}.compose.config.empty.v1+json`, body: json({}) }),
      layers: [{ ...file, annotations: { "com.docker.compose.file": "compose.yaml" } }],
    });
    return `oci://${this.host}/${name}`;
  }

  #add(name: string, mediaType: string, fields: object): void {
    const manifest = { type: mediaType, body: json({ schemaVersion: 2, mediaType, ...fields }) };
    this.#content.set(name, manifest);
    this.#describe(manifest);
  }

  #describe(content: Content) {
    const { type, body } = content;
    this.#content.set(digest(body), content);
    return { mediaType: type, size: body.length, digest: digest(body) };
  }

  readonly #answer = async (...[request, response]: Parameters<RequestListener>) => {
    const { login, onHalf } = this.#options;
    const given = request.headers.authorization?.replace(/^Basic /, "") ?? "";
    if (login !== undefined && Buffer.from(given, "base64").toString() !== login) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      return;
    }
    if (request.url === "/v2/") {
      response.end("{}");
      return;
    }
    const [, name = "", reference = ""] =
      /^\/v2\/(.+)\/(?:manifests|blobs)\/(.+)$/.exec(request.url ?? "") ?? [];
    const content = this.#content.get(reference) ?? this.#content.get(`${name}:${reference}`);
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { type, body, image } = content;
    response.writeHead(200, {
      "content-type": type,
      "content-length": body.length,
      "docker-content-digest": digest(body),
    });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    const half = image === undefined ? 0 : Math.floor(body.length / 2);
    response.write(body.subarray(0, half));
    if (image !== undefined) await onHalf?.(image);
    response.end(body.subarray(half));
  };

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Large enough for the engine to tell how it comes along; random, so that no engine has it. */
function ownLayer(): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: "own" }, randomBytes(2 * 1024 * 1024));
  archive.finalize();
  return buffer(archive);
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function digest(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
