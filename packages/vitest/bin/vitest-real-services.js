#!/usr/bin/env node
import { launch } from "../dist/launcher/launch.js";

await launch();
