// Command build bundles the console into web/dist: hashed, minified, compressed files for web.Handler, and an error when
// they outgrow what a first visit may weigh. Run it from the root of the repository: go run ./web/build
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"
)

// The most a first visit may load, gzipped, in bytes (docs/architecture.md, "Front end"); and a script that only some screens
// ask for, when they are opened.
const (
	maxScript = 50_000
	maxLater  = 45_000
	maxStyle  = 12_000
)

// keep is the file that holds the folder in the repository.
const keep = ".keep"

// file is one file of the result; name is its path under dist, with slashes. A first visit loads all but those that come later.
type file struct {
	name  string
	body  []byte
	later bool
}

func main() {
	if err := build("web"); err != nil {
		fmt.Fprintln(os.Stderr, "web/build:", err)
		os.Exit(1)
	}
}

// build makes dist under root from the sources under root.
func build(root string) error {
	if _, err := os.Stat(filepath.Join(root, "node_modules", "preact")); err != nil {
		return errors.New("preact is not installed: run make tools (or npm ci in web)")
	}
	files, err := scripts(root, "main.tsx")
	if err != nil {
		return err
	}
	style, err := styles(root, "main.css")
	if err != nil {
		return err
	}
	icon, err := os.ReadFile(filepath.Join(root, "src", "icono.svg"))
	if err != nil {
		return err
	}
	page, err := os.ReadFile(filepath.Join(root, "src", "index.html"))
	if err != nil {
		return err
	}
	css, drawing := hashed("consola.css", style), hashed("icono.svg", icon)
	html, err := fill(string(page), map[string]string{"{{script}}": files[0].name, "{{style}}": css.name, "{{icon}}": drawing.name})
	if err != nil {
		return err
	}
	html = preload(html, files[1:])
	files = append(files, css, drawing)
	files = append(files, file{name: "index.html", body: []byte(html)})
	if err := write(filepath.Join(root, "dist"), files); err != nil {
		return err
	}
	return weigh(files)
}

// options are how everything is bundled. Nothing of the machine gets into it: equal sources give equal bytes.
func options(root, entry string) (api.BuildOptions, error) {
	full, err := filepath.Abs(root)
	return api.BuildOptions{
		AbsWorkingDir:     full,
		EntryPoints:       []string{"src/" + entry},
		Outdir:            "assets",
		Bundle:            true,
		Target:            api.ES2022,
		JSX:               api.JSXAutomatic,
		JSXImportSource:   "preact",
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		// light-dark() and nesting stay as written: every browser that runs the console knows them.
		Supported:     map[string]bool{"nesting": true},
		LegalComments: api.LegalCommentsNone,
		Charset:       api.CharsetUTF8,
		Define:        map[string]string{"process.env.NODE_ENV": `"production"`},
	}, err
}

// styles gives the one style sheet.
func styles(root, entry string) ([]byte, error) {
	with, err := options(root, entry)
	if err != nil {
		return nil, err
	}
	result, err := bundle(with)
	if err != nil {
		return nil, err
	}
	return result.OutputFiles[0].Contents, nil
}

// scripts gives the script that the page names, then those it needs at once, then those that a screen asks for when it is opened
// (import() in the sources).
func scripts(root, entry string) ([]file, error) {
	with, err := options(root, entry)
	if err != nil {
		return nil, err
	}
	with.Format, with.Splitting, with.Metafile = api.FormatESModule, true, true
	with.EntryNames, with.ChunkNames = "consola-[hash]", "[name]-[hash]"
	result, err := bundle(with)
	if err != nil {
		return nil, err
	}
	bodies := map[string][]byte{}
	for _, out := range result.OutputFiles {
		bodies["assets/"+filepath.Base(out.Path)] = out.Contents
	}
	names, err := order(result.Metafile, "src/"+entry)
	if err != nil {
		return nil, err
	}
	var files []file
	for _, n := range names {
		body, ok := bodies[n.name]
		if !ok {
			return nil, fmt.Errorf("esbuild named %s and did not make it", n.name)
		}
		files = append(files, file{n.name, body, n.later})
		delete(bodies, n.name)
	}
	if len(bodies) > 0 {
		return nil, fmt.Errorf("esbuild made %d scripts that nothing asks for", len(bodies))
	}
	return files, nil
}

// output is what esbuild tells of one file it made.
type output struct {
	EntryPoint string
	Imports    []struct {
		Path, Kind string
		External   bool
	}
}

