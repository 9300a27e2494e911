import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import type { InfiniteData } from "@tanstack/react-query";
import type { File, FilesAnswer } from "../api/models";
import { useProvider } from "../api/provider";
import type { Sort } from "../router/place";

/** The first page is small, so that rows are there at once. */
const FIRST_PAGE = 1000;
/** Who goes on has far to go, or wants another order: then all has to be here. */
const LATER_PAGES = 10_000;

export type Entry = { kind: "folder"; prefix: string } | { kind: "file"; file: File };

/** The listing of a folder or, with `q`, of all keys below it that contain it. */
export function useListing(prefix: string, q: string) {
  const provider = useProvider();
  const client = useQueryClient();
  const queryKey = ["files", prefix, q];
  const listing = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam, signal }) =>
      await provider.files({ prefix, q, limit: limitOf(pageParam), after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    // While one types, what was found before stays. Another folder is another matter.
    placeholderData: (before, query) => (query?.queryKey[1] === prefix ? before : undefined),
  });
  const refresh = useMutation({
    mutationFn: async () => await provider.files({ prefix, q, limit: FIRST_PAGE, refresh: true }),
    onSuccess: (page) => {
      const data: InfiniteData<FilesAnswer, string | undefined> = {
        pages: [page],
        pageParams: [undefined],
      };
      client.setQueryData(queryKey, data);
    },
  });
  return { listing, refresh, cancel: () => void client.cancelQueries({ queryKey }) };
}

function limitOf(after: string | undefined): number {
  return after === undefined ? FIRST_PAGE : LATER_PAGES;
}

/** What the pages hold, folders of a page before its files; by name as the server sorts. */
export function entriesOf(pages: readonly FilesAnswer[], sort: Sort): Entry[] {
  const entries = pages.flatMap((page) => [
    ...page.folders.map((prefix): Entry => ({ kind: "folder", prefix })),
    ...page.files.map((file): Entry => ({ kind: "file", file })),
  ]);
  if (sort === "name") return entries;
  const folders = entries.filter((entry) => entry.kind === "folder");
  const files = entries.filter((entry) => entry.kind === "file");
  const descends = sort.startsWith("-") ? -1 : 1;
  const order = sort.endsWith("size") ? bySize : byTime;
  return [...folders, ...files.sort((one, other) => descends * order(one.file, other.file))];
}

function bySize(one: File, other: File): number {
  return one.size < other.size ? -1 : one.size > other.size ? 1 : 0;
}

function byTime(one: File, other: File): number {
  return one.last_modified < other.last_modified ? -1 : 1;
}

/** Suffixes under which HDF5 files go. */
const SUFFIXES =
  /\.(h5|hdf|hdf5|he5|h5ad|h5m|h5mu|loom|nc|nc4|cdf|nxs|nx5|mat|mnc|cxi|emd|jld2|kea|bag|fast5)$/i;

/** Whether a key looks like that of an HDF5 file. Only opening it can tell. */
export function looksLikeHdf5(key: string): boolean {
  return SUFFIXES.test(key);
}
