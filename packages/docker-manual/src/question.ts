import { createInterface } from "node:readline/promises";

/** Somebody is there to answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** What a person at the terminal answers, without the spaces around it. Throws when the input ends. */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<never>((_, reject) => {
    terminal.once("close", () => reject(new Error("There was no answer.")));
  });
  // While it reads, Ctrl-C is a key like others.
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return (await Promise.race([terminal.question(question), ended])).trim();
  } finally {
    terminal.close();
  }
}
