import { realServices } from "@real-services/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({ plugins: [realServices()] });
