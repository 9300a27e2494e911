import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { ApiError } from "../api/problem";
import type { MockProvider } from "../testing/MockProvider";
import { openPage, picture } from "../testing/openPage";

const FILES = {
  "a.h5": {
    children: {
      list: { shape: [5], dtype: "int32", attributes: { scale_factor: 2, _FillValue: 3 } },
      long: { shape: [1000, 40], dtype: "int32" },
      wide: { shape: [2, 200_000], dtype: "int32" },
      references: { shape: [400], dtype: "reference" },
      records: { shape: [3], dtype: "record" },
      pages: { shape: [2, 3], dtype: "record" },
    },
  },
};

const open = (address: string, prepare?: (provider: MockProvider) => void) =>
  openPage(FILES, `?key=a.h5&path=/${address}`, prepare);

const links = async (name: RegExp) =>
  (await screen.findAllByRole("link", { name })).map((link) => link.getAttribute("href"));

test("a table shows what stored numbers stand for, too", async () => {
  open("list&show=table");
  const row = await screen.findByRole("row", { name: "3 –" });
  expect(row).toBeTruthy();
  expect(screen.getByRole("row", { name: "4 8" })).toBeTruthy();
});

test("of a long table only windows in sight are asked for and in the document", async () => {
  const { provider } = open("long&show=table");
  await screen.findByRole("row", { name: /^0 0 1 2/ });
  const asked = provider.asked.filter((question) => question.startsWith("data"));
  expect(asked).toEqual(["data /long 0:64,0:32"]);
  const table = screen.getByRole("grid", { name: "Elements" });
  expect(table.getAttribute("aria-rowcount")).toBe("1001");
  expect(within(table).getAllByRole("row").length).toBeLessThan(40);
});

test("what a table has no room for is said: columns, too", async () => {
  open("wide&show=table");
  expect(await screen.findByText(/^The first 100.000 columns\. Ranges/)).toBeTruthy();
  cleanup();
  open("long&show=table");
  await screen.findByRole("row", { name: /^0 0 1 2/ });
  expect(screen.queryByText(/^The first/)).toBeNull();
});

test("windows that failed say why, and are asked for again", async () => {
  const { provider, user } = open("long&show=table", (provider) => {
    provider.failures.set("/long", new ApiError("store_timeout", "the store ran out of time"));
  });
  // What the object is fails first.
  await screen.findByText(/ran out of time/);
  provider.failures.clear();
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByRole("row", { name: /^0 0 1 2/ });
});

test("elements that take long can be given up, and read after all", async () => {
  const { provider, user } = open("long&view=details");
  await user.click(await screen.findByRole("link", { name: "Data" }));
  await picture("heatmap of 1000 × 40");
  provider.silent.add("/long");
  await user.click(screen.getByRole("link", { name: "Table" }));
  await user.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(provider.givenUp).toEqual(["data /long 0:64,0:32"]);
  provider.silent.clear();
  await user.click(await screen.findByRole("button", { name: "Read the elements" }));
  await screen.findByRole("row", { name: /^0 0 1 2/ });
});

test("references are links to their objects, and null references words", async () => {
  const { user } = open("references");
  expect(await screen.findByRole("row", { name: "0 null reference" })).toBeTruthy();
  expect((await links(/^address 80[12]$/)).slice(0, 2)).toEqual([
    "?key=a.h5&address=801",
    "?key=a.h5&address=802",
  ]);
  await user.click(screen.getByRole("link", { name: "address 801" }));
  expect(location.search).toBe("?key=a.h5&address=801");
});

test("references in records are links, in a column of their own and among others", async () => {
  open("records");
  await screen.findByRole("columnheader", { name: "frame" });
  expect(await links(/^address/)).toEqual(["?key=a.h5&address=801", "?key=a.h5&address=802"]);
  cleanup();
  open("pages");
  const cell = await screen.findByTitle("{at: 1, frame: address 801}");
  expect(within(cell).getByRole("link").getAttribute("href")).toBe("?key=a.h5&address=801");
});

test("keys go on scrolling where a link that had the focus is out of sight", async () => {
  const { user } = open("references");
  const link = await screen.findByRole("link", { name: "address 801" });
  const grid = screen.getByRole("grid", { name: "Elements" });
  grid.focus();
  await user.tab();
  expect(document.activeElement).toBe(link);
  grid.scrollTop = 5000;
  fireEvent.scroll(grid);
  await waitFor(() => {
    expect(document.activeElement).toBe(grid);
  });
  expect(link.isConnected).toBe(false);
});
