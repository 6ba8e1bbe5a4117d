import { createInterface } from "node:readline/promises";
import type { EnvironmentManager, FoundEnvironment } from "@real-services/core";
import { Option } from "commander";

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
  try {
    return await manager.findEnvironment(name);
  } catch (error) {
    const names = candidates(error);
    if (names === undefined || !process.stdin.isTTY || !process.stderr.isTTY) throw error;
    return manager.findEnvironment(await ask(names));
  }
}

function candidates(error: unknown): readonly string[] | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("received" in error)) return undefined;
  if (error.code !== "REAL_SERVICES_AMBIGUOUS_ENVIRONMENT") return undefined;
  const { received } = error;
  return Array.isArray(received) ? received.map(String) : undefined;
}

async function ask(names: readonly string[]): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const list = names.map((name, index) => `  ${index + 1}  ${name}`).join("\n");
    for (;;) {
      const answer = await terminal.question(`${list}\nWhich one? (1-${names.length}) `);
      const chosen = names[Number(answer) - 1] ?? names.find((name) => name === answer.trim());
      if (chosen !== undefined) return chosen;
    }
  } finally {
    terminal.close();
  }
}
