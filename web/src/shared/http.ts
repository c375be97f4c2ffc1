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

/** A file goes as it is, everything else as JSON. */
export async function request(method: string, path: string, body?: unknown): Promise<Response> {
  const file = body instanceof Blob;
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : file ? { body } : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
  } catch {
    throw new ApiError(0, "unreachable", "the service does not answer");
  }
  if (answer.ok) return answer;
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

export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await request(method, path, body);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}
