import type { Plugin } from "vitest/config";
import { keepBundle } from "./config-bundle.ts";
import { configureProject } from "./configure-project.ts";
import type { RealServicesOptions } from "./options.ts";

/**
 * Gives the tests of a Vitest project a running copy of a Compose stack, when real services are on:
 * `vitest --real-services`, `REAL_SERVICES=1` or `--mode real-services`. Off, it only keeps the real
 * tests out of the run.
 *
 * @example
 * export default defineConfig({
 *   plugins: [
 *     realServices({
 *       compose: "docker-compose.test.yml",
 *       env: (services) => ({ DATABASE_URL: services.postgres.url }),
 *     }),
 *   ],
 * });
 */
export function realServices(options: RealServicesOptions = {}): Plugin {
  keepBundle();
  return {
    name: "real-services",
    configureVitest: (context) => configureProject(options, context),
  };
}
