import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { ApiError } from "../api/problem";
import { setToken } from "../api/token";
import * as files from "../shared/save";
import type { MockProvider } from "../testing/MockProvider";
import { openPage, picture } from "../testing/openPage";
import { hasWebGl } from "./webgl";

const FILES = {
  "a.h5": {
    children: {
      cube: { shape: [4, 5, 6], dtype: "int32" },
      list: { shape: [5], dtype: "int32", attributes: { scale_factor: 2, _FillValue: 3 } },
      band: {
        shape: [5],
        dtype: "int32",
        attributes: { _Unsigned: "true", valid_range: [1, 3], scale_factor: 0.5 },
      },
      long: { shape: [1000, 40], dtype: "int32" },
      photo: { shape: [6, 8, 3], dtype: "uint8" },
      grey: { shape: [6, 8], dtype: "uint8", attributes: { CLASS: "IMAGE" } },
      planes: {
        shape: [2, 3, 4, 5],
        dtype: "uint16",
        attributes: {
          CLASS: "IMAGE",
          IMAGE_SUBCLASS: "IMAGE_TRUECOLOR",
          INTERLACE_MODE: "INTERLACE_PLANE",
          IMAGE_MINMAXRANGE: [0, 59],
        },
      },
      x: { shape: [5], dtype: "int32", attributes: { long_name: "angle", units: "deg" } },
      y: { shape: [5], dtype: "int32" },
      one: { shape: [], dtype: "int32", attributes: { units: "mm" } },
      psi: { shape: [2, 3], dtype: "complex", attributes: { units: "V" } },
      beside: { shape: [5], dtype: "complex" },
      states: { shape: [4], dtype: "enum" },
      levels: { shape: [5, 4], dtype: "enum" },
      none: { shape: [0], dtype: "int32" },
      scan: { children: {}, attributes: { signal: "/list", axes: "/x" } },
      map: { children: {}, attributes: { signal: "/list", axes: ["/x", "/y"] } },
      several: {
        children: {
          a: { shape: [5], dtype: "int32" },
          b: { shape: [5], dtype: "int32", attributes: { units: "V", scale_factor: -2 } },
          a_errors: { shape: [5], dtype: "int32" },
        },
        attributes: { signal: "a", auxiliary_signals: "b" },
      },
      mixed: { children: {}, attributes: { signal: "/band", auxiliary_signals: "/x" } },
      waves: {
        children: {
          a: { shape: [5], dtype: "complex" },
          b: { shape: [5], dtype: "int32" },
          c: { shape: [5], dtype: "complex" },
          a_errors: { shape: [5], dtype: "int32" },
        },
        attributes: { signal: "a", auxiliary_signals: ["b", "c"], axes: "/beside" },
      },
      lost: { children: {}, attributes: { default: "gone" } },
    },
  },
};

const open = (address: string, prepare?: (provider: MockProvider) => void) =>
  openPage(FILES, `?key=a.h5&path=/${address}`, prepare);

/** Five rows of a cube that are the same. */
const rows = (row: unknown) => Array.from({ length: 5 }, () => row);

afterEach(() => {
  vi.restoreAllMocks();
});

test("a dataset of numbers is drawn as soon as it is chosen, its last dimensions first", async () => {
  const { provider } = open("cube");
  await picture("heatmap of 5 × 6");
  expect(provider.asked).toContain("preview /cube heatmap 0,:,:");
  expect(screen.getByRole("figure", { name: "cube" }).textContent).toContain("30 numbers");
});

test("without WebGL the way to the table is shown", async () => {
  vi.mocked(hasWebGl).mockReturnValue(false);
  const { provider, user } = open("cube");
  expect((await screen.findByText(/Pictures need WebGL 2/)).textContent).toContain("switched off");
  await user.click(screen.getByRole("link", { name: "Show the table" }));
  await screen.findByRole("grid");
  expect(provider.asked.filter((asked) => asked.startsWith("preview"))).toEqual([]);
  vi.mocked(hasWebGl).mockReturnValue(true);
});

