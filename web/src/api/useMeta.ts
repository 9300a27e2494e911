import { useQuery, useQueryClient } from "@tanstack/react-query";
import { targetText, type Target } from "./models";
import { ATTRIBUTES_LIMIT, useProvider } from "./provider";

/** What an object is. Leaving it before it is there gives the question up. */
export function useMeta(key: string, object: Target) {
  const provider = useProvider();
  const client = useQueryClient();
  const queryKey = ["meta", key, targetText(object)];
  const meta = useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      await provider.meta({ key, object, attributesLimit: ATTRIBUTES_LIMIT }, signal),
  });
  return { meta, cancel: () => void client.cancelQueries({ queryKey }) };
}
