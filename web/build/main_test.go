package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func TestWeigh_RefusesTooMuch(t *testing.T) {
	noise := make([]byte, 60_000)
	for i := range noise {
		noise[i] = byte(rand.N(256))
	}
	for _, c := range []struct {
		name  string
		files []file
		want  string // "" where it is taken
	}{
		{"a script of 60 kB", []file{{name: "assets/a.js", body: noise}}, "50000"},
		{"a style sheet of 60 kB", []file{{name: "assets/a.css", body: noise}}, "12000"},
		{"two scripts that are too much together", []file{{name: "assets/a.js", body: noise[:30_000]}, {name: "assets/b.js", body: noise[:30_000]}}, "50000"},
		{"a later one of 60 kB", []file{{name: "assets/a.js", body: noise, later: true}}, "45000"},
		{"the same where half comes later", []file{{name: "assets/a.js", body: noise[:30_000]}, {name: "assets/b.js", body: noise[:30_000], later: true}}, ""},
		{"all under the limits", []file{{name: "assets/a.js", body: noise[:40_000]}, {name: "assets/a.css", body: noise[:11_000]}, {name: "index.html", body: noise}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := weigh(c.files)
			if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want an error that names %q", err, c.want)
			}
		})
	}
}

// What a screen asks for when it is opened is no part of the first visit; what both need is.
func TestScripts_SplitsWhatComesLater(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"main.tsx":  `import { word } from './both'; console.log(word); document.onclick = () => import('./screen').then((s) => s.show());`,
		"screen.ts": `import { word } from './both'; export const show = () => alert('pantalla ' + word);`,
		"both.ts":   `export const word = 'compartida' + Math.random();`,
	} {
		if err := os.MkdirAll(filepath.Join(root, "src"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "src", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := scripts(root, "main.tsx")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 {
		t.Fatalf("%d scripts, want 3", len(files))
	}
	for i, want := range []struct {
		name, holds string
		later       bool
	}{{"assets/consola-", "onclick", false}, {"assets/chunk-", "compartida", false}, {"assets/screen-", "pantalla", true}} {
		if f := files[i]; !strings.HasPrefix(f.name, want.name) || !strings.Contains(string(f.body), want.holds) || f.later != want.later {
			t.Errorf("script %d is %s, later %t, want %+v", i, f.name, f.later, want)
		}
	}
	page := preload("<head>\n</head>", files[1:])
	if want := "<head>\n<link rel=\"modulepreload\" href=\"/" + files[1].name + "\">\n</head>"; page != want {
		t.Errorf("page %q, want %q", page, want)
	}
	again, err := scripts(root, "main.tsx")
	if err != nil || again[0].name != files[0].name || !bytes.Equal(again[2].body, files[2].body) {
		t.Errorf("equal sources gave something else (%v)", err)
	}
}

func TestOrder_RefusesAnAccountWithoutTheEntry(t *testing.T) {
	for _, account := range []string{"", `{"outputs":{}}`, `{"outputs":{"assets/a.js":{"entryPoint":"src/other.tsx"}}}`} {
		if _, err := order(account, "src/main.tsx"); err == nil {
			t.Errorf("%q was taken", account)
		}
	}
}

func TestWrite_ReplacesTheOldBuild(t *testing.T) {
	dist := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dist, "assets"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{keep, "assets/old-1.js", "assets/old-1.js.br", "assets/same-1.js"} {
		if err := os.WriteFile(filepath.Join(dist, name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	body := bytes.Repeat([]byte("texto "), 100)
	if err := write(dist, []file{{name: "assets/same-1.js", body: body}, {name: "index.html", body: body}}); err != nil {
		t.Fatal(err)
	}
	var found []string
	err := filepath.WalkDir(dist, func(full string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dist, full)
			found = append(found, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := ".keep assets/same-1.js assets/same-1.js.br assets/same-1.js.gz index.html index.html.br index.html.gz"
	if got := strings.Join(found, " "); got != want {
		t.Errorf("dist holds\n%s, want\n%s", got, want)
	}
	for suffix, open := range map[string]func(io.Reader) (io.Reader, error){
		"":    func(r io.Reader) (io.Reader, error) { return r, nil },
		".gz": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		".br": func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	} {
		raw, err := os.ReadFile(filepath.Join(dist, "index.html"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		r, err := open(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, body) {
			t.Errorf("index.html%s opens to %d bytes (%v), want the page", suffix, len(got), err)
		}
	}
}

func TestHashed_NamesByContent(t *testing.T) {
	a, b, again := hashed("consola.js", []byte("a")), hashed("consola.js", []byte("b")), hashed("consola.js", []byte("a"))
	if a.name == b.name || a.name != again.name {
		t.Errorf("names %q, %q, %q", a.name, b.name, again.name)
	}
	if !strings.HasPrefix(a.name, "assets/consola-") || !strings.HasSuffix(a.name, ".js") {
		t.Errorf("name %q", a.name)
	}
}

func TestFill_NeedsEveryMark(t *testing.T) {
	if _, err := fill("<script>", map[string]string{"{{script}}": "a.js"}); err == nil {
		t.Error("a page without its mark was taken")
	}
	got, err := fill(`<script src="{{script}}">`, map[string]string{"{{script}}": "assets/a.js"})
	if err != nil || got != `<script src="/assets/a.js">` {
		t.Errorf("fill = %q, %v", got, err)
	}
}
