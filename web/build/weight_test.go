package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/post"
)

// texts are those the length of a text is tried with on both sides.
func texts(t *testing.T) []string {
	t.Helper()
	var out []string
	read := func(name string, into any) {
		raw, err := os.ReadFile(filepath.Join("../../shared/post/testdata", name))
		if err == nil {
			err = json.Unmarshal(raw, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var ours []struct{ Text string }
	read("weights.json", &ours)
	var official struct{ Cases []struct{ Text string } }
	read("x-weighted-length.json", &official)
	for _, c := range append(ours, official.Cases...) {
		out = append(out, c.Text)
	}
	for _, name := range []string{"../../shared/post/endings.go", "../src/endings.ts"} { // what is an ending on one side must be one on the other
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range regexp.MustCompile(`\b[a-z]{2,}\b`).FindAllString(string(raw), -1) {
			out = append(out, "hola."+word)
		}
	}
	return out
}

// The console counts as the service does, in each unit: who has characters left can send, who has none cannot.
func TestConsoleCountsAsTheService(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: node is not there (make tools)")
	}
	dir := t.TempDir()
	code := `import { length } from './weight';
import { readFileSync } from 'node:fs';
const texts = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(texts.map((text) => ['characters', 'bytes', 'weighted'].map((unit) => length(unit, text)))));`
	program := filepath.Join(dir, "count.mjs")
	built := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: code, ResolveDir: "../src", Loader: api.LoaderTS},
		Bundle: true, Format: api.FormatESModule, Platform: api.PlatformNode, Outfile: program, Write: true, LogLevel: api.LogLevelSilent,
	})
	if len(built.Errors) > 0 {
		t.Fatal(built.Errors)
	}
	all := texts(t)
	cmd := exec.CommandContext(t.Context(), node, program)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = json.NewEncoder(in).Encode(all) // a program that does not read fails by itself
		_ = in.Close()
	}()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got [][]int
	if err := json.Unmarshal(out, &got); err != nil || len(got) != len(all) {
		t.Fatalf("%d of %d texts counted, %v", len(got), len(all), err)
	}
	for i, text := range all {
		want := []int{post.Characters.Count(text), post.Bytes.Count(text), post.Weighted.Count(text)}
		if diff := cmp.Diff(want, got[i]); diff != "" {
			t.Errorf("%.80q (-service +console)\n%s", text, diff)
		}
	}
	for _, r := range post.Rules() {
		if r.None == "" && r.Unit != post.Characters && r.Unit != post.Bytes && r.Unit != post.Weighted {
			t.Errorf("the console does not count %s on %s", r.Unit, r.Network)
		}
	}
}
