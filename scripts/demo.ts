/** `npm run demo`: the consumer project over the reference stack, as a user would run it. */
import { $ } from "zx";

$.verbose = true;
$.preferLocal = true;
await $({
  cwd: "fixtures/projects/shop",
  stdio: "inherit",
})`vitest-real-services run --real-services`;
