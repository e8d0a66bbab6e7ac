package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

// What the console reckons without a browser: its tests are written in its own language and run by node.
func TestModules(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: node is not there (make tools)")
	}
	files, err := filepath.Glob("../test/modules/*.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of tests, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			program := filepath.Join(t.TempDir(), filepath.Base(file))
			built := api.Build(api.BuildOptions{
				EntryPoints: []string{file}, Bundle: true, Format: api.FormatESModule, Platform: api.PlatformNode, Outfile: program, Write: true,
				LogLevel: api.LogLevelSilent, JSX: api.JSXAutomatic, JSXImportSource: "preact",
			})
			if len(built.Errors) > 0 {
				t.Fatal(built.Errors)
			}
			out, err := exec.CommandContext(t.Context(), node, "--test", "--test-reporter=tap", program).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "\n# fail 0\n") || strings.Contains(string(out), "\n# pass 0\n") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