// order reads from esbuild's account which script the entry became, and follows its imports: first those that a browser loads with
// it, then those that wait to be asked for.
func order(account, entry string) ([]file, error) {
	var told struct{ Outputs map[string]output }
	if err := json.Unmarshal([]byte(account), &told); err != nil {
		return nil, err
	}
	var names []file
	seen := map[string]bool{}
	for name, out := range told.Outputs {
		if out.EntryPoint == entry {
			names, seen[name] = []file{{name: name}}, true
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("esbuild made nothing of %s", entry)
	}
	for at := 0; at < len(names); at++ {
		names = append(names, needed(told.Outputs[names[at].name], names[at].later, false, seen)...)
	}
	for at := 0; at < len(names); at++ {
		names = append(names, needed(told.Outputs[names[at].name], true, true, seen)...)
	}
	return names, nil
}

// needed gives what a script imports and was not seen before; those it asks for later too where all is said.
func needed(out output, later, all bool, seen map[string]bool) []file {
	var found []file
	for _, i := range out.Imports {
		if i.External || seen[i.Path] || (i.Kind != "import-statement" && !all) {
			continue
		}
		seen[i.Path] = true
		found = append(found, file{name: i.Path, later: later})
	}
	return found
}

// preload tells the page of the scripts that the first one needs, so that the browser asks for all at once.
func preload(page string, scripts []file) string {
	var b strings.Builder
	for _, s := range scripts {
		if !s.later {
			b.WriteString(`<link rel="modulepreload" href="/` + s.name + "\">\n")
		}
	}
	return strings.Replace(page, "</head>", b.String()+"</head>", 1)
}

// bundle runs esbuild; its warnings are shown.
func bundle(with api.BuildOptions) (api.BuildResult, error) {
	result := api.Build(with)
	if len(result.Errors) > 0 {
		text := api.FormatMessages(result.Errors, api.FormatMessagesOptions{})
		return result, errors.New(strings.TrimSpace(strings.Join(text, "\n")))
	}
	for _, warning := range api.FormatMessages(result.Warnings, api.FormatMessagesOptions{Kind: api.WarningMessage}) {
		fmt.Fprint(os.Stderr, warning)
	}
	return result, nil
}

// hashed names a file by its content, so that it may be kept by caches for ever.
func hashed(name string, body []byte) file {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	return file{name: "assets/" + strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext, body: body}
}

// fill puts each value in place of its mark, which must stand in the page.
func fill(page string, values map[string]string) (string, error) {
	for mark, value := range values {
		if !strings.Contains(page, mark) {
			return "", fmt.Errorf("index.html has no %s", mark)
		}
		page = strings.ReplaceAll(page, mark, "/"+value)
	}
	return page, nil
}

// write replaces what is in dist by the files, each with its compressed forms. The page comes last and old files go at
// the end: a reader in between finds either build whole.
func write(dist string, files []file) error {
	wanted := map[string]bool{keep: true}
	if err := os.MkdirAll(filepath.Join(dist, "assets"), 0o755); err != nil {
		return err
	}
	for _, f := range files {
		for suffix, compress := range map[string]func([]byte) ([]byte, error){"": asIs, ".gz": gzipped, ".br": brotlied} {
			body, err := compress(f.body)
			if err != nil {
				return err
			}
			name := filepath.FromSlash(f.name) + suffix
			wanted[name] = true
			if err := os.WriteFile(filepath.Join(dist, name), body, 0o644); err != nil {
				return err
			}
		}
	}
	return filepath.WalkDir(dist, func(full string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dist, full)
		if err != nil || wanted[name] {
			return err
		}
		return os.Remove(full)
	})
}

func asIs(body []byte) ([]byte, error) { return body, nil }

func gzipped(body []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	return finish(&out, w, body)
}

func brotlied(body []byte) ([]byte, error) {
	var out bytes.Buffer
	return finish(&out, brotli.NewWriterLevel(&out, brotli.BestCompression), body)
}

func finish(out *bytes.Buffer, w io.WriteCloser, body []byte) ([]byte, error) {
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

// weigh prints what a first visit loads and refuses too much: of all its scripts together, of its style sheets, and of any one script
// that comes later.
func weigh(files []file) error {
	limits := map[string]int{".js": maxScript, ".css": maxStyle}
	loaded := map[string]int{}
	var over []string
	for _, f := range files {
		packed, err := gzipped(f.body)
		if err != nil {
			return err
		}
		small, err := brotlied(f.body)
		if err != nil {
			return err
		}
		mark := ""
		if f.later {
			mark = ", later"
		}
		fmt.Printf("%-34s %7d bytes, %6d gzip, %6d brotli%s\n", f.name, len(f.body), len(packed), len(small), mark)
		if f.later {
			if len(packed) > maxLater {
				over = append(over, fmt.Sprintf("%s weighs %d bytes gzipped, the limit is %d", f.name, len(packed), maxLater))
			}
			continue
		}
		loaded[path.Ext(f.name)] += len(packed)
	}
	for ext, weight := range loaded {
		if limit := limits[ext]; limit > 0 && weight > limit {
			over = append(over, fmt.Sprintf("what a first visit loads of %s weighs %d bytes gzipped, the limit is %d", ext, weight, limit))
		}
	}
	fmt.Printf("a first visit loads %d bytes of scripts and %d of styles, gzipped\n", loaded[".js"], loaded[".css"])
	if len(over) > 0 {
		slices.Sort(over)
		return errors.New(strings.Join(over, "; "))
	}
	return nil
}
