package golden

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFolders: every folder of functions/ is deployed, and everything that is deployed has a folder with a main. Build,
// stack and source share these names.
func TestFolders(t *testing.T) {
	findings, err := foldersMatch(parse(t), "../../functions")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

func TestFolders_CatchPlantedFaults(t *testing.T) {
	complete := func(t *testing.T) string {
		t.Helper()
		root := t.TempDir()
		template := parse(t)
		for _, id := range template.of("Lambda::Function") {
			writeMain(t, filepath.Join(root, strings.ToLower(stem(id))))
		}
		return root
	}
	for name, c := range map[string]struct {
		plant func(t *testing.T, root string)
		want  []string
	}{
		"nothing planted": {func(*testing.T, string) {}, nil},
		"a folder nobody deploys": {func(t *testing.T, root string) {
			t.Helper()
			writeMain(t, filepath.Join(root, "spare"))
		}, []string{"functions/spare"}},
		"a function without a folder": {func(t *testing.T, root string) {
			t.Helper()
			if err := os.RemoveAll(filepath.Join(root, "tick")); err != nil {
				t.Fatal(err)
			}
		}, []string{"functions/tick"}},
		"a folder without a main": {func(t *testing.T, root string) {
			t.Helper()
			if err := os.Remove(filepath.Join(root, "desk", "main.go")); err != nil {
				t.Fatal(err)
			}
		}, []string{"functions/desk"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := complete(t)
			c.plant(t, root)
			findings, err := foldersMatch(parse(t), root)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range findings {
				got = append(got, f.where)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", findings, c.want)
			}
		})
	}
}

// foldersMatch compares the functions of a template with the folders under root.
func foldersMatch(template tmpl, root string) ([]finding, error) {
	deployed := map[string]bool{}
	var names []string
	for _, id := range template.of("Lambda::Function") {
		name := strings.ToLower(stem(id))
		deployed[name] = true
		names = append(names, name)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() && !deployed[e.Name()] {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	var out []finding
	for _, name := range names {
		if !deployed[name] {
			out = append(out, found("functions/"+name, "is in no stack"))
			continue
		}
		if _, err := os.Stat(filepath.Join(root, name, "main.go")); errors.Is(err, fs.ErrNotExist) {
			out = append(out, found("functions/"+name, "is deployed and has no main.go"))
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func writeMain(t *testing.T, folder string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "main.go"), []byte("package main\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTemplate_IsACopy: whoever changes the answer changes nothing for the next caller.
func TestTemplate_IsACopy(t *testing.T) {
	Template()[0] = 'x'
	if got := Template()[0]; got != '{' {
		t.Errorf("the template begins with %q", got)
	}
}
