import type { Child, Integer } from "../api/models";
import type { IconName } from "../shared/Icon";

/** The picture of an object, by what it is and how many dimensions it has. */
export function iconOf(
  child: Pick<Child, "type"> & { ndim?: Integer; dtype?: string | null },
): IconName {
  switch (child.type) {
    case "group":
      return "group";
    case "datatype":
      return "type";
    case "unresolved":
      return "broken";
    case "unread":
      return "unread";
    case "dataset":
      if (child.dtype === "string") return "text";
      return (["scalar", "line", "grid"] as const)[Number(child.ndim ?? 0)] ?? "cube";
  }
}
