/**
 * Loaded before a command: its processes are then of another host, MADE_UP_HOST, where no other
 * sweep on this engine can tell who is dead, and interfere.
 */
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const { readFile } = fs;
Object.assign(fs, {
  readFile: async (...args: Parameters<typeof readFile>) =>
    args[0] === "/etc/machine-id" ? process.env["MADE_UP_HOST"] : readFile(...args),
});
syncBuiltinESMExports();
