package config_test

import (
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/config"
)

// environment gives variables from a table, as os.Getenv would.
func environment(set map[string]string) func(string) string {
	return func(name string) string { return set[name] }
}

func TestEnv_reads(t *testing.T) {
	env := config.New(environment(map[string]string{
		"TABLE": "work", "WAIT": "10m", "NONE": "0s", "TIMEOUT": "30", "HOURS": "4",
	}))
	if got := env.Text("TABLE"); got != "work" {
		t.Errorf("Text = %q", got)
	}
	if got := env.Optional("ABSENT"); got != "" {
		t.Errorf("Optional = %q", got)
	}
	if got := env.Duration("WAIT"); got != 10*time.Minute {
		t.Errorf("Duration = %s", got)
	}
	if got := env.Duration("NONE"); got != 0 {
		t.Errorf("no duration = %s", got)
	}
	if got := env.Seconds("TIMEOUT"); got != 30*time.Second {
		t.Errorf("Seconds = %s", got)
	}
	if got := env.Count("HOURS"); got != 4 {
		t.Errorf("Count = %d", got)
	}
	if err := env.Err(); err != nil {
		t.Errorf("Err = %v", err)
	}
}

// Everything that is wrong is told at once, by name. Values stay out: some are secrets.
func TestEnv_namesEverythingMissing(t *testing.T) {
	wrong := map[string]string{"D1": "secreto-1", "D2": "-5m", "S1": "secreto-2", "S2": "0", "C1": "-3", "C2": "4.5", "C3": "99999999999999999999"}
	env := config.New(environment(wrong))
	env.Text("T1")
	env.Text("T2")
	env.Optional("FREE")
	for _, name := range []string{"D1", "D2", "D3"} {
		if got := env.Duration(name); got != 0 {
			t.Errorf("%s = %s", name, got)
		}
	}
	for _, name := range []string{"S1", "S2", "S3"} {
		if got := env.Seconds(name); got != 0 {
			t.Errorf("%s = %s", name, got)
		}
	}
	for _, name := range []string{"C1", "C2", "C3", "C4"} {
		if got := env.Count(name); got != 0 {
			t.Errorf("%s = %d", name, got)
		}
	}
	err := env.Err()
	if err == nil {
		t.Fatal("nothing was wrong")
	}
	for _, name := range []string{"T1", "T2", "D1", "D2", "D3", "S1", "S2", "S3", "C1", "C2", "C3", "C4"} {
		if !strings.Contains(err.Error(), name+" ") {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "FREE") {
		t.Errorf("an optional variable is missed: %v", err)
	}
	for _, value := range wrong {
		if strings.Contains(err.Error(), value) && len(value) > 1 {
			t.Errorf("the value %q stands in the error: %v", value, err)
		}
	}
}
