import type { TestProject } from "vitest/node";
import { type Mask, maskFor } from "../logs/safe-text.ts";
import { get } from "./task.ts";

/** The environment that a project's tests use, as far as reports need it. */
export interface ProvidedEnvironment {
  readonly name: string;
  readonly logFolder: string;
  readonly services: readonly string[];
  readonly mask: Mask;
}

/** Hides what is known to be secret in an environment of this name. */
export type MaskOfEnvironment = (text: string, environment: string) => string;

/**
 * What was given to the project's tests with `provide("realServices", …)`; undefined where nothing
 * was, or where its logs are not kept.
 */
export function providedEnvironment(
  project: TestProject,
  maskMore: MaskOfEnvironment = (text) => text,
): ProvidedEnvironment | undefined {
  const provided = get(project.getProvidedContext(), "realServices");
  const name = get(provided, "name");
  const logFolder = get(provided, "logFolder");
  if (typeof name !== "string" || typeof logFolder !== "string") return undefined;
  const services = get(provided, "services");
  const entries = typeof services === "object" && services !== null ? Object.entries(services) : [];
  const urls = entries.map(([service, info]): [string, { url?: string }] => {
    const url = get(info, "url");
    return [service, typeof url === "string" ? { url } : {}];
  });
  const mask = maskFor(Object.fromEntries(urls));
  return {
    name,
    logFolder,
    services: entries.map(([service]) => service),
    mask: (text) => mask(maskMore(text, name)),
  };
}
