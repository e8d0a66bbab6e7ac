package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDeploy runs the script behind make deploy with stand-ins for npx and aws, which tell what they were asked.
func TestDeploy(t *testing.T) {
	const begin = "--yes aws-cdk@2.1148.1 deploy --app cdk.out --outputs-file cdk.out/outputs.json"
	const two = "echo arn:a,arn:b"
	const watch = " --rollback-trigger-alarm-arns arn:a --rollback-trigger-alarm-arns arn:b --monitoring-time-minutes 15"
	for _, c := range []struct{ name, parameters, aws, alarms, want string }{
		{
			"first", "Accounts={\"facebook\":[\"1 2\"]}\n# a remark\n\nAlarmEmail=a@b.example",
			`echo "Stack with id gestor-prod does not exist" >&2; exit 254`, "",
			begin + ` --parameters Accounts={"facebook":["1 2"]} --parameters AlarmEmail=a@b.example Gestor`,
		},
		{"again", "", two, "", begin + watch + " Gestor"},
		{"a stack from before its alarms", "", "echo None", "", begin + " Gestor"},
		{"the alarms ring already", "", two, "none", begin + " --rollback-trigger-alarm-arns none Gestor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := deploy(t, c.parameters, c.aws, c.alarms); !cmp.Equal(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	// Without the alarms a bad deployment would stay: what keeps them from being read keeps it from happening.
	t.Run("the alarms cannot be read", func(t *testing.T) {
		if got := deploy(t, "", "echo 'An error occurred (AccessDenied)' >&2; exit 254", ""); strings.Contains(got, "aws-cdk") {
			t.Errorf("deployed: %s", got)
		}
	})
	t.Run("a line that is no parameter", func(t *testing.T) {
		if got := deploy(t, "Accounts", two, ""); !strings.Contains(got, "not KEY=VALUE") {
			t.Errorf("got %s", got)
		}
	})
}

// TestRollback runs the script behind make rollback: an earlier commit, in a folder that is gone afterwards, deployed with
// the parameters it has and without the alarms that ring.
func TestRollback(t *testing.T) {
	folder := standIns(t, map[string]string{
		"git":  `case $2 in add) echo "git worktree add $5 $6" | sed "s|/[^ ]*|FOLDER|" ;; *) echo "git worktree $2" ;; esac`,
		"make": `echo "$ROLLBACK_ALARMS: make $3 $4 $5 $6"`,
	})
	cmd := exec.CommandContext(t.Context(), "sh", "../.ci/rollback.sh", "prod", "abc123")
	cmd.Env = []string{"PATH=" + folder + ":" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	const want = "git worktree add FOLDER abc123\nnone: make --no-print-directory deploy STAGE=prod PARAMETERS=/dev/null\ngit worktree remove\n"
	if err != nil || string(out) != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, out, want)
	}
	if err := exec.CommandContext(t.Context(), "sh", "../.ci/rollback.sh", "prod", "").Run(); err == nil {
		t.Error("it goes back to nothing")
	}
}

// standIns makes programs that tell what they were asked, in a folder to be found first.
func standIns(t *testing.T, bodies map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, body := range bodies {
		// A stand-in must be executable.
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func deploy(t *testing.T, parameters, aws, alarms string) string {
	t.Helper()
	folder := standIns(t, map[string]string{"npx": `echo "$*"`, "aws": aws})
	file := filepath.Join(folder, "none")
	if parameters != "" {
		if err := os.WriteFile(file, []byte(parameters), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "../.ci/deploy.sh", "prod", file)
	cmd.Env = []string{"PATH=" + folder + ":" + os.Getenv("PATH"), "ROLLBACK_ALARMS=" + alarms}
	out, _ := cmd.CombinedOutput() // a refusal is told in its words
	var lines []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "gestor: ") {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return strings.Join(lines, "\n")
}
