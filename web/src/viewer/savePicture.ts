import { fileName, save } from "../shared/save";

/** Keeps what is drawn within an element, with its axes, as a PNG of the screen's own resolution. */
export async function savePicture(element: HTMLElement, name: string): Promise<void> {
  const blob = await pictureOf(element);
  if (blob) save(blob, fileName(name, "png"));
}

async function pictureOf(element: HTMLElement): Promise<Blob | null> {
  const box = element.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  const scale = Math.max(window.devicePixelRatio, 2);
  canvas.width = Math.round(box.width * scale);
  canvas.height = Math.round(box.height * scale);
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  pen.scale(scale, scale);
  pen.fillStyle = getComputedStyle(document.body).backgroundColor;
  pen.fillRect(0, 0, box.width, box.height);
  pen.translate(-box.left, -box.top);
  drawBars(pen, element);
  for (const drawn of element.querySelectorAll("canvas")) {
    const { left, top, width, height } = drawn.getBoundingClientRect();
    pen.drawImage(drawn, left, top, width, height);
  }
  for (const line of element.querySelectorAll<SVGGeometryElement>("svg line, svg path")) {
    drawLine(pen, line);
  }
  for (const text of element.querySelectorAll<SVGTextElement>("svg text")) drawText(pen, text);
  for (const entry of element.querySelectorAll<HTMLElement>("[data-legend]")) {
    drawLegend(pen, entry);
  }
  return await new Promise((resolve) => {
    canvas.toBlob(resolve);
  });
}

/** Bars of colours are the background of an element. */
function drawBars(pen: CanvasRenderingContext2D, element: HTMLElement) {
  for (const bar of element.querySelectorAll<HTMLElement>("[class*=gradient]")) {
    const { backgroundImage } = getComputedStyle(bar);
    const stops = backgroundImage.match(/rgba?\([^)]*\)/g) ?? [];
    const { left, top, right, bottom } = bar.getBoundingClientRect();
    const isAcross = /to right|90deg/.test(backgroundImage);
    const gradient = isAcross
      ? pen.createLinearGradient(left, 0, right, 0)
      : pen.createLinearGradient(0, bottom, 0, top);
    stops.forEach((stop, at) => {
      gradient.addColorStop(stops.length > 1 ? at / (stops.length - 1) : 0, stop);
    });
    pen.fillStyle = gradient;
    pen.fillRect(left, top, right - left, bottom - top);
  }
}

/** An entry of a legend is a mark and words. */
function drawLegend(pen: CanvasRenderingContext2D, entry: HTMLElement) {
  const { left, top, height } = entry.getBoundingClientRect();
  const [mark, words] = [getComputedStyle(entry, "::before"), getComputedStyle(entry)];
  const [width, thick] = [parseFloat(mark.width), parseFloat(mark.height)];
  pen.save();
  pen.fillStyle = mark.color;
  pen.fillRect(left, top + (height - thick) / 2, width, thick);
  pen.fillStyle = words.color;
  pen.font = `${words.fontWeight} ${words.fontSize} ${words.fontFamily}`;
  pen.textBaseline = "middle";
  pen.fillText(entry.textContent, left + width + parseFloat(mark.marginRight), top + height / 2);
  pen.restore();
}

function drawLine(pen: CanvasRenderingContext2D, line: SVGGeometryElement) {
  const { stroke, strokeWidth, strokeOpacity, opacity } = getComputedStyle(line);
  const place = line.getScreenCTM();
  if (stroke === "none" || !place) return;
  const length = line.getTotalLength();
  const [from, to] = [0, length].map((at) => line.getPointAtLength(at).matrixTransform(place));
  if (!from || !to) return;
  pen.save();
  pen.globalAlpha = Number(strokeOpacity) * Number(opacity);
  pen.strokeStyle = stroke;
  pen.lineWidth = parseFloat(strokeWidth) || 1;
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x, to.y);
  pen.stroke();
  pen.restore();
}

function drawText(pen: CanvasRenderingContext2D, text: SVGTextElement) {
  const place = text.getScreenCTM();
  const words = text.textContent;
  if (!place || words === "") return;
  const style = getComputedStyle(text);
  const start = text.getStartPositionOfChar(0).matrixTransform(place);
  pen.save();
  pen.fillStyle = style.fill;
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  pen.translate(start.x, start.y);
  // Labels of upright axes are turned.
  pen.rotate(Math.atan2(place.b, place.a));
  pen.fillText(words, 0, 0);
  pen.restore();
}