test("of a large dataset what was not read is empty, and said", async () => {
  open("cube", ({ previews }) => {
    const row = [0, null, null, 3, 4, 5];
    const count = [1, 0, 0, 1, 1, 1];
    const statistics = { count: 20, nan_count: 0, min: 0, max: 5, mean: 3, std: 1, sampled: true };
    previews.set("/cube", {
      ...{ min: rows(row), max: rows(row), mean: rows(row), count: rows(count), statistics },
      read: { elements: 20, elements_selected: 9000, chunks: 256, chunks_selected: 4000 },
    });
  });
  const drawn = await picture("heatmap of 5 × 6");
  expect(drawn.textContent).toMatch(/^0 NaN NaN 3 4 5 0 NaN/);
  expect(screen.getByRole("figure").textContent).toContain(
    "20 numbers taken evenly, from 0 to 5, mean 3 ± 1, of 9\u2009000 selected; 256 of " +
      "4\u2009000 chunks are shown, and cells without numbers are left empty",
  );
});

test("what was read of all parts of a large dataset leaves nothing empty", async () => {
  open("x", ({ previews }) => {
    const numbers = [1, 2, 3, 4, 5];
    const statistics = { count: 5, nan_count: 0, min: 1, max: 5, mean: 3, std: 1, sampled: true };
    previews.set("/x", {
      ...{ min: numbers, max: numbers, count: numbers, statistics },
      read: { elements: 5, elements_selected: 50, chunks: 5, chunks_selected: 9 },
    });
  });
  await picture("line of 5");
  expect(screen.getByRole("figure").textContent).toMatch(/; 5 of 9 chunks are shownPNG$/);
});

test("what has no elements to look at, or one, is described", async () => {
  open("none");
  expect(await screen.findByText(/32-bit integers/)).toBeTruthy();
  expect(screen.queryByRole("table", { name: "Attributes" })).toBeNull();
  expect(screen.queryByRole("img")).toBeNull();
});

test("one element is told beside what it is", async () => {
  open("one");
  const value = await screen.findByRole("group", { name: "Value" });
  expect(value.textContent).toBe("0 mm");
  expect(screen.getByRole("link", { name: "Details" }).getAttribute("aria-current")).toBe("page");
});

test("another view of the tree's next object stays, but for data where there are none", async () => {
  const { user } = open("cube&view=code");
  await user.click(await screen.findByRole("treeitem", { name: /^list/ }));
  expect(location.search).toBe("?key=a.h5&path=/list&view=code");
  await user.click(screen.getByRole("link", { name: "Data" }));
  await user.click(await screen.findByRole("treeitem", { name: /^one/ }));
  expect(location.search).toBe("?key=a.h5&path=/one");
});

test("what stored numbers stand for is drawn, said, and can be left away", async () => {
  const { user } = open("list");
  const drawn = await picture("line of 5");
  expect(drawn.textContent).toContain("0 2 4 NaN 8 |");
  // The last number stands alone: a dot is seen where no line leads.
  expect(drawn.dataset.curve).toBe("LineAndGlyphs");
  expect(
    screen.getByText(/from 0 to 8, mean 3.5 ± 2, 1 left out; stored numbers × 2, without 3/),
  ).toBeTruthy();
  await user.click(screen.getByRole("checkbox", { name: "As stored" }));
  await waitFor(() => {
    expect(screen.getByRole("img").textContent).toContain("0 1 2 3 4 |");
  });
  expect(screen.getByRole("img").dataset.curve).toBe("OnlyLine");
  expect(location.search).toContain("raw=1");
});

test("the server leaves out what stands for no number, but not of what is shown as stored", async () => {
  const { provider, user } = open("list");
  await picture("line of 5");
  expect(provider.asked).toContain("preview /list line : without 3");
  expect(screen.getByText(/4 numbers, from 0 to 8, mean 3.5 ± 2, 1 left out;/)).toBeTruthy();
  await user.click(screen.getByRole("checkbox", { name: "As stored" }));
  expect(await screen.findByText(/5 numbers, from 0 to 4, mean 2 ± 1$/)).toBeTruthy();
  expect(provider.asked).toContain("preview /list line :");
});

