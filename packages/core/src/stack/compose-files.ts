import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { RealServicesError } from "../errors.ts";

export interface ComposeFileChoice {
  readonly cwd: string;
  readonly compose: string | readonly string[] | undefined;
  /** `test`, `dev` or `prod`; undefined looks for a test file first, then for the plain one. */
  readonly dockerEnv: string | undefined;
}

const EXTENSIONS = ["yaml", "yml"];
const BASES = ["compose", "docker-compose"];
/** In the order in which Compose prefers them. */
const OVERRIDES = BASES.flatMap((base) => [`${base}.override.yml`, `${base}.override.yaml`]);
const VARIANTS = new Map<string, readonly string[]>([
  ["test", [".test"]],
  ["dev", [".dev", ".development", ""]],
  ["prod", [".prod", ".production"]],
]);

/**
 * The compose files to use, absolute. Throws REAL_SERVICES_NO_COMPOSE_FILE and
 * REAL_SERVICES_AMBIGUOUS_COMPOSE_FILE: a silent choice between two files would test the wrong stack.
 */
export function findComposeFiles(choice: ComposeFileChoice): string[] {
  const given = typeof choice.compose === "string" ? [choice.compose] : choice.compose;
  if (given !== undefined && given.length > 0) {
    return given.map((file) => {
      const path = resolve(choice.cwd, file);
      if (existsSync(path)) return path;
      throw new RealServicesError("REAL_SERVICES_NO_COMPOSE_FILE", `There is no file ${path}.`, {
        received: file,
        hint: `Relative names start from ${choice.cwd}.`,
      });
    });
  }
  const dockerEnv = choice.dockerEnv || undefined;
  const variants = dockerEnv === undefined ? [".test", ""] : VARIANTS.get(dockerEnv);
  if (variants === undefined) {
    throw new RealServicesError(
      "REAL_SERVICES_INVALID_OPTION",
      "DOCKER_ENV is none of test, dev, prod.",
      {
        received: dockerEnv,
        hint: "Set DOCKER_ENV=test, dev or prod, or name the file by the option `compose`.",
      },
    );
  }
  for (const variant of variants) {
    const candidates = candidatesOf(choice.cwd, variant);
    const [only, ...others] = candidates;
    if (only === undefined) continue;
    if (others.length > 0) throw ambiguous(candidates);
    return variant === "" ? [only, ...overridesOf(only)] : [only];
  }
  throw missing(choice.cwd, dockerEnv, variants);
}

function missing(
  cwd: string,
  dockerEnv: string | undefined,
  variants: readonly string[],
): RealServicesError {
  const examples = variants.flatMap((variant) => [
    `compose${variant}.yaml`,
    `docker-compose${variant}.yml`,
  ]);
  const there = composeLike(cwd);
  const where = `in ${cwd} or its folder compose/`;
  const [example = "FILE"] = there;
  return new RealServicesError(
    "REAL_SERVICES_NO_COMPOSE_FILE",
    dockerEnv === undefined
      ? `No compose file ${where}.`
      : `No compose file for DOCKER_ENV=${dockerEnv}${dockerEnv === "prod" ? ", which is that of the kind “production”," : ""} ${where}.`,
    {
      received: cwd,
      hint: `Looked for ${examples.join(", ")} and the like${there.length === 0 ? ". Write one, or name it" : `; there is ${there.join(", ")}. Name one`} by the option \`compose\`, or by \`-f ${example}\`.`,
    },
  );
}

/** What somebody may have meant, relative to the folder. */
function composeLike(cwd: string): string[] {
  return searched(cwd).flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => /^(docker-)?compose\b.*\.ya?ml$/.test(name))
          .toSorted()
          .map((name) => relative(cwd, join(folder, name)))
      : [],
  );
}

function searched(cwd: string): string[] {
  return [cwd, join(cwd, "compose")];
}

function candidatesOf(cwd: string, variant: string): string[] {
  const found: string[] = [];
  for (const folder of searched(cwd)) {
    for (const base of BASES) {
      for (const extension of EXTENSIONS) {
        const path = join(folder, `${base}${variant}.${extension}`);
        if (existsSync(path)) found.push(path);
      }
    }
  }
  return found;
}

/** Compose itself merges an override file that stands beside the plain one; it is no second candidate. */
function overridesOf(file: string): string[] {
  return OVERRIDES.map((name) => join(dirname(file), name))
    .filter((path) => existsSync(path))
    .slice(0, 1);
}

function ambiguous(candidates: readonly string[]): RealServicesError {
  return new RealServicesError(
    "REAL_SERVICES_AMBIGUOUS_COMPOSE_FILE",
    `There are ${candidates.length} compose files to choose from: ${candidates.join(", ")}.`,
    { received: candidates, hint: "Name one by the option `compose`, or by `-f`." },
  );
}
