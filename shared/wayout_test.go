package shared_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The classifier is given a text and gives an answer: it holds nothing by which a text could go anywhere. What it imports itself may
// know no file, no clock and no process either; what that imports in turn, no network and no other program.
func noWayOut(direct, all []string) []string {
	var out []string
	for _, path := range direct {
		first, _, _ := strings.Cut(path, "/")
		if contains([]string{"net", "os", "time", "syscall", "unsafe", "plugin", "log", "context", "runtime", "C"}, first) {
			out = append(out, path)
		}
	}
	for _, path := range all {
		if path == "net" || strings.HasPrefix(path, "net/") || path == "os/exec" || path == "plugin" || path == "crypto/tls" || path == "runtime/cgo" ||
			strings.HasPrefix(path, "github.com/") {
			out = append(out, path)
		}
	}
	return out
}

func TestClassifier_HasNoWayOut(t *testing.T) {
	list := func(format string) []string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", "list", "-f", format, "./classify")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		return strings.Fields(string(out))
	}
	direct, all := list(`{{join .Imports " "}}`), list(`{{join .Deps " "}}`)
	if !contains(direct, "regexp") || !contains(all, "sence.gob.cl/gestor/shared/mention") {
		t.Fatalf("the imports were not read: %q", direct)
	}
	if got := noWayOut(direct, all); len(got) > 0 {
		t.Errorf("shared/classify has ways out: %q", got)
	}
	for _, planted := range []string{"net", "net/http", "os", "os/exec", "time", "syscall", "log/slog", "unsafe"} {
		if len(noWayOut(append(direct, planted), all)) == 0 {
			t.Errorf("%s planted in the classifier is not seen", planted)
		}
	}
	for _, planted := range []string{"net", "net/smtp", "os/exec", "crypto/tls", "github.com/aws/aws-sdk-go-v2/aws"} {
		if len(noWayOut(direct, append(all, planted))) == 0 {
			t.Errorf("%s planted behind the classifier is not seen", planted)
		}
	}
}
