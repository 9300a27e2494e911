import { parseExactly } from "./json";
import type {
  AttributeAnswer,
  Child,
  ChildrenAnswer,
  DataAnswer,
  FilesAnswer,
  MetaAnswer,
  PreviewAnswer,
  Target,
} from "./models";
import { ApiError, errorOf, offline } from "./problem";
import type { DataQuestion, Format, MetaQuestion, Provider, Reading } from "./provider";
import { currentToken, tokenIsWanted } from "./token";

type Parameters = Record<string, string | number | boolean | undefined>;

/** Asks the server that the page came from. */
export class HttpProvider implements Provider {
  files: Provider["files"] = async ({ prefix, q, limit, after, refresh }, signal) => {
    const delimiter = q ? undefined : "/";
    return await ask<FilesAnswer>("files", { prefix, delimiter, q, limit, after, refresh }, signal);
  };

  children: Provider["children"] = async (question, signal) => {
    const { key, group, q, limit, after, namesOnly } = question;
    const detail = namesOnly ? "names" : undefined;
    const parameters = { key, ...by(group), q, limit, after, detail };
    const answer = await ask<ChildrenAnswer>("children", parameters, signal);
    if (!namesOnly) return answer;
    const unread = (child: Child): Child => ({ ...child, type: "unread" });
    return { ...answer, children: answer.children.map(unread) };
  };

  meta: Provider["meta"] = async (question, signal) =>
    await ask<MetaAnswer>("meta", metaParameters(question), signal);

  metaText: Provider["metaText"] = async (question, signal) =>
    await text("meta", metaParameters(question), { signal });

  attribute: Provider["attribute"] = async ({ key, object, name }, signal) =>
    await ask<AttributeAnswer>("attribute", { key, ...by(object), name }, signal);

  data: Provider["data"] = async ({ key, object, selection }, signal) =>
    await ask<DataAnswer>("data", { key, ...by(object), selection }, signal);

  preview: Provider["preview"] = async (question, signal) => {
    const { key, object, selection, view, maxSize, reading = {} } = question;
    const shown = { selection, view, max_size: maxSize, ...readingParameters(reading) };
    const parameters = { key, ...by(object), ...shown };
    return await ask<PreviewAnswer>("preview", parameters, signal);
  };

  elements: Provider["elements"] = async ({ format, ...question }, signal, onRead) =>
    await answered(dataAddress(question, format), { signal }, async (response) => {
      const parts: BlobPart[] = [];
      let bytes = 0;
      const reader = response.body?.getReader();
      for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
        parts.push(part.value);
        bytes += part.value.length;
        onRead?.(bytes);
      }
      return new Blob(parts);
    });

  refresh: Provider["refresh"] = async (key) => {
    await text("files/refresh", { key }, { method: "POST" });
  };
}

/** Where elements are as a file of some format. */
export function dataAddress(question: DataQuestion, format: Format): string {
  const { key, object, selection } = question;
  // Others than browsers know all kinds of numbers.
  const dtype = format === "bin" ? "safe" : undefined;
  return addressOf("data", { key, ...by(object), selection, format, dtype });
}

/** The address of an answer, relative to the page: it may be served below any path. */
export function addressOf(route: string, parameters: Parameters): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return `${route}?${new URLSearchParams(given).toString()}`;
}

export function metaParameters(question: MetaQuestion): Parameters {
  const { key, object, attributesAfter, attributesLimit, storage } = question;
  const attributes = { attributes_after: attributesAfter, attributes_limit: attributesLimit };
  return { key, ...by(object), ...attributes, storage };
}

function readingParameters({ isUnsigned, missing, valid, complex }: Reading): Parameters {
  return { unsigned: isUnsigned, missing: missing?.join(","), valid, complex };
}

function by({ path, address }: Target): Parameters {
  return { path, address };
}

async function ask<Answer>(
  route: string,
  parameters: Parameters,
  signal?: AbortSignal,
): Promise<Answer> {
  // What the server says is described by the document that the types are made of.
  return parseExactly(await text(route, parameters, { signal })) as Answer;
}

interface Request {
  method?: string;
  signal?: AbortSignal | undefined;
}

async function text(route: string, parameters: Parameters, request: Request): Promise<string> {
  const address = addressOf(route, parameters);
  return await answered(address, request, async (response) => await response.text());
}

/** What `read` makes of an answer that is none of a failure. */
async function answered<Answer>(
  address: string,
  { signal, method = "GET" }: Request,
  read: (response: Response) => Promise<Answer>,
): Promise<Answer> {
  const token = currentToken();
  const headers: HeadersInit = token === null ? {} : { authorization: `Bearer ${token}` };
  try {
    const response = await fetch(address, { method, headers, signal: signal ?? null });
    if (response.ok) return await read(response);
    if (response.status === 401) tokenIsWanted();
    throw errorOf(response.status, parsed(await response.text()));
  } catch (error) {
    const isOurs = error instanceof ApiError || signal?.aborted;
    throw isOurs ? error : offline();
  }
}

function parsed(body: string): unknown {
  try {
    return parseExactly(body);
  } catch {
    return null;
  }
}
