package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"strings"
	"testing"
)

// plazo runs the command and gives its exit code and what it wrote.
func plazo(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = runPlazo(t.Context(), args, terminal{in: strings.NewReader(""), out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestPlazo_WorkedExamples(t *testing.T) {
	f, err := os.Open("../../shared/calendar/testdata/vectores.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		for _, ask := range []struct {
			want string
			args []string
		}{
			{row[5], []string{"due", "--from", row[1], "--days", row[4]}},
			{row[7], []string{"count", "--from", row[1], "--to", row[6]}},
			{row[8], []string{"count", "--from", row[1], "--to", row[6], "--raw-entry"}},
		} {
			if code, out, errs := plazo(t, ask.args...); code != exitDone || out != ask.want+"\n" || errs != "" {
				t.Errorf("%s %q: %d %q %q, want %s", row[0], ask.args, code, out, errs, ask.want)
			}
		}
	}
}

func TestPlazo_Zone(t *testing.T) {
	// 23:30 in Santiago in winter is already the next day in Coyhaique.
	args := []string{"due", "--from", "2026-07-02T03:30:00Z", "--days", "1"}
	if _, out, _ := plazo(t, args...); out != "2026-07-02\n" {
		t.Errorf("Santiago: %q", out)
	}
	if _, out, _ := plazo(t, append(args, "--zone", "America/Coyhaique")...); out != "2026-07-03\n" {
		t.Errorf("Coyhaique: %q", out)
	}
}

func TestPlazo_Errors(t *testing.T) {
	const from = "--from=2026-03-02T10:00:00-03:00"
	for name, tt := range map[string]struct {
		args []string
		code int
		says string
	}{
		"nothing":           {nil, exitUsage, "due or count"},
		"unknown question":  {[]string{"dues"}, exitUsage, "dues"},
		"no from":           {[]string{"due", "--days", "3"}, exitUsage, "--from"},
		"a date for from":   {[]string{"due", "--from", "2026-03-02", "--days", "3"}, exitUsage, "--from"},
		"no days":           {[]string{"due", from}, exitUsage, "--days"},
		"negative days":     {[]string{"due", from, "--days=-2"}, exitUsage, "--days"},
		"days is a word":    {[]string{"due", from, "--days", "tres"}, exitUsage, "days"},
		"no to":             {[]string{"count", from}, exitUsage, "--to"},
		"to belongs not":    {[]string{"due", from, "--days", "3", "--to", "2026-03-05T10:00:00Z"}, exitUsage, "to"},
		"extra argument":    {[]string{"due", from, "--days", "3", "more"}, exitUsage, "more"},
		"unknown zone":      {[]string{"due", from, "--days", "3", "--zone", "America/Rancagua"}, exitUsage, "--zone"},
		"the machine's":     {[]string{"due", from, "--days", "3", "--zone", "Local"}, exitUsage, "--zone"},
		"outside the table": {[]string{"due", "--from", "2031-03-02T10:00:00Z", "--days", "3"}, exitFailed, "holiday table"},
		"too long a term":   {[]string{"due", from, "--days", "5000"}, exitFailed, "holiday table"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := plazo(t, tt.args...)
			if code != tt.code || out != "" {
				t.Errorf("code %d, want %d; output %q", code, tt.code, out)
			}
			if !strings.HasPrefix(errs, "gestor plazo: ") || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, tt.says) {
				t.Errorf("stderr %q, want one line about %q", errs, tt.says)
			}
		})
	}
}

func TestPlazo_Help(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"-h"}, {"due", "--help"}, {"count", "-h"}} {
		if code, out, errs := plazo(t, args...); code != exitDone || !strings.Contains(out, "--raw-entry") || errs != "" {
			t.Errorf("%q: %d %q %q", args, code, out, errs)
		}
	}
}
