/**
 * Prints how long it takes, in milliseconds, to import a plugin and to make it:
 * `import-worker.js SPECIFIER`. Plain JavaScript, so that nobody's types are stripped meanwhile;
 * what Vitest itself has loaded before it reads a configuration is loaded before.
 */
import "vitest/config";
import "vitest/node";

const [specifier] = process.argv.slice(2);
const began = performance.now();
const { realServices } = await import(specifier);
realServices();
console.log(performance.now() - began);
