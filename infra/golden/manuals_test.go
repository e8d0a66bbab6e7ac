package golden

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// manuals are the documents an operator works by. What they name must exist, and what an operator meets they must name.
func manuals() []string {
	return []string{"../../docs/runbook.md", "../../docs/es/despliegue.md", "../../docs/es/costos.md"}
}

const (
	runbook = "../../docs/runbook.md"
	setUp   = "../../docs/es/despliegue.md"
)

// TestManuals: alarms, parameters, outputs, resources, metrics and fields of the log that the manuals name are those of the
// template and of the code.
func TestManuals(t *testing.T) {
	known := vocabulary(t)
	for _, file := range manuals() {
		for _, f := range unknownNames(read(t, file), known) {
			t.Errorf("%s: %s", filepath.Base(file), f)
		}
	}
	template := parse(t)
	for _, f := range unnamed(read(t, runbook), "runbook", template.of("CloudWatch::Alarm")) {
		t.Error(f)
	}
	for what, names := range map[string][]string{"parameter": keysIn(template.Parameters), "output": keysIn(template.Outputs)} {
		for _, f := range unnamed(read(t, setUp), "despliegue: "+what, names) {
			t.Error(f)
		}
	}
	edge := code(t, "../../shared/lambdakit")
	for _, field := range logFields(read(t, runbook)) {
		if !strings.Contains(edge, `"`+field+`"`) {
			t.Errorf("runbook: no line of the log has a field %s", field)
		}
	}
}

// Links to headings and files lead somewhere.
func TestManuals_Links(t *testing.T) {
	for _, file := range manuals() {
		text := read(t, file)
		for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(text, -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			path, heading, _ := strings.Cut(link[1], "#")
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			if heading == "" {
				if _, err := os.Stat(target); err != nil {
					t.Errorf("%s: %s leads nowhere", filepath.Base(file), link[1])
				}
			} else if !slices.Contains(anchors(read(t, target)), heading) {
				t.Errorf("%s: %s names no heading", filepath.Base(file), link[1])
			}
		}
	}
}

// What is to be typed is at least shell.
func TestManuals_Commands(t *testing.T) {
	for _, file := range manuals() {
		for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(read(t, file), -1) {
			if said := misread(block[1]); said != "" {
				t.Errorf("%s: %s\n%s", filepath.Base(file), said, block[1])
			}
		}
	}
	if misread("AT=<now>; echo $AT\n") == "" {
		t.Error("a planted mistake was not found")
	}
}

// misread gives what the shell has against a script, which it does not run.
func misread(script string) string {
	cmd := exec.Command("sh", "-n")
	cmd.Stdin = strings.NewReader(script)
	if out, err := cmd.CombinedOutput(); err != nil {
		return err.Error() + ": " + string(out)
	}
	return ""
}

func TestManuals_CatchPlantedFaults(t *testing.T) {
	known := []string{"InboxDeadLettersAlarm", "OidcIssuer"}
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"nothing planted":                   {"`InboxDeadLettersAlarm`, `OidcIssuer`, `make deploy STAGE=…`, `ok`", 0},
		"an alarm that was renamed":         {"`InboxDeadAlarm`", 1},
		"a resource asked for in a command": {"```sh\nphysical InboxDeadQueue; output OidcIssuer\n```", 1},
	} {
		if got := unknownNames(c.text, known); len(got) != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := unnamed("`InboxDeadLettersAlarm`", "runbook", known); len(got) != 1 || !strings.Contains(got[0], "OidcIssuer") {
		t.Errorf("an unnamed one: %q", got)
	}
	if got := logFields("| field | |\n|---|---|\n| `unit` | a |\n| `otro` | b |\n\n`x`"); !slices.Equal(got, []string{"unit", "otro"}) {
		t.Errorf("fields %q", got)
	}
	if got := anchors("## Meta app secret\n### /healthz 503\n## SIAC's token\n"); !slices.Equal(got, []string{"meta-app-secret", "healthz-503", "siacs-token"}) {
		t.Errorf("anchors %q", got)
	}
}

// unknownNames names what a text calls by a name of ours, in backquotes or in a command, and nothing has.
func unknownNames(text string, known []string) []string {
	var out []string
	for _, pattern := range []string{"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", `(?:physical|output|put|seek) "?([A-Z][A-Za-z]+)`} {
		for _, name := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			if !slices.Contains(known, name[1]) {
				out = append(out, name[1]+" does not exist")
			}
		}
	}
	return out
}

// unnamed names what the text says nothing of.
func unnamed(text, what string, names []string) []string {
	var out []string
	for _, name := range names {
		if !strings.Contains(text, "`"+name+"`") {
			out = append(out, fmt.Sprintf("%s says nothing of %s", what, name))
		}
	}
	return out
}

// logFields reads the table whose first column is headed "field".
func logFields(text string) []string {
	_, table, _ := strings.Cut(text, "| field |")
	table, _, _ = strings.Cut(table, "\n\n")
	var out []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(table, -1) {
		out = append(out, row[1])
	}
	return out
}

// anchors are the headings of a Markdown text as links name them.
func anchors(text string) []string {
	var out []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		kept := regexp.MustCompile(`[^\p{L}\p{N} -]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		out = append(out, strings.ReplaceAll(kept, " ", "-"))
	}
	return out
}

// vocabulary is every name a manual may use: what the template declares, what is measured, and the few words of AWS
// that the manuals need.
func vocabulary(t *testing.T) []string {
	t.Helper()
	template := parse(t)
	known := slices.Concat(keysIn(template.Parameters), keysIn(template.Outputs), keysIn(template.Resources),
		[]string{"MaximumConcurrency", "StreamSpecification"})
	for _, metric := range regexp.MustCompile(`Metric = "(\w+)"`).FindAllStringSubmatch(code(t, "../../shared/unit"), -1) {
		known = append(known, metric[1])
	}
	return known
}

func keysIn[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }

// code is what the Go files of a folder say, tests apart.
func code(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", folder, err)
	}
	var all strings.Builder
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			all.WriteString(read(t, file))
		}
	}
	return all.String()
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
