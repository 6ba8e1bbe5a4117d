import { execa } from "execa";
import { IMAGE } from "./scenario.ts";

/** A stack that may use most of what the engine has, in bytes: no two of them fit beside each other. */
export async function heavyStack() {
  const { stdout } = await execa("docker", ["info", "--format", "{{.MemTotal}}"]);
  // A limit is no reservation: nothing here uses what it may.
  const bytes = Math.floor(Number(stdout) * 0.6);
  const files = {
    "compose.yaml": `services: { db: { image: ${IMAGE}, command: [sleep, "600"], mem_limit: "${bytes}" } }`,
  };
  return { bytes, files };
}
