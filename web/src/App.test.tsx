import { screen, waitFor, within } from "@testing-library/react";
import { beforeAll, expect, test, vi } from "vitest";
import { ApiError } from "./api/problem";
import { tokenIsWanted } from "./api/token";
import { wideGroup, type MockProvider } from "./testing/MockProvider";
import { openPage } from "./testing/openPage";

const FILES = {
  "notes.txt": { children: {} },
  "runs/a.h5": {
    children: {
      entry: {
        children: {
          counts: { shape: [6, 10], dtype: "int32", attributes: { big: 18446744073709551615n } },
          time: { shape: [], dtype: "int32" },
        },
      },
      gone: { target: "/nope" },
    },
    attributes: { owner: { reference: "object", address: 800, path: "/entry/time" } },
  },
  "runs/wide.h5": wideGroup(5000),
  ...Object.fromEntries(manyKeys(2500).map((key) => [key, { children: {} }])),
};

function manyKeys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `many/${String(index).padStart(5, "0")}.h5`);
}

beforeAll(() => {
  // jsdom knows the element, but cannot show it.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
});

const open = (address: string, prepare?: (provider: MockProvider) => void) =>
  openPage(FILES, address, prepare);

const row = async (name: RegExp | string) => await screen.findByRole("treeitem", { name });

test("from the files to an object, and back", async () => {
  const { user } = open("");
  await user.click(await screen.findByRole("link", { name: "runs/" }));
  await user.click(await screen.findByRole("link", { name: "a.h5" }));
  await user.click(await row(/^entry/));
  await user.click(await row(/^counts/));
  expect(await screen.findByText(/6 × 10 32-bit integers/)).toBeTruthy();
  expect(location.search).toBe("?key=runs/a.h5&path=/entry/counts");
  history.back();
  expect(await screen.findByText("A group of 2 children.")).toBeTruthy();
  expect(location.search).toBe("?key=runs/a.h5&path=/entry");
});

test("a link leads to exactly what was shown: the tree is open there", async () => {
  open("?key=runs/a.h5&path=/entry/counts&view=details");
  const chosen = await row(/^counts/);
  expect(chosen.getAttribute("aria-selected")).toBe("true");
  expect(chosen.getAttribute("aria-level")).toBe("3");
  // All digits of an integer beyond 53 bits.
  expect(await screen.findByText("18446744073709551615")).toBeTruthy();
});

test("the tree by keyboard alone", async () => {
  const { user } = open("?key=runs/a.h5");
  await row(/^entry/);
  const tree = screen.getByRole("tree");
  tree.focus();
  const active = () => document.getElementById(tree.getAttribute("aria-activedescendant") ?? "");
  await user.keyboard("{ArrowDown}");
  await waitFor(() => {
    expect(active()?.textContent).toMatch(/^entry/);
  });
  await user.keyboard("{ArrowRight}");
  await row(/^counts/);
  expect(active()?.getAttribute("aria-expanded")).toBe("true");
  await user.keyboard("{ArrowRight}");
  expect(active()?.textContent).toMatch(/^counts/);
  await user.keyboard("t");
  expect(active()?.textContent).toMatch(/^time/);
  await user.keyboard("{Enter}");
  expect(location.search).toBe("?key=runs/a.h5&path=/entry/time");
  await user.keyboard("{ArrowLeft}{ArrowLeft}");
  expect(active()?.getAttribute("aria-expanded")).toBe("false");
  await user.keyboard("{End}");
  expect(active()?.textContent).toMatch(/^gone/);
});

test("a reference among the attributes can be followed", async () => {
  const { user } = open("?key=runs/a.h5");
  await user.click(await screen.findByRole("link", { name: "/entry/time" }));
  expect(await screen.findByText(/One element/)).toBeTruthy();
  expect((await row(/^time/)).getAttribute("aria-selected")).toBe("true");
});

test("a dangling link says where it leads, in the tree and when it is chosen", async () => {
  const { user } = open("?key=runs/a.h5");
  const gone = await row(/^gone/);
  expect(within(gone).getByTitle("leads to /nope")).toBeTruthy();
  await user.click(gone);
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain('"/nope" is not there');
});

test("of a group of thousands only the rows in sight are in the document", async () => {
  open("?key=runs/wide.h5");
  await row(/^d00000/);
  const rows = screen.getAllByRole("treeitem");
  expect(rows.length).toBeLessThan(60);
  expect(rows[1]?.getAttribute("aria-setsize")).toBe("5000");
});

test("a filter shows the names that contain it", async () => {
  const { user } = open("?key=runs/wide.h5");
  await row(/^d00000/);
  await user.type(screen.getByRole("searchbox", { name: /Filter names in the file/ }), "00042");
  await waitFor(() => {
    expect(screen.getAllByRole("treeitem")).toHaveLength(2);
  });
  expect(screen.getByTitle("d00042")).toBeTruthy();
});

