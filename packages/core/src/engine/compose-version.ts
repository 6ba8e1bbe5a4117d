import { runCompose } from "./compose-cli.ts";

const VERSION_MS = 10_000;

/** Undefined when Compose gives no answer. */
export async function readComposeVersion(): Promise<string | undefined> {
  try {
    const args = ["version", "--short"];
    const { failed, stdout } = await runCompose({ args, cwd: ".", timeoutMs: VERSION_MS });
    return failed ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
}