test("integers without a sign and what is not valid are read so by the server, or as stored", async () => {
  const { provider, user } = open("band");
  const drawn = await picture("line of 5");
  expect(drawn.textContent).toContain("NaN 0.5 1 1.5 NaN |");
  expect(provider.asked).toContain("preview /band line : unsigned within 1,3");
  expect(
    screen.getByText(
      /3 numbers, from 0.5 to 1.5, mean 1 .*2 left out; stored numbers read as unsigned, within 1 and 3, × 0.5$/,
    ),
  ).toBeTruthy();
  await user.click(screen.getByRole("checkbox", { name: "As stored" }));
  await screen.findByText(/5 numbers, from 0 to 4/);
  expect(provider.asked).toContain("preview /band line :");
});

test("what lies beside a signal is read as its own attributes say", async () => {
  const { provider } = open("mixed");
  await picture("line of 5");
  expect(provider.asked).toContain("preview /band line : unsigned within 1,3");
  expect(provider.asked).toContain("preview /x line :");
});

test("a drag over a picture shows that part in finer detail, and back the whole", async () => {
  const { provider, user } = open("cube");
  await picture("heatmap of 5 × 6");
  await user.click(screen.getByRole("button", { name: "drag" }));
  await picture("heatmap of 3 × 3");
  expect(location.search).toContain("slice=0,1:4,1:4");
  expect(provider.asked).toContain("preview /cube heatmap 0,1:4,1:4");
  history.back();
  await picture("heatmap of 5 × 6");
  expect(location.search).toBe("?key=a.h5&path=/cube");
  await user.click(screen.getByRole("button", { name: "drag" }));
  await user.click(await screen.findByRole("button", { name: "Show whole range" }));
  await picture("heatmap of 5 × 6");
});

test("a slider that is dragged fast changes the address at a pace, and ends where it was let go", async () => {
  open("long&show=line");
  const slider = await screen.findByRole("slider", { name: /^Dimension 0/ });
  const changes = vi.spyOn(history, "replaceState");
  for (let index = 1; index <= 500; index += 1) {
    fireEvent.change(slider, { target: { value: String(index) } });
    expect((slider as HTMLInputElement).value).toBe(String(index));
  }
  await waitFor(() => {
    expect(location.search).toContain("slice=500,:");
  });
  // Chromium takes 200 in ten seconds.
  expect(changes.mock.calls.length).toBeLessThan(100);
});

test("numbers take the room that there is, and pixels are squares, as long as nobody chooses", async () => {
  const aspect = () =>
    screen.getByRole("img").closest("[data-aspect]")?.getAttribute("data-aspect");
  const { user } = open("cube");
  await picture("heatmap of 5 × 6");
  expect(aspect()).toBe("auto");
  await user.selectOptions(screen.getByRole("combobox", { name: "Aspect" }), "equal");
  expect(aspect()).toBe("equal");
  expect(location.search).toContain("aspect=equal");
  cleanup();
  open("photo");
  await picture("image of 6 × 8 × 3");
  expect(aspect()).toBe("equal");
  cleanup();
  open("grey");
  await picture("heatmap of 6 × 8");
  expect(aspect()).toBe("equal");
  cleanup();
  open("grey&show=line");
  await picture("line of 8");
  expect(screen.queryByRole("combobox", { name: "Aspect" })).toBeNull();
});

test("a NeXus group is drawn with its axis, and says of what", async () => {
  open("scan");
  const drawn = await picture("line of 5");
  expect(drawn.textContent).toContain("| angle (deg) 0 1 2 3 4");
  expect(screen.getByRole("link", { name: "/list" })).toBeTruthy();
});

