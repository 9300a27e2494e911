import type { Problem } from "./models";

/** Why a question has no answer, in the server's words where it has any. */
export class ApiError extends Error {
  /** The server's stable name of the error; `offline` and `unexpected_answer` are the page's. */
  readonly code: string;
  readonly status: number | null;
  /** The id under which the server's log has the request. */
  readonly requestId: string | null;
  /** For a damaged file: what is damaged and where. */
  readonly place: string | null;

  constructor(code: string, detail: string, problem?: Problem) {
    super(detail);
    this.name = "ApiError";
    this.code = code;
    this.status = problem?.status ?? null;
    this.requestId = problem?.request_id ?? null;
    this.place = placeOf(problem);
  }
}

/** The server did not answer at all. */
export function offline(): ApiError {
  return new ApiError("offline", "The server cannot be reached.");
}

/** What a failed answer says; not every failure is told by h5scout: a proxy may stand before it. */
export function errorOf(status: number, body: unknown): ApiError {
  if (isProblem(body)) return new ApiError(body.code, body.detail, body);
  return new ApiError("unexpected_answer", `The answer has status ${status} and is not h5scout's.`);
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === "object" &&
    body !== null &&
    "code" in body &&
    typeof body.code === "string" &&
    "detail" in body &&
    typeof body.detail === "string"
  );
}

function placeOf(problem: Problem | undefined): string | null {
  if (!problem?.structure) return null;
  const { structure, address } = problem;
  return address == null ? structure : `${structure} at address ${address}`;
}
