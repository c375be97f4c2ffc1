/** The flows' side of the service. Every failure is an ApiError that carries the service's own words. */
import type { Checked, Files, GiveUp, Live, Problem, Prompt, Reloaded, Simulation, Version } from "./model";
import { ask as other } from "../shared/http";
import type { Schemas } from "./complete";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly problems: Problem[] = [],
  ) {
    super(message);
  }
}

export type Drafts = Record<string, string | null>;

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const raw = body instanceof Blob;
  const answer = await fetch(`/api/v1/flows${path}`, {
    method,
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    headers: body === undefined || raw ? {} : { "Content-Type": "application/json" },
  });
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => null)) as {
    error?: { code: string; message: string; details?: { problems?: Problem[] } };
  } | null;
  throw new ApiError(
    answer.status,
    told?.error?.code ?? "http_error",
    told?.error?.message ?? `${answer.status} ${answer.statusText}`,
    told?.error?.details?.problems,
  );
}

async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
  return (await (await ask(method, path, body)).json()) as T;
}

export const api = {
  live: () => json<Live>("GET", ""),
  files: () => json<Files>("GET", "/files"),
  schemas: () => json<Schemas>("GET", "/schemas"),
  trunks: async () => (await other<{ trunks: { name: string }[] }>("GET", "/trunks")).trunks.map((one) => one.name),
  validate: (files: Drafts) => json<Checked>("POST", "/validate", { files }),
  publish: (files: Drafts, note: string) => json<Reloaded>("PUT", "/files", { files, note }),
  reload: (note: string) => json<Reloaded>("POST", "/reload", { note }),
  simulate: (asked: Record<string, unknown>) => json<Simulation>("POST", "/simulate", asked),
  versions: async () => (await json<{ versions: Version[] }>("GET", "/versions")).versions,
  version: (number: number) => json<Version & { diff: string; diff_from_live: string }>("GET", `/versions/${number}`),
  rollback: (number: number) => json<Reloaded>("POST", `/versions/${number}/rollback`, {}),
  giveUps: async (days: number) => (await json<{ steps: GiveUp[] }>("GET", `/give-ups?days=${days}`)).steps,
  prompts: async () => (await json<{ prompts: Prompt[] }>("GET", "/prompts")).prompts,
  audio: async (id: string) => (await ask("GET", `/prompts/${id}/audio`)).blob(),
  replace: (id: string, recording: Blob) => json<Prompt>("PUT", `/prompts/${id}/recording`, recording),
  restore: (id: string) => json<Prompt>("DELETE", `/prompts/${id}/recording`),
};
