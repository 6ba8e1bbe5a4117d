import type { LifecycleListener } from "../events.ts";
import type { Settings } from "../settings.ts";
import { builtImage } from "../stack/isolate.ts";
import { OPTIONAL_LABEL } from "../stack/labels.ts";
import type { ComposeModel, ComposeService } from "../stack/model.ts";
import type { EngineClient } from "./client.ts";
import { type ComposeCall, type ComposeResult, runCompose } from "./compose-cli.ts";

export interface ImageRequest {
  readonly projectFolder: string;
  readonly engine: EngineClient;
  readonly model: ComposeModel;
  readonly settings: Settings;
  readonly environment: string;
  readonly emit: LifecycleListener;
  readonly signal: AbortSignal;
}

export function imageOf(model: ComposeModel, name: string): string {
  return model.services[name]?.image ?? builtImage(model.name ?? "", name);
}

export interface ImageCall extends Pick<ComposeCall, "timeoutMs" | "onErrorLine"> {
  /** Flags of `docker compose` itself. @default none */
  readonly flags?: readonly string[];
  /** The command, its flags and the services. */
  readonly args: readonly string[];
}

/** So that images that were built for environments can be found again. */
function labelled(recipe: unknown): unknown {
  if (typeof recipe !== "object" || recipe === null) return recipe;
  const own = "labels" in recipe && typeof recipe.labels === "object" ? recipe.labels : {};
  return { ...recipe, labels: { ...own, [OPTIONAL_LABEL.built]: "true" } };
}

/** Compose gets the model without what has nothing to do with images, so nothing else can go wrong. */
export function composeImages(request: ImageRequest, call: ImageCall): Promise<ComposeResult> {
  const { model, settings, engine, signal } = request;
  const { flags = [], args, ...rest } = call;
  const services = Object.fromEntries(
    Object.entries(model.services).map(([name, { image, build: recipe, platform }]) => {
      const withoutRecipe: ComposeService = { image: image ?? builtImage(model.name ?? "", name) };
      return [
        name,
        {
          ...withoutRecipe,
          ...(settings.build === "never" ? {} : { build: labelled(recipe) }),
          ...(platform === undefined ? {} : { platform }),
        },
      ];
    }),
  );
  const { secrets } = model;
  return runCompose({
    args: [
      ...flags,
      ...["-p", model.name ?? "real-services", "--project-directory", request.projectFolder],
      ...["-f", "-", ...args],
    ],
    input: JSON.stringify({ services, ...(secrets === undefined ? {} : { secrets }) }),
    // People set DEBUG for Node.js; the builder buries its errors under stack traces then.
    env: { ...settings.env, DEBUG: "" },
    cwd: settings.cwd,
    ...rest,
    endpoint: engine.endpoint,
    signal,
  });
}
