import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HttpProvider } from "./http";
import { ApiError } from "./problem";
import { setToken } from "./token";

const provider = new HttpProvider();
const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
});
afterEach(() => {
  fetched.mockReset();
});

function answer(body: string, status = 200): void {
  fetched.mockResolvedValueOnce(new Response(body, { status }));
}

/** What was asked for; it is never asked in another form than a text. */
function addresses(): string[] {
  return fetched.mock.calls.map(([address]) => address as string);
}

test("keys and paths reach the server as they are, whatever characters they have", async () => {
  answer("{}");
  const key = "a//b+c?d#e%2F é.h5";
  await provider.children({ key, group: { path: "/x&y=z" }, limit: 5 });
  const [address = ""] = addresses();
  expect(address.startsWith("children?")).toBe(true);
  const query = new URLSearchParams(address.slice(address.indexOf("?")));
  expect(Object.fromEntries(query)).toEqual({ key, path: "/x&y=z", limit: "5" });
});

test("a search goes through all folders, a listing shows them", async () => {
  answer("{}");
  answer("{}");
  await provider.files({ prefix: "runs/" });
  await provider.files({ prefix: "runs/", q: "scan" });
  const [listing, search] = addresses();
  expect(listing).toBe("files?prefix=runs%2F&delimiter=%2F");
  expect(search).toBe("files?prefix=runs%2F&q=scan");
});

test("an error is told in the server's words, with what is damaged and where", async () => {
  const problem = {
    code: "malformed_file",
    detail: "wrong signature",
    status: 422,
    structure: "object header",
    address: 800,
    request_id: "ab12",
  };
  answer(JSON.stringify(problem), 422);
  const error: unknown = await provider
    .meta({ key: "a", object: { path: "/" } })
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    message: "wrong signature",
    code: "malformed_file",
    place: "object header at address 800",
    requestId: "ab12",
  });
});

test("an answer of something else than h5scout is not taken for one of its errors", async () => {
  answer("<h1>Bad Gateway</h1>", 502);
  await expect(provider.files({ prefix: "" })).rejects.toMatchObject({ code: "unexpected_answer" });
});

test("a server that does not answer is told apart from one that refuses", async () => {
  fetched.mockRejectedValueOnce(new TypeError("Failed to fetch"));
  await expect(provider.files({ prefix: "" })).rejects.toMatchObject({ code: "offline" });
});

test("a question that is given up is not an error of the server", async () => {
  const controller = new AbortController();
  fetched.mockImplementationOnce(async () => {
    controller.abort();
    return await Promise.reject(new DOMException("aborted", "AbortError"));
  });
  const asked = provider.files({ prefix: "" }, controller.signal);
  await expect(asked).rejects.toMatchObject({ name: "AbortError" });
});

test("which numbers are no measurements is sent as it is written", async () => {
  answer("{}");
  const question = { key: "a.h5", object: { path: "/x" }, selection: ":", maxSize: 64 };
  const missing = ["-9223372036854775808", "1e+30"];
  await provider.preview({ ...question, view: "line", reading: { missing } });
  answer("{}");
  await provider.preview({ ...question, view: "line", reading: { missing: [] } });
  answer("{}");
  await provider.preview({
    ...question,
    view: "line",
    reading: { isUnsigned: true, valid: "0,4095", complex: "phase" },
  });
  expect(addresses()).toEqual([
    "preview?key=a.h5&path=%2Fx&selection=%3A&view=line&max_size=64" +
      "&missing=-9223372036854775808%2C1e%2B30",
    "preview?key=a.h5&path=%2Fx&selection=%3A&view=line&max_size=64",
    "preview?key=a.h5&path=%2Fx&selection=%3A&view=line&max_size=64&unsigned=true" +
      "&valid=0%2C4095&complex=phase",
  ]);
});

test("the token goes with each question", async () => {
  setToken("s3cret");
  answer("{}");
  await provider.files({ prefix: "" });
  expect(fetched.mock.calls[0]?.[1]?.headers).toEqual({ authorization: "Bearer s3cret" });
});

test("elements come as bytes, little-endian where the page reads them, and tell how far they are", async () => {
  answer("12345678");
  const onRead = vi.fn();
  const question = { key: "a.h5", object: { path: "/x" }, selection: "0:8" };
  const blob = await provider.elements({ ...question, format: "bin" }, undefined, onRead);
  expect(blob.size).toBe(8);
  expect(onRead).toHaveBeenLastCalledWith(8);
  const [address = ""] = addresses();
  expect(address).toBe("data?key=a.h5&path=%2Fx&selection=0%3A8&format=bin&dtype=safe");
});
