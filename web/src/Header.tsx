import styles from "./Header.module.css";
import icon from "./icon.svg";
import { Link } from "./router/Link";
import { folderOf, type Place } from "./router/place";
import { CopyButton } from "./shared/CopyButton";
import { nameText } from "./shared/format";
import { ThemeButton } from "./shared/ThemeButton";

/** Where one is, from the source down to the file, and what is of use everywhere. */
export function Header({ place }: { place: Place }) {
  const { key } = place;
  const prefix = key === null ? place.prefix : folderOf(key);
  return (
    <header className={styles.header}>
      <Link to={{}} className={styles.home} aria-label="h5scout: all files">
        <img src={icon} alt="" width="20" height="20" />
        <span>h5scout</span>
      </Link>
      <nav className={styles.crumbs} aria-label="Folder">
        {foldersOf(prefix).map(({ name, prefix }) => (
          <span key={prefix} className={styles.crumb}>
            <bdi>
              <Link to={{ prefix }}>{nameText(name)}</Link>
            </bdi>
            <span className={styles.slash}>/</span>
          </span>
        ))}
        {key !== null && (
          <Link to={{ key }} className={styles.file} title={nameText(key)} aria-current="page">
            <bdi>{nameText(key.slice(prefix.length))}</bdi>
          </Link>
        )}
      </nav>
      <div className={styles.tools}>
        <CopyButton label="Copy the link to what is shown" text={() => location.href} />
        <ThemeButton />
        <a className={styles.docs} href="docs">
          API
        </a>
      </div>
    </header>
  );
}

/** The folders from the root to a prefix, as its slashes cut it. */
function foldersOf(prefix: string): { name: string; prefix: string }[] {
  const folders = [];
  for (let end = prefix.indexOf("/"); end >= 0; end = prefix.indexOf("/", end + 1)) {
    const start = prefix.lastIndexOf("/", end - 1) + 1;
    folders.push({ name: prefix.slice(start, end), prefix: prefix.slice(0, end + 1) });
  }
  return folders;
}
