import { RealServicesError } from "../errors.ts";
import type { LifecycleListener } from "../events.ts";
import { withHostLock } from "../ownership/host-lock.ts";
import type { Settings } from "../settings.ts";
import { builtImage } from "../stack/isolate.ts";
import type { ComposeModel, ComposeService } from "../stack/model.ts";
import type { EngineClient, ImageDetails } from "./client.ts";
import { runCompose } from "./compose-cli.ts";

export interface ImageRequest {
  readonly projectFolder: string;
  readonly engine: EngineClient;
  readonly model: ComposeModel;
  readonly settings: Settings;
  readonly environment: string;
  readonly emit: LifecycleListener;
  readonly signal: AbortSignal;
}

/** Building and pulling have their own, generous deadlines: they say nothing about readiness. */
const BUILD_MS = 30 * 60_000;
const PULL_MS = 15 * 60_000;

/**
 * Sees to it that every image is there before anything is created: builds or pulls what is
 * missing. Returns what is known of each service's image.
 * Throws REAL_SERVICES_BUILD_FAILED and REAL_SERVICES_IMAGE_UNAVAILABLE.
 */
export async function ensureImages(
  request: ImageRequest,
): Promise<ReadonlyMap<string, ImageDetails>> {
  const { engine, model, settings, signal } = request;
  const details = new Map<string, ImageDetails>();
  const inspect = async (services: readonly string[]) => {
    const missing: string[] = [];
    await Promise.all(
      services.map(async (name) => {
        const found = await engine.inspectImage(imageOf(model, name), signal);
        if (found === undefined) missing.push(name);
        else details.set(name, found);
      }),
    );
    // The order of the file, whatever the order of the answers.
    return services.filter((name) => missing.includes(name));
  };

  const names = Object.keys(model.services);
  const missing = await inspect(names);
  const canBuild = (name: string) =>
    settings.build !== "never" && model.services[name]?.build !== undefined;
  const building = names.filter(
    (name) =>
      canBuild(name) &&
      (settings.build === "always" ||
        missing.includes(name) ||
        model.services[name]?.pull_policy === "build"),
  );
  const pulling = names.filter(
    (name) =>
      !canBuild(name) && (missing.includes(name) || model.services[name]?.pull_policy === "always"),
  );
  // Together: a build leaves the network idle, and a pull the processors.
  await Promise.all([
    building.length > 0 ? buildOnce(request, building) : undefined,
    pulling.length > 0 ? pull(request, pulling) : undefined,
  ]);
  const stillMissing = await inspect([...building, ...pulling]);
  if (stillMissing.length > 0)
    throw unavailable(request, stillMissing, "it was not there afterwards");
  return details;
}

function imageOf(model: ComposeModel, name: string): string {
  return model.services[name]?.image ?? builtImage(model.name ?? "", name);
}

/**
 * Builds under a lock that every process of this host asks for by what Compose would build from:
 * of N shards that need the same images one builds, the others wait and use its result.
 */
async function buildOnce(request: ImageRequest, services: readonly string[]): Promise<void> {
  const { engine, model, emit, environment, signal } = request;
  const recipes = services.map((name) => [imageOf(model, name), model.services[name]?.build]);
  let hasWaited = false;
  const onWait = () => {
    hasWaited = true;
    emit({ type: "image:waiting", environment, services });
  };
  await withHostLock(
    JSON.stringify([engine.endpoint.url, recipes]),
    { onWait, signal },
    async () => {
      const found = hasWaited
        ? await Promise.all(
            services.map((name) => engine.inspectImage(imageOf(model, name), signal)),
          )
        : [];
      const missing = services.filter((_, index) => found[index] === undefined);
      if (missing.length > 0) await build(request, missing);
    },
  );
}

async function build(request: ImageRequest, services: readonly string[]): Promise<void> {
  const { emit, environment } = request;
  const began = Date.now();
  emit({ type: "image:building", environment, services });
  const result = await compose(request, ["build", ...services], BUILD_MS);
  if (result.failed) {
    throw new RealServicesError(
      "REAL_SERVICES_BUILD_FAILED",
      `The image of ${list(services)} could not be built:\n${result.stderr.trim().split("\n").slice(-15).join("\n")}`,
      {
        received: services,
        hint: `\`docker compose build ${services.join(" ")}\` shows the whole output.`,
      },
    );
  }
  emit({ type: "image:built", environment, services, durationMs: Date.now() - began });
}

async function pull(request: ImageRequest, services: readonly string[]): Promise<void> {
  const { emit, environment, model } = request;
  const began = Date.now();
  const images = [...new Set(services.map((name) => imageOf(model, name)))];
  emit({ type: "image:pulling", environment, images });
  const result = await compose(request, ["pull", "--quiet", ...services], PULL_MS);
  if (result.failed) {
    throw unavailable(request, services, result.stderr.trim().split("\n").slice(-3).join(" "));
  }
  emit({ type: "image:pulled", environment, images, durationMs: Date.now() - began });
}

/** Registries say it in many ways; these two have a remedy that the reader should not have to guess. */
function adviceFor(why: string): string {
  if (/toomanyrequests|rate limit/i.test(why)) {
    return "The registry's rate limit is reached: `docker login`, or wait.";
  }
  if (/denied|unauthorized|authentication required|no basic auth/i.test(why)) {
    return "The registry wants a login (`docker login`), or the image does not exist.";
  }
  return "Check the image's name, `docker login`, or build it beforehand.";
}

function unavailable(
  { model }: ImageRequest,
  services: readonly string[],
  why: string,
): RealServicesError {
  const images = services.map((name) => `${imageOf(model, name)} (service “${name}”)`);
  return new RealServicesError(
    "REAL_SERVICES_IMAGE_UNAVAILABLE",
    `The engine neither has nor gets ${images.join(", ")}: ${why}`,
    {
      received: services.map((name) => imageOf(model, name)),
      hint: adviceFor(why),
    },
  );
}

/** Compose gets the model without what has nothing to do with images, so nothing else can go wrong. */
function compose(request: ImageRequest, args: readonly string[], timeoutMs: number) {
  const { model, settings, engine, signal } = request;
  const services = Object.fromEntries(
    Object.entries(model.services).map(([name, { image, build: recipe, platform }]) => {
      const withoutRecipe: ComposeService = { image: image ?? builtImage(model.name ?? "", name) };
      return [
        name,
        {
          ...withoutRecipe,
          ...(settings.build === "never" ? {} : { build: recipe }),
          ...(platform === undefined ? {} : { platform }),
        },
      ];
    }),
  );
  const { secrets } = model;
  return runCompose({
    args: [
      ...["-p", model.name ?? "real-services", "--project-directory", request.projectFolder],
      ...["-f", "-", ...args],
    ],
    input: JSON.stringify({ services, ...(secrets === undefined ? {} : { secrets }) }),
    env: settings.env,
    cwd: settings.cwd,
    timeoutMs,
    endpoint: engine.endpoint,
    signal,
  });
}

function list(services: readonly string[]): string {
  return services.map((name) => `“${name}”`).join(", ");
}
