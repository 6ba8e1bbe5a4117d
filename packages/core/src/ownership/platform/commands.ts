import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** PowerShell alone takes a second to begin, and more on a busy machine. */
const ANSWER_MS = 10_000;

/** What a command of the platform prints, in the language and zone of nobody; empty when it fails. */
export async function printed(command: string, args: readonly string[]): Promise<string> {
  try {
    const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
    const { stdout } = await run(command, [...args], {
      env,
      timeout: ANSWER_MS,
      windowsHide: true,
    });
    return stdout;
  } catch {
    return "";
  }
}