test("what failed says why in the server's words, and can be asked again", async () => {
  const { provider, user } = open("?key=runs/a.h5&path=/entry");
  provider.failures.set("/entry/time", new ApiError("store_timeout", "the store ran out of time"));
  await user.click(await row(/^time/));
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("the store ran out of time");
  provider.failures.clear();
  await user.click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByText(/One element/)).toBeTruthy();
});

test("nothing flickers: a sign of waiting is shown when it takes longer", async () => {
  vi.useFakeTimers();
  try {
    const { provider } = open("?key=runs/a.h5", ({ silent }) => {
      silent.add("/");
    });
    await vi.advanceTimersByTimeAsync(250);
    expect(screen.queryByText(/Reading …/)).toBeNull();
    await vi.advanceTimersByTimeAsync(100);
    expect(screen.getByText(/Reading …/)).toBeTruthy();
    await vi.advanceTimersByTimeAsync(4000);
    screen.getByRole("button", { name: "Cancel" }).click();
    await vi.advanceTimersByTimeAsync(10);
    expect(provider.givenUp).toContain("meta /");
  } finally {
    vi.useRealTimers();
  }
});

test("a file that changes while it is open is offered to be read again", async () => {
  const { provider, user } = open("?key=runs/a.h5");
  await user.click(await row(/^entry/));
  provider.etag = "2";
  await user.click(await row(/^time/));
  await user.click(await screen.findByRole("button", { name: "Reload" }));
  await row(/^time/);
  expect(provider.asked).toContain("refresh runs/a.h5");
  expect(screen.queryByText(/has changed/)).toBeNull();
});

test("a server that wants a token gets the one that is typed", async () => {
  const { provider, user } = open("");
  await screen.findByRole("link", { name: "runs/" });
  tokenIsWanted();
  const asked = provider.asked.length;
  await user.type(await screen.findByLabelText("Token"), "s3cret{Enter}");
  await waitFor(() => {
    expect(provider.asked.length).toBeGreaterThan(asked);
  });
  expect(screen.queryByLabelText("Token")).toBeNull();
  expect(sessionStorage.getItem("h5scout-token")).toBe("s3cret");
});

test("files that do not look like HDF5 say so, and the largest can stand first", async () => {
  const { user } = open("?prefix=");
  const other = await screen.findByRole("link", { name: "notes.txt" });
  expect(other.title).toContain("not one of HDF5 files");
  await user.type(screen.getByRole("searchbox", { name: "Find in all files" }), "runs");
  await screen.findByTitle("runs/wide.h5");
  await user.click(screen.getByRole("button", { name: "Size" }));
  const names = screen.getAllByTitle(/^runs/).map((link) => link.textContent);
  expect(names).toEqual(["runs/wide.h5", "runs/a.h5"]);
  expect(location.search).toBe("?q=runs&sort=-size");
});

test("refreshing asks the store anew, whatever is known of the listing", async () => {
  const { provider, user } = open("?prefix=runs/");
  await screen.findByTitle("runs/a.h5");
  await user.click(screen.getByRole("button", { name: "Refresh" }));
  await waitFor(() => {
    expect(provider.asked.at(-1)).toBe("files runs/ refresh");
  });
});

test("a folder of thousands is listed page by page, with few rows in the document", async () => {
  const { provider } = open("?prefix=many/");
  await screen.findByTitle("many/00000.h5");
  expect(screen.getAllByRole("row").length).toBeLessThan(60);
  expect(screen.getByText(/1 000 files, and more/)).toBeTruthy();
  expect(provider.asked).toEqual(["files many/"]);
});

test("a search that found nothing yet goes on, and says so", async () => {
  const { provider, user } = open("?prefix=many/");
  const { files } = provider;
  const asked: (string | undefined)[] = [];
  provider.files = async (question) => {
    if (question.q !== "02499") return await files(question);
    asked.push(question.after);
    if (question.after === "b") return await new Promise(() => undefined);
    const next = question.after === undefined ? "a" : "b";
    return { ...(await files({ prefix: "nowhere/" })), truncated: true, next };
  };
  await user.type(await screen.findByRole("searchbox", { name: "Find in many/" }), "02499");
  expect(await screen.findByText(/^Nothing so far, searching on …/)).toBeTruthy();
  await waitFor(() => {
    expect(asked).toEqual([undefined, "a", "b"]);
  });
});

test("another order than that of names needs all pages, and gets them", async () => {
  const { provider, user } = open("?prefix=many/");
  await screen.findByTitle("many/00000.h5");
  await user.click(screen.getByRole("button", { name: "Size" }));
  expect(await screen.findByText(/2 500 files$/)).toBeTruthy();
  expect(provider.asked).toEqual(["files many/", "files many/ after 1000"]);
});
