import { expect, test, vi } from "vitest";
import { ApiError } from "../api/problem";
import { MockProvider, wideGroup } from "../testing/MockProvider";
import { TreeModel, type Row } from "./treeModel";

const SMALL = {
  "a.h5": {
    children: {
      entry: { children: { x: { shape: [3], dtype: "int32" }, y: { shape: [], dtype: "int8" } } },
      empty: { children: {} },
      gone: { target: "/nope" },
    },
  },
};

function opened(files: ConstructorParameters<typeof MockProvider>[0] = SMALL) {
  const provider = new MockProvider(files);
  const tree = new TreeModel(provider, "a.h5");
  tree.open(tree.root);
  return { provider, tree };
}

function shown(tree: TreeModel): string[] {
  return tree
    .rows()
    .map((row) =>
      row.kind === "node"
        ? `${"  ".repeat(row.node.level - 1)}${row.node.child?.name ?? "/"}`
        : row.kind,
    );
}

function nodeOf(tree: TreeModel, name: string) {
  const row = tree.rows().find((row) => row.kind === "node" && row.node.child?.name === name);
  if (row?.kind !== "node") throw new Error(`no row for ${name}`);
  return row.node;
}

async function settled(tree: TreeModel): Promise<readonly Row[]> {
  await vi.waitFor(() => {
    expect(shown(tree)).not.toContain("reading");
  });
  return tree.rows();
}

test("a group is read when it is opened, and only once", async () => {
  const { provider, tree } = opened();
  expect(shown(tree)).toEqual(["/", "reading"]);
  await settled(tree);
  const entry = nodeOf(tree, "entry");
  tree.open(entry);
  await settled(tree);
  expect(shown(tree)).toEqual(["/", "  entry", "    x", "    y", "  empty", "  gone"]);
  tree.close(entry);
  tree.open(entry);
  expect(shown(tree)).toContain("    x");
  expect(provider.asked).toEqual(["children /", "children /entry"]);
});

test("a group that is known to be empty is not asked for its children", async () => {
  const { provider, tree } = opened();
  await settled(tree);
  tree.open(nodeOf(tree, "empty"));
  expect(provider.asked).toEqual(["children /"]);
});

test("a large group comes in pages, of which the first is small", async () => {
  const { provider, tree } = opened({ "a.h5": wideGroup(7000) });
  await settled(tree);
  expect(tree.rows().length).toBe(1 + 200 + 1);
  expect(tree.rows().at(-1)?.kind).toBe("more");
  tree.readMore(tree.root);
  // A second wish while the page is on its way asks for nothing.
  tree.readMore(tree.root);
  await settled(tree);
  expect(tree.rows().length).toBe(1 + 5200 + 1);
  tree.readMore(tree.root);
  await settled(tree);
  expect(tree.rows().length).toBe(1 + 7000);
  expect(provider.asked).toEqual([
    "children /",
    "children names / after 200",
    "children names / after 5200",
  ]);
  const last = nodeOf(tree, "d06999");
  expect(last.position).toBe(7000);
});

/** A group of 7,000 of which all names are known, and what is asked of it from then on. */
async function namesOfMany() {
  const { provider, tree } = opened({ "a.h5": wideGroup(7000) });
  await settled(tree);
  for (let page = 0; page < 2; page += 1) {
    tree.readMore(tree.root);
    await settled(tree);
  }
  provider.asked.length = 0;
  return { provider, tree };
}

test("of later pages only what is in sight is read, from a cursor that leads there", async () => {
  const { provider, tree } = await namesOfMany();
  const row = 1 + 6950;
  tree.look(tree.rows().slice(row - 10, row + 10));
  await vi.waitFor(() => {
    expect(nodeOf(tree, "d06950").child?.type).toBe("dataset");
  });
  expect(nodeOf(tree, "d06899").child?.type).toBe("unread");
  expect(provider.asked).toEqual(["children names / after 5200", "children / after 6900"]);
  tree.look(tree.rows().slice(row - 10, row + 10));
  expect(provider.asked).toHaveLength(2);
});

test("what has left sight before it was read is given up, and read when it is back", async () => {
  const { provider, tree } = await namesOfMany();
  provider.silent.add("/");
  tree.look(tree.rows().slice(5200, 5202));
  tree.look([]);
  expect(provider.givenUp).toEqual(["children names / after 200"]);
  provider.silent.clear();
  tree.look(tree.rows().slice(5200, 5202));
  await vi.waitFor(() => {
    expect(nodeOf(tree, "d05200").child?.type).toBe("dataset");
  });
});

test("what could not be read says why, at its row", async () => {
  const { provider, tree } = await namesOfMany();
  provider.failures.set("/", new ApiError("store_timeout", "the store ran out of time"));
  tree.look(tree.rows().slice(5301, 5302));
  await vi.waitFor(() => {
    expect(nodeOf(tree, "d05300").child?.error?.code).toBe("store_timeout");
  });
  expect(nodeOf(tree, "d05400").child?.error).toBeUndefined();
});

test("closing a group gives up what is being read, opening it reads again", async () => {
  const { provider, tree } = opened();
  await settled(tree);
  const entry = nodeOf(tree, "entry");
  provider.silent.add("/entry");
  tree.open(entry);
  tree.close(entry);
  expect(provider.givenUp).toEqual(["children /entry"]);
  provider.silent.clear();
  tree.open(entry);
  await settled(tree);
  expect(shown(tree)).toContain("    x");
});

test("a failed group says why, and can be read again", async () => {
  const { provider, tree } = opened();
  await settled(tree);
  const failure = new ApiError("store_timeout", "the store ran out of time");
  provider.failures.set("/entry", failure);
  const entry = nodeOf(tree, "entry");
  tree.open(entry);
  await settled(tree);
  expect(tree.rows()).toContainEqual({ kind: "failed", group: entry, error: failure });
  provider.failures.clear();
  tree.readMore(entry);
  await settled(tree);
  expect(shown(tree)).toContain("    y");
});

test("a filter is answered by the server, for one group", async () => {
  const { provider, tree } = opened({ "a.h5": wideGroup(3000) });
  await settled(tree);
  tree.filter(tree.root, "d029");
  await settled(tree);
  expect(tree.rows().length).toBe(1 + 100);
  expect(provider.asked.at(-1)).toBe("children / q d029");
  tree.filter(tree.root, "nothing");
  await settled(tree);
  expect(shown(tree)).toEqual(["/", "empty"]);
});

test("the answer to an earlier filter does not replace that to a later one", async () => {
  const { provider, tree } = opened({ "a.h5": wideGroup(30) });
  await settled(tree);
  provider.silent.add("/");
  tree.filter(tree.root, "d0000");
  provider.silent.clear();
  tree.filter(tree.root, "d00012");
  await settled(tree);
  expect(provider.givenUp).toEqual(["children / q d0000"]);
  expect(shown(tree)).toEqual(["/", "  d00012"]);
});

test("revealing a path opens the groups above it", async () => {
  const { tree } = opened();
  const node = await tree.reveal("/entry/y");
  expect(node?.child?.name).toBe("y");
  expect(shown(tree)).toContain("    y");
  expect(await tree.reveal("/entry/nope")).toBeNull();
});

test("what lies on a later page is revealed without reading those before", async () => {
  const { provider, tree } = opened({ "a.h5": wideGroup(3000) });
  const node = await tree.reveal("/d02999");
  expect(node?.child?.name).toBe("d02999");
  expect(shown(tree).slice(-2)).toEqual(["  d02999", "more"]);
  expect(provider.asked).toEqual(["children /", "children / q d02999"]);
});