test("an enumeration is a table of names first, and can be drawn", async () => {
  const { user } = open("states");
  expect(await screen.findByRole("row", { name: "1 ON" })).toBeTruthy();
  const shows = () =>
    within(screen.getByRole("navigation", { name: "How the elements are shown" }))
      .getAllByRole("link")
      .map((link) => link.textContent);
  expect(shows()).toEqual(["Table", "Line"]);
  await user.click(screen.getByRole("link", { name: "Line" }));
  expect((await picture("line of 4")).textContent).toContain("0 1 2 3 |");
  expect(screen.getByRole("tooltip").textContent).toBe("[1]ON (1)");
  cleanup();
  open("levels&show=heatmap");
  await picture("heatmap of 5 × 4");
  expect(shows()).toEqual(["Table", "Heatmap", "Line"]);
});

test("of complex numbers the amplitude is drawn, or what is chosen in its place", async () => {
  const { provider, user } = open("psi");
  await picture("heatmap of 2 × 3");
  expect(provider.asked).toContain("preview /psi heatmap :,: amplitude");
  expect(screen.getByRole("figure", { name: "amplitude of psi (V)" })).toBeTruthy();
  await user.selectOptions(screen.getByRole("combobox", { name: "Complex" }), "phase");
  expect(await screen.findByRole("figure", { name: "phase of psi (rad)" })).toBeTruthy();
  expect(provider.asked).toContain("preview /psi heatmap :,: phase");
  expect(location.search).toContain("complex=phase");
  await user.click(screen.getByRole("link", { name: "Table" }));
  expect(await screen.findByRole("row", { name: "1 (3-3j) (4-4j) (5-5j)" })).toBeTruthy();
  expect(screen.queryByRole("combobox", { name: "Complex" })).toBeNull();
  cleanup();
  open("x");
  await picture("line of 5");
  expect(screen.queryByRole("combobox", { name: "Complex" })).toBeNull();
});

test("beside complex numbers each dataset is read as its type is, and errors and axes are none", async () => {
  const { provider } = open("waves&complex=real");
  const drawn = await picture("line of 5");
  expect(provider.asked).toContain("preview /waves/a line : real");
  expect(provider.asked).toContain("preview /waves/b line :");
  expect(provider.asked).toContain("preview /waves/c line : real");
  expect(provider.asked.join("\n")).not.toContain("preview /waves/a_errors");
  expect(drawn.textContent).toContain("| Dimension 0 0 1 2 3 4");
  const lines = within(screen.getByRole("list", { name: "Lines" })).getAllByRole("listitem");
  expect(lines.map((line) => line.textContent)).toEqual(["real part of a", "b", "real part of c"]);
});

test("what is pointed at is told", async () => {
  open("scan");
  await picture("line of 5");
  expect(screen.getByRole("tooltip").textContent).toBe("[1]angle (deg) = 12");
  cleanup();
  open("cube");
  await picture("heatmap of 5 × 6");
  expect(screen.getByRole("tooltip").textContent).toBe("[0, 2, 1]13");
});

test("errors and other signals of a NeXus group are drawn with its signal", async () => {
  open("several");
  const drawn = await picture("line of 5");
  expect(drawn.textContent).toMatch(/ \| ± 0 1 2 3 4 \| b \(V\): 0 -2 -4 -6 -8$/);
  const legend = screen.getByRole("list", { name: "Lines" });
  expect(
    within(legend)
      .getAllByRole("listitem")
      .map((line) => line.textContent),
  ).toEqual(["a", "b (V)"]);
  expect(screen.getByRole("link", { name: "/several/b" })).toBeTruthy();
});

test("errors of what is not seen one by one are not drawn, and that is said", async () => {
  open("several", ({ previews }) => {
    const columns = { dimension: 0, start: 0, step: 1, count: 500, cells: 5 };
    for (const path of ["a", "b", "a_errors"]) previews.set(`/several/${path}`, { columns });
  });
  const drawn = await picture("line of 10");
  expect(drawn.textContent).not.toContain("±");
  expect(screen.getByRole("figure").textContent).toContain(
    "; the errors are drawn where each element is seen",
  );
});

test("what lies beside in other cells, or cannot be read, is left out", async () => {
  open("several", ({ previews }) => {
    const columns = { dimension: 0, start: 0, step: 1, count: 5, cells: 3 };
    previews.set("/several/b", { columns });
    previews.set("/several/a_errors", { columns });
  });
  const drawn = await picture("line of 5");
  expect(drawn.textContent).toBe("0 1 2 3 4 | Dimension 0 0 1 2 3 4 | ");
});

