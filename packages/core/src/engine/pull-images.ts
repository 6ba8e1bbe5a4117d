import { RealServicesError } from "../errors.ts";
import type { ComposeResult } from "./compose-cli.ts";
import { composeImages, type ImageRequest, imageOf } from "./compose-images.ts";
import { diskAdvice } from "./disk-advice.ts";
import { PullLog } from "./pull-progress.ts";

/** All at once; Compose asks each registry with the credentials that the docker command has for it. */
export async function pullImages(
  request: ImageRequest,
  services: readonly string[],
): Promise<void> {
  const { emit, environment, model, settings } = request;
  const began = Date.now();
  const images = [...new Set(services.map((name) => imageOf(model, name)))];
  emit({ type: "image:pulling", environment, images });
  const log = new PullLog();
  const imageNamed = (of: string) => (model.services[of] === undefined ? of : imageOf(model, of));
  const onErrorLine = (line: string) => {
    const of = log.read(line);
    if (of === undefined) return;
    const progress = log.progressOf(of);
    emit({ type: "image:progress", environment, image: imageNamed(of), ...progress });
  };
  const { pullTimeoutMs: timeoutMs } = settings;
  const attempt = (flags: readonly string[], pullFlags: readonly string[]) => {
    const args = ["pull", ...pullFlags, "--", ...services];
    return composeImages(request, { flags, args, timeoutMs, onErrorLine });
  };
  let result: ComposeResult;
  try {
    result = await attempt(["--progress", "json"], []);
    // Compose before 2.30 has no such progress: then there is none to show.
    if (/unsupported --progress value/.test(result.stderr)) result = await attempt([], ["--quiet"]);
  } catch (error) {
    throw isTimeout(error) ? tooSlow(request, images) : error;
  }
  if (result.failed) {
    // Compose pulls an image once, for the first of the services that share it.
    const failedImages = new Set([...log.failures.keys()].map(imageNamed));
    const failed = services.filter((name) => failedImages.has(imageOf(model, name)));
    const why = log.error ?? result.stderr.trim().split("\n").slice(-3).join(" ");
    throw unavailable(request, failed.length > 0 ? failed : services, why);
  }
  emit({ type: "image:pulled", environment, images, durationMs: Date.now() - began });
}

function isTimeout(error: unknown): boolean {
  return error instanceof RealServicesError && error.code === "REAL_SERVICES_TIMEOUT";
}

function tooSlow({ settings }: ImageRequest, images: readonly string[]): RealServicesError {
  const seconds = settings.pullTimeoutMs / 1_000;
  return new RealServicesError(
    "REAL_SERVICES_TIMEOUT",
    `${images.join(", ")} could not be pulled within ${seconds} s.`,
    {
      received: images,
      hint: "Pull beforehand (`docker compose pull`), or raise `pullTimeoutMs`.",
    },
  );
}

/** Registries say it in many ways; these two have a remedy that the reader should not have to guess. */
function adviceFor(why: string): string {
  if (/too ?many ?requests|rate limit/i.test(why)) {
    return "The registry's rate limit is reached: `docker login`, or wait.";
  }
  if (/denied|unauthorized|authentication required|no basic auth/i.test(why)) {
    return "The registry wants a login (`docker login`), or the image does not exist.";
  }
  return diskAdvice(why) ?? "Check the image's name, `docker login`, or build it beforehand.";
}

export function unavailable(
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
