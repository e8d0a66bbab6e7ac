package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/post"
)

// inNode runs the console's own code on what is given to it, and reads what it says.
func inNode(t *testing.T, code string, given, into any) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: node is not there (make tools)")
	}
	program := filepath.Join(t.TempDir(), "ask.mjs")
	built := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: "import { readFileSync } from 'node:fs';\nconst given = JSON.parse(readFileSync(0, 'utf8'));\n" + code, ResolveDir: "../src/publish", Loader: api.LoaderTS},
		Bundle: true, Format: api.FormatESModule, Platform: api.PlatformNode, Outfile: program, Write: true, LogLevel: api.LogLevelSilent,
	})
	if len(built.Errors) > 0 {
		t.Fatal(built.Errors)
	}
	raw, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, program)
	cmd.Stdin = strings.NewReader(string(raw))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatal(err)
	}
}

type repeated struct {
	Recurrence post.Recurrence `json:"recurrence"`
	First      string          `json:"first"`
}

// recurrences are all rhythms with all their ends, from days that are not everywhere in a month or a week.
func recurrences() []repeated {
	var out []repeated
	for _, first := range []string{"2026-01-31T09:00", "2026-02-28T23:30", "2026-12-03T00:30", "2028-02-29T12:00"} {
		for _, every := range []string{post.Daily, post.Weekly, post.Monthly} {
			for _, interval := range []int{0, 1, 3} {
				for _, days := range [][]string{nil, {"thu"}, {"sat", "mon"}, {"sun", "tue", "thu"}} {
					if days != nil && every != post.Weekly {
						continue
					}
					for _, end := range []post.Recurrence{{Count: 1}, {Count: 7}, {Count: 60}, {Until: "2026-12-31"}, {Until: "2025-01-01"}, {Until: "2029-06-30"}, {Until: "2027-03-01", Count: 9}} {
						r := end
						r.Every, r.Interval, r.Days = every, interval, days
						out = append(out, repeated{r, first})
					}
				}
			}
		}
	}
	return out
}

// The dates that the console shows before a series is written are those the service makes, and it says no where the service does.
func TestConsoleRepeatsAsTheService(t *testing.T) {
	all := recurrences()
	var got []struct {
		Gap     string
		Moments []string
	}
	inNode(t, `import { momentsOf, recurrenceGap } from './scope';
console.log(JSON.stringify(given.map((g) => ({ gap: recurrenceGap(g.recurrence, g.first), moments: momentsOf(g.recurrence, g.first, 60).moments }))));`, all, &got)
	refused := 0
	for i, c := range all {
		want, err := c.Recurrence.Dates(c.First, post.MaxDates)
		name := fmt.Sprintf("%+v from %s", c.Recurrence, c.First)
		if (err != nil) != (got[i].Gap != "") {
			t.Errorf("%s: the service says %v, the console %q", name, err, got[i].Gap)
			continue
		}
		if err != nil {
			refused++
			continue
		}
		if diff := cmp.Diff(want, got[i].Moments); diff != "" {
			t.Errorf("%s (-service +console)\n%s", name, diff)
		}
	}
	if refused == 0 || refused == len(all) {
		t.Errorf("%d of %d were refused: nothing was compared", refused, len(all))
	}
}

// The text that the console counts and shows is the text that goes out.
func TestConsoleComposesAsTheService(t *testing.T) {
	type piece struct {
		Link  bool   `json:"linkApart"`
		By    bool   `json:"byTemplate"`
		Text  string `json:"text"`
		URL   string `json:"link"`
		Files int    `json:"files"`
	}
	var given []piece
	var want []string
	for _, r := range post.PublicationRules() {
		for _, text := range []string{"", "Hola", "Mira https://sence.gob.cl y postula"} {
			for _, link := range []string{"", "https://sence.gob.cl"} {
				for files := range 2 {
					given = append(given, piece{r.LinkApart, r.ByTemplate, text, link, files})
					want = append(want, post.Compose(r.Network, post.Piece{Text: text, Link: link, Media: make([]post.Attached, files)}))
				}
			}
		}
	}
	var got []string
	inNode(t, `import { compose } from './looks';
console.log(JSON.stringify(given.map((g) => compose(g, g.text, g.link, g.files))));`, given, &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-service +console)\n%s", diff)
	}
}

// The console tells what hour it is where the institution is, through two changes of the clocks, as Go does.
func TestConsoleTellsTheHourAsTheService(t *testing.T) {
	zone, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	var given, want []string
	for at := time.Date(2026, time.March, 28, 0, 0, 0, 0, time.UTC); at.Year() == 2026; at = at.Add(5*time.Hour + 30*time.Minute) {
		given = append(given, at.Format(time.RFC3339))
		want = append(want, at.In(zone).Format("2006-01-02T15:04"))
	}
	var got []string
	inNode(t, `import { wallOf } from './wall';
console.log(JSON.stringify(given.map((at) => wallOf(at))));`, given, &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-service +console)\n%s", diff)
	}
}
