/**
 * Runs command lines by the `main` that the binary runs, one after the other. What each writes ends
 * with a mark on both streams, and its exit code comes as a message.
 */
import { main } from "../dist/main.js";
import { type CommandLine, END } from "./command-host.ts";

/** Each command line listens to what becomes of the streams. */
process.stdout.setMaxListeners(0);
process.stderr.setMaxListeners(0);

process.on("message", ({ args, cwd, env }: CommandLine) => {
  process.chdir(cwd);
  Object.assign(process.env, env);
  process.exitCode = undefined;
  main([process.execPath, "docker-manual", ...args]).then(() => {
    const { exitCode } = process;
    process.exitCode = undefined;
    process.stdout.write(END);
    process.stderr.write(END);
    process.send?.(exitCode ?? 0);
  });
});
