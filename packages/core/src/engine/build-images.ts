import { RealServicesError } from "../errors.ts";
import { withHostLock } from "../ownership/host-lock.ts";
import { composeImages, type ImageRequest, imageOf } from "./compose-images.ts";
import { diskAdvice } from "./disk-advice.ts";

/** Generous: what a build takes says nothing about readiness, and its cache makes the next one short. */
const BUILD_MS = 30 * 60_000;

/**
 * Builds under a lock that every process of this host asks for by what Compose would build from:
 * of N shards that need the same images one builds, the others wait and use its result.
 */
export async function buildImages(
  request: ImageRequest,
  services: readonly string[],
): Promise<void> {
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
  const result = await composeImages(request, {
    args: ["build", "--", ...services],
    timeoutMs: BUILD_MS,
  });
  if (result.failed) {
    const said = result.stderr.trim().split("\n").slice(-15).join("\n");
    throw new RealServicesError(
      "REAL_SERVICES_BUILD_FAILED",
      `The image of ${list(services)} could not be built:\n${said}`,
      {
        received: services,
        hint:
          diskAdvice(said) ??
          `\`docker compose build ${services.join(" ")}\` shows the whole output.`,
      },
    );
  }
  emit({ type: "image:built", environment, services, durationMs: Date.now() - began });
}

function list(services: readonly string[]): string {
  return services.map((name) => `“${name}”`).join(", ");
}
