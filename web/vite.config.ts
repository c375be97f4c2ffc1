import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** In development the pages come from here and everything else from a running service. */
const SERVICE = process.env.CALLCENTER_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": SERVICE, "/ws": { target: SERVICE.replace(/^http/, "ws"), ws: true } } },
  build: { chunkSizeWarningLimit: 1500 },
});
