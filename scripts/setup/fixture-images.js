import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { baseImage } from "./base-image.js";
import { run, tryRun } from "./command.js";
import { engineImages } from "./engine-images.js";
import { root } from "./root.js";

const label = "real-services.fixture";
/** Downloads of one image fill the time that another one computes. */
const parallel = 3;
const hashLength = 12;

/**
 * @typedef {object} FixtureImage
 * @property {string} tag what the compose files use by default
 * @property {string} from the image it is built from: another fixture image or the base image
 * @property {string} context the folder that the build sees
 * @property {string[]} sources what of the context goes into it
 * @property {Record<string, string>} args
 * @property {string} [target] the stage of a Dockerfile that has several
 * @property {boolean} [heavy] only the long rounds need it
 */

const nodeImage = "real-services/node:18";

/** Ordered so that what others are built from comes first. @type {FixtureImage[]} */
const fixtures = [
  service("node", nodeImage),
  service("postgres", "real-services/postgres:15"),
  service("clickhouse", "real-services/clickhouse:18"),
  service("redis", "real-services/redis:7"),
  service("prometheus", "real-services/prometheus:2"),
  service("peer", "real-services/peer:1"),
  { ...service("browser", "real-services/browser:1"), heavy: true },
  { ...service("shells", "real-services/shells:1"), heavy: true },
  ...["backend", "auth", "frontend"].flatMap((name) => [
    app(name, "test", "test"),
    app(name, "production", "latest"),
    app(name, "development", "dev"),
  ]),
];

function service(name, tag) {
  const context = join(root, "fixtures", "images", name);
  return { tag, from: baseImage, context, sources: ["."], args: { BASE_IMAGE: baseImage } };
}

function app(name, target, tag) {
  return {
    tag: `real-services/${name}:${tag}`,
    from: nodeImage,
    context: join(root, "fixtures", "apps"),
    sources: ["Dockerfile", "package.json", "shared", name],
    args: { APP: name, NODE_IMAGE: nodeImage },
    target,
  };
}

/**
 * Builds the fixture images that are missing or whose content has changed. Each has two tags: the
 * one that compose files use, and one with a hash of all that went into it, which tells whether
 * it is up to date, however it came to be.
 *
 * @param {(doing: string) => void} status
 * @param {{ heavy: boolean }} options
 */
export async function fixtureImages(status, { heavy }) {
  const present = await engineImages();
  const keys = new Map([[baseImage, present.get(baseImage)]]);
  for (const image of fixtures) keys.set(image.tag, key(image, keys.get(image.from)));
  const keyed = (image) => `${image.tag}-${keys.get(image.tag)}`;

  const missing = [];
  const wanted = fixtures.filter((image) => heavy || !image.heavy);
  for (const image of wanted) {
    const id = present.get(keyed(image));
    if (!id) missing.push(image);
    // Built for another working copy, or by Compose, since.
    else if (present.get(image.tag) !== id) await run(["docker", "tag", keyed(image), image.tag]);
  }
  if (missing.length === 0) return `found ${wanted.length}`;

  const builds = new Map();
  const busy = new Set();
  await inParallel(missing, (image) => {
    const build = (async () => {
      await builds.get(image.from);
      busy.add(image.tag);
      status(`building ${[...busy].join(", ")}`);
      await run(buildCommand(image, keyed(image)));
      busy.delete(image.tag);
    })();
    builds.set(image.tag, build);
    return build;
  });
  await forgetOutdated(new Set(fixtures.map(keyed)));
  return `built ${missing.length} of ${wanted.length}`;
}

/** Runs `work` over all items, so many at a time, in their order. */
async function inParallel(items, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

function buildCommand(image, keyedTag) {
  const proxies = ["http_proxy", "https_proxy", "no_proxy"].filter((name) => process.env[name]);
  return [
    ...["docker", "build", "--label", label, "--tag", keyedTag, "--tag", image.tag],
    ...(image.target ? ["--target", image.target] : []),
    ...Object.entries(image.args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    ...proxies.flatMap((name) => ["--build-arg", name]),
    image.context,
  ];
}

/** Everything that decides what the image will be: its recipe, its files, what it starts from. */
function key({ context, sources, args, target = "" }, fromKey) {
  const hash = createHash("sha256").update(JSON.stringify([fromKey, args, target]));
  for (const path of sources.flatMap((source) => filesBelow(context, source)).sort()) {
    const file = join(context, path);
    const executable = (statSync(file).mode & 0o100) !== 0;
    const content = readFileSync(file);
    hash.update(JSON.stringify([path, executable, content.length])).update(content);
  }
  return hash.digest("hex").slice(0, hashLength);
}

function filesBelow(context, path) {
  if (statSync(join(context, path)).isFile()) return [path];
  return readdirSync(join(context, path)).flatMap((name) => filesBelow(context, join(path, name)));
}

/**
 * Takes the keyed tags of former contents away, without force: what a container uses stays. An
 * image without any tag left goes with its last one.
 */
async function forgetOutdated(currentTags) {
  const keyedTag = new RegExp(`^real-services/.+-[0-9a-f]{${hashLength}}$`);
  for (const tag of (await engineImages("--filter", `label=${label}`)).keys()) {
    if (keyedTag.test(tag) && !currentTags.has(tag)) await tryRun(["docker", "rmi", tag]);
  }
}
