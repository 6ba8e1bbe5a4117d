import type { EnvironmentManager, FoundEnvironment } from "@real-services/core";
import { Option } from "commander";
import { ask, canAsk } from "./question.ts";
import { withWaiting } from "./waiting.ts";

export interface EnvironmentChoice {
  readonly environment?: string;
}

export function environmentOption(): Option {
  return new Option(
    "-e, --environment <name>",
    "its name, or the beginning of it; may be left out when there is only one",
  );
}

/**
 * The environment that is meant, whichever process began it. Of several, a person at a terminal is
 * asked; elsewhere it is an error that names them.
 */
export async function chooseEnvironment(
  manager: EnvironmentManager,
  name: string | undefined,
): Promise<FoundEnvironment> {
  const find = (wanted: string | undefined) =>
    withWaiting("looking", () => manager.findEnvironment(wanted));
  try {
    return await find(name);
  } catch (error) {
    const names = candidates(error);
    if (names === undefined || !canAsk()) throw error;
    return find(await askFor(names));
  }
}

function candidates(error: unknown): readonly string[] | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("received" in error)) return undefined;
  if (error.code !== "REAL_SERVICES_AMBIGUOUS_ENVIRONMENT") return undefined;
  const { received } = error;
  return Array.isArray(received) ? received.map(String) : undefined;
}

async function askFor(names: readonly string[]): Promise<string> {
  const list = names.map((name, index) => `  ${index + 1}  ${name}`).join("\n");
  for (;;) {
    const answer = await ask(`${list}\nWhich one? (1-${names.length}) `);
    const chosen = names[Number(answer) - 1] ?? names.find((name) => name === answer);
    if (chosen !== undefined) return chosen;
  }
}
