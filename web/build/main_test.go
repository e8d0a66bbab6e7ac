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
	for name, want := range map[string]string{"assets/a.js": "50000", "assets/a.css": "12000"} {
		if err := weigh([]file{{name, noise}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s of 60 kB: %v, want an error that names %s", name, err, want)
		}
	}
	if err := weigh([]file{{"assets/a.js", noise[:40_000]}, {"assets/a.css", noise[:11_000]}, {"index.html", noise}}); err != nil {
		t.Errorf("what is under the limits was refused: %v", err)
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
	if err := write(dist, []file{{"assets/same-1.js", body}, {"index.html", body}}); err != nil {
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
