import { fileURLToPath } from "node:url";
import type { Stack } from "./contestant.ts";

export const STACKS = {
  threeServices: stack("stacks/three-services.yaml", "stacks/three-services.1s.yaml"),
  threeServicesDefaults: stack("stacks/three-services.yaml"),
  reference: stack("../../compose/docker-compose.test.yml"),
  chain: stack("stacks/chain-of-six.yaml"),
  fan: stack("stacks/fan-of-twelve.yaml"),
} satisfies Record<string, Stack>;

function stack(...files: readonly string[]): Stack {
  return { files: files.map((file) => fileURLToPath(new URL(file, import.meta.url))) };
}
