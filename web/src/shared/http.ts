/** Questions to the service. Every failure is an ApiError that carries the service's own words. */

export class ApiError extends Error {
  constructor(
    /** The HTTP status; 0 when the service did not answer at all. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
  } catch {
    throw new ApiError(0, "unreachable", "the service does not answer");
  }
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  const told = (await answer.json().catch(() => null)) as {
    error?: { code: string; message: string; details?: Record<string, unknown> };
  } | null;
  throw new ApiError(
    answer.status,
    told?.error?.code ?? "http_error",
    told?.error?.message ?? `${answer.status} ${answer.statusText}`,
    told?.error?.details ?? {},
  );
}
