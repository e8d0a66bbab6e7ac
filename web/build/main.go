// Command build bundles the console into web/dist: hashed, minified, compressed files for web.Handler, and an error when
// they outgrow what a first visit may weigh. Run it from the root of the repository: go run ./web/build
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
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

// The most a first visit may load, gzipped, in bytes (docs/architecture.md, "Front end").
const (
	maxScript = 50_000
	maxStyle  = 12_000
)

// keep is the file that holds the folder in the repository.
const keep = ".keep"

// file is one file of the result; name is its path under dist, with slashes.
type file struct {
	name string
	body []byte
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
	script, err := bundle(root, "main.tsx", ".js")
	if err != nil {
		return err
	}
	style, err := bundle(root, "main.css", ".css")
	if err != nil {
		return err
	}
	icon, err := os.ReadFile(filepath.Join(root, "src", "icono.svg"))
	if err != nil {
		return err
	}
	files := []file{hashed("consola.js", script), hashed("consola.css", style), hashed("icono.svg", icon)}
	page, err := os.ReadFile(filepath.Join(root, "src", "index.html"))
	if err != nil {
		return err
	}
	html, err := fill(string(page), map[string]string{
		"{{script}}": files[0].name, "{{style}}": files[1].name, "{{icon}}": files[2].name,
	})
	if err != nil {
		return err
	}
	files = append(files, file{"index.html", []byte(html)})
	if err := write(filepath.Join(root, "dist"), files); err != nil {
		return err
	}
	return weigh(files)
}

// bundle gives one output of esbuild for one entry of src. Nothing of the machine gets into it: equal sources give equal
// bytes.
func bundle(root, entry, ext string) ([]byte, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{filepath.Join(root, "src", entry)},
		Outdir:            "out",
		Bundle:            true,
		Format:            api.FormatESModule,
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
	})
	if len(result.Errors) > 0 {
		text := api.FormatMessages(result.Errors, api.FormatMessagesOptions{})
		return nil, errors.New(strings.TrimSpace(strings.Join(text, "\n")))
	}
	for _, warning := range api.FormatMessages(result.Warnings, api.FormatMessagesOptions{Kind: api.WarningMessage}) {
		fmt.Fprint(os.Stderr, warning)
	}
	for _, out := range result.OutputFiles {
		if filepath.Ext(out.Path) == ext {
			return out.Contents, nil
		}
	}
	return nil, fmt.Errorf("esbuild made no %s of %s", ext, entry)
}

// hashed names a file by its content, so that it may be kept by caches for ever.
func hashed(name string, body []byte) file {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	return file{"assets/" + strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext, body}
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

// weigh prints what a first visit loads and refuses too much.
func weigh(files []file) error {
	limits := map[string]int{".js": maxScript, ".css": maxStyle}
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
		fmt.Printf("%-34s %7d bytes, %6d gzip, %6d brotli\n", f.name, len(f.body), len(packed), len(small))
		if limit := limits[path.Ext(f.name)]; limit > 0 && len(packed) > limit {
			over = append(over, fmt.Sprintf("%s weighs %d bytes gzipped, the limit is %d", f.name, len(packed), limit))
		}
	}
	if len(over) > 0 {
		slices.Sort(over)
		return errors.New(strings.Join(over, "; "))
	}
	return nil
}