test("a picture whose axis cannot be read has indices", async () => {
  open("scan", (provider) => {
    provider.failures.set("/x", new ApiError("malformed_file", "broken"));
  });
  const drawn = await picture("line of 5");
  expect(drawn.textContent).toContain("| Dimension 0 0 1 2 3 4");
});

test("a list with two axes is drawn as points", async () => {
  open("map");
  const drawn = await picture("points of 5");
  expect(drawn.textContent).toBe("0 2 4 NaN 8 | angle (deg) 0 1 2 3 4 | y 0 1 2 3 4");
});

test("a group whose default is not there is described", async () => {
  open("lost");
  expect(await screen.findByText("A group without children.")).toBeTruthy();
});

test("bytes by threes are the colours of an image", async () => {
  const { provider } = open("photo");
  await picture("image of 6 × 8 × 3");
  expect(provider.asked).toContain("elements /photo 0:6:1,0:8:1,: bin");
  expect(screen.queryByRole("combobox", { name: "Scale" })).toBeNull();
});

test("other numbers are colours where the file says so, wherever these lie", async () => {
  const { provider, user } = open("planes");
  const drawn = await picture("image of 4 × 5 × 3");
  expect(provider.asked).toContain("elements /planes 0,:,0:4:1,0:5:1 bin");
  // The second pixel is one element on in each plane of 20.
  const [, , , ...colours] = drawn.textContent.split(" ").map(Number);
  expect(colours.slice(0, 3)).toEqual([1, 21, 41].map((one) => Math.round((one * 255) / 59)));
  expect(screen.getByRole("figure").textContent).toContain(
    "4 × 5 pixels; 0 is none of a colour and 59 all of it, as IMAGE_MINMAXRANGE says",
  );
  // The colours are no dimension to choose from.
  expect(screen.getAllByRole("slider")).toHaveLength(1);
  await user.click(screen.getByRole("button", { name: "drag" }));
  await picture("image of 3 × 3 × 3");
  expect(location.search).toContain("slice=0,:,1:4,1:4");
});

test("a picture that is no longer wanted is given up", async () => {
  const { provider, user } = open("cube");
  await picture("heatmap of 5 × 6");
  provider.silent.add("/cube");
  await user.click(screen.getByRole("link", { name: "Line" }));
  await waitFor(() => {
    expect(provider.asked).toContain("preview /cube line 0,0,:");
  });
  await user.click(screen.getByRole("link", { name: "Details" }));
  await waitFor(() => {
    expect(provider.givenUp).toEqual(["preview /cube line 0,0,:"]);
  });
});

test("without a token a download is a link that the browser follows", async () => {
  open("list&slice=1:3");
  const link = await screen.findByRole("link", { name: "NPY" });
  expect(link.getAttribute("href")).toBe("data?key=a.h5&path=%2Flist&selection=1%3A3&format=npy");
  expect(link.getAttribute("download")).toBe("list.npy");
});

test("with a token the page fetches what is kept, as a link cannot", async () => {
  const saved = vi.spyOn(files, "save").mockReturnValue();
  setToken("all-of-it-0123456789");
  const { provider, user } = open("cube");
  await picture("heatmap of 5 × 6");
  await user.click(screen.getByRole("button", { name: "CSV" }));
  await waitFor(() => {
    expect(saved).toHaveBeenCalledOnce();
  });
  expect(provider.asked).toContain("elements /cube 0,:,: csv");
  expect(saved.mock.calls[0]?.[1]).toBe("cube.csv");
  // While it goes on it can be given up.
  provider.silent.add("/cube");
  await user.click(screen.getByRole("button", { name: "NPY" }));
  await user.click(await screen.findByRole("button", { name: /Cancel/ }));
  await waitFor(() => {
    expect(provider.givenUp).toEqual(["elements /cube 0,:,: npy"]);
  });
});
