/** Lets a process die and another one have its pid; prints both pids and what is judged of each: run it in a pid namespace of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { judgeLiveness } from "../src/ownership/liveness.ts";
import { readOwnIdentity, readProcess } from "../src/ownership/process-identity.ts";

const SLEEP = ["sleep", ["60"]] as const;
/** Start times are told in hundredths of a second. */
const TICKS_MS = 50;

const self = await readOwnIdentity();
const first = spawn(...SLEEP);
const pid = first.pid ?? Number.NaN;
const reading = await readProcess(pid);
const startTime = reading.state === "running" ? reading.startTime : "";
const owner = { ...self, pid, startTime };
const before = judgeLiveness(owner, self, await readProcess(pid));
await delay(TICKS_MS);
first.kill("SIGKILL");
await once(first, "exit");

// The kernel gives the next process the next number; nothing else begins in between.
writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1));
const second = spawn(...SLEEP);
const after = judgeLiveness(owner, self, await readProcess(pid));
console.log(JSON.stringify({ pids: [pid, second.pid], before, after }));
second.kill("SIGKILL");
