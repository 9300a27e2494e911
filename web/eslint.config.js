import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Folders that must not know others: data flows one way, as in the server. */
const WALLS = [
  { folder: "api", not: ["explorer", "details", "viewer", "shared", "router"] },
  { folder: "router", not: ["explorer", "details", "viewer", "shared"] },
  { folder: "shared", not: ["explorer", "details", "viewer"] },
  // Pictures know arrays, not HDF5.
  { folder: "viewer", not: ["explorer", "details"] },
];

export default tseslint.config(
  { ignores: ["dist", "src/api/schema.gen.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks },
    extends: [jsxA11y.flatConfigs.strict],
    rules: {
      ...reactHooks.configs.recommended.rules,
      // It is about the React compiler, which is not used here.
      "react-hooks/incompatible-library": "off",
      // Names in files are other people's text: it is shown as text.
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "Show text as text.",
        },
        {
          selector: "MemberExpression[property.name=/^(inner|outer)HTML$/]",
          message: "Show text as text.",
        },
      ],
    },
  },
  ...WALLS.map(({ folder, not }) => ({
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: not.map((name) => `../${name}/*`),
              message: `${folder} must not know them.`,
            },
          ],
        },
      ],
    },
  })),
  {
    files: ["scripts/**/*.mjs"],
    languageOptions: { globals: { URL: true, console: true, process: true } },
  },
);
