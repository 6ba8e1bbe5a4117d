import { buildImages } from "./build-images.ts";
import { type ImageRequest, imageOf } from "./compose-images.ts";
import { pullImages, unavailable } from "./pull-images.ts";

/**
 * Sees to it that every image is there before anything is created: builds or pulls what is missing.
 * Throws REAL_SERVICES_BUILD_FAILED and REAL_SERVICES_IMAGE_UNAVAILABLE.
 */
export async function ensureImages(request: ImageRequest): Promise<void> {
  const { engine, model, settings, signal } = request;
  const findMissing = async (services: readonly string[]) => {
    const found = await Promise.all(
      services.map((name) => engine.inspectImage(imageOf(model, name), signal)),
    );
    return services.filter((_name, index) => found[index] === undefined);
  };

  const names = Object.keys(model.services);
  const missing = await findMissing(names);
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
  const stillMissing = await findMissing([...building, ...pulling]);
  if (stillMissing.length > 0)
    throw unavailable(request, stillMissing, "it was not there afterwards");
}
