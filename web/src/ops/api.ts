/** The flows' side of the service. */
import type { Checked, Files, GiveUp, Live, Problem, Prompt, Reloaded, Simulation, Version } from "./model";
import { ApiError, ask, request } from "../shared/http";
import type { Schemas } from "./complete";

export type Drafts = Record<string, string | null>;

/** The mistakes, with their places, for which the service refused what was sent. */
export const problemsOf = (error: unknown): Problem[] => (error instanceof ApiError ? ((error.details.problems as Problem[] | undefined) ?? []) : []);

const json = <T>(method: string, path: string, body?: unknown) => ask<T>(method, `/flows${path}`, body);

export const api = {
  live: () => json<Live>("GET", ""),
  files: () => json<Files>("GET", "/files"),
  schemas: () => json<Schemas>("GET", "/schemas"),
  trunks: async () => (await ask<{ trunks: { name: string }[] }>("GET", "/trunks")).trunks.map((one) => one.name),
  validate: (files: Drafts) => json<Checked>("POST", "/validate", { files }),
  publish: (files: Drafts, note: string) => json<Reloaded>("PUT", "/files", { files, note }),
  reload: (note: string) => json<Reloaded>("POST", "/reload", { note }),
  simulate: (asked: Record<string, unknown>) => json<Simulation>("POST", "/simulate", asked),
  versions: async () => (await json<{ versions: Version[] }>("GET", "/versions")).versions,
  version: (number: number) => json<Version & { diff: string; diff_from_live: string }>("GET", `/versions/${number}`),
  rollback: (number: number) => json<Reloaded>("POST", `/versions/${number}/rollback`, {}),
  giveUps: async (days: number) => (await json<{ steps: GiveUp[] }>("GET", `/give-ups?days=${days}`)).steps,
  prompts: async () => (await json<{ prompts: Prompt[] }>("GET", "/prompts")).prompts,
  audio: async (id: string) => (await request("GET", `/flows/prompts/${id}/audio`)).blob(),
  replace: (id: string, recording: Blob) => json<Prompt>("PUT", `/prompts/${id}/recording`, recording),
  restore: (id: string) => json<Prompt>("DELETE", `/prompts/${id}/recording`),
};
