import { Link } from "../router/Link";
import type { Place } from "../router/place";
import { classes } from "../shared/classes";
import { nameText, sizeText, timeText } from "../shared/format";
import { Icon } from "../shared/Icon";
import { Marked } from "../shared/Marked";
import styles from "./FilesView.module.css";
import { looksLikeHdf5, type Entry } from "./listing";

export const ROW_PX = 32;

interface Props {
  entry: Entry;
  index: number;
  top: number;
  place: Place;
  isActive: boolean;
}

/** Where a folder or file leads. */
export function placeOfEntry(entry: Entry): Partial<Place> {
  return entry.kind === "folder" ? { prefix: entry.prefix } : { key: entry.file.key };
}

export function FileRow({ entry, index, top, place, isActive }: Props) {
  const key = entry.kind === "folder" ? entry.prefix : entry.file.key;
  const isOther = entry.kind === "file" && !looksLikeHdf5(key);
  return (
    <div
      role="row"
      id={`file-${index}`}
      aria-rowindex={index + 2}
      className={classes(styles.row, isActive && styles.active, isOther && styles.other)}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="gridcell" className={styles.name}>
        <Icon name={entry.kind} />
        <Link
          to={placeOfEntry(entry)}
          tabIndex={-1}
          className={styles.link}
          title={isOther ? `${nameText(key)} (its name is not one of HDF5 files)` : nameText(key)}
        >
          <Marked text={nameText(key.slice(place.prefix.length))} mark={place.q} />
        </Link>
      </div>
      <div role="gridcell" className={styles.size}>
        {entry.kind === "file" && (
          <span title={`${entry.file.size} bytes`}>{sizeText(entry.file.size)}</span>
        )}
      </div>
      <div role="gridcell" className={styles.modified}>
        {entry.kind === "file" && (
          <time dateTime={entry.file.last_modified} title={entry.file.last_modified}>
            {timeText(entry.file.last_modified)}
          </time>
        )}
      </div>
    </div>
  );
}
