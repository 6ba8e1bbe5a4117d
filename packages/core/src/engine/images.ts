import { buildImages } from "./build-images.ts";
import type { ImageDetails } from "./client.ts";
import { type ImageRequest, imageOf } from "./compose-images.ts";
import { pullImages, unavailable } from "./pull-images.ts";

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
    building.length > 0 ? buildImages(request, building) : undefined,
    pulling.length > 0 ? pullImages(request, pulling) : undefined,
  ]);
  const stillMissing = await inspect([...building, ...pulling]);
  if (stillMissing.length > 0)
    throw unavailable(request, stillMissing, "it was not there afterwards");
  return details;
}
