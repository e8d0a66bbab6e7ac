package child

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary also plays the parent that gets killed: with this variable set it starts a long sleep, prints the pid
// and waits.
const parentRole = "GESTOR_CHILD_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(parentRole) != "" {
		p, err := Start(Spec{Path: "/bin/sh", Args: []string{"-c", "sleep 300"}})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(p.PID())
		select {}
	}
	os.Exit(m.Run())
}

// alive reports whether pid runs. A zombie does not: it only waits to be collected.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestStart_childDiesWithAKilledParent(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentRole+"=1")
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if !alive(pid) {
		t.Fatalf("child %d is not running before the kill", pid)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	eventually(t, "the child of a killed parent ends", func() bool { return !alive(pid) })
}

func TestProcess_Kill_takesTheWholeGroup(t *testing.T) {
	// A writer that is no file makes Start copy through a pipe, which the grandchild holds open too.
	p, err := Start(Spec{Path: "/bin/sh", Args: []string{"-c", "sleep 300 & wait"}, Stdout: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	grandchild := 0
	eventually(t, "the shell names its child", func() bool {
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", p.PID(), p.PID()))
		if err != nil {
			return false
		}
		grandchild, err = strconv.Atoi(strings.TrimSpace(string(children)))
		return err == nil && grandchild > 0
	})
	p.Kill()
	<-p.Done()
	var exit *exec.ExitError
	if !errors.As(p.Err(), &exit) {
		t.Errorf("Err = %v, want an exit error", p.Err())
	}
	eventually(t, "the grandchild ends with its group", func() bool { return !alive(grandchild) })
}

func TestProcess_leavesNobodyBehind(t *testing.T) {
	var out bytes.Buffer
	p, err := Start(Spec{Path: "/bin/sh", Args: []string{"-c", "sleep 300 >/dev/null 2>&1 & echo $!"}, Stdout: &out})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	orphan, err := strconv.Atoi(strings.TrimSpace(out.String()))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "what the process left in its group ends with it", func() bool { return !alive(orphan) })
}

func TestProcess_Stop(t *testing.T) {
	t.Run("a willing process leaves by itself", func(t *testing.T) {
		p, err := Start(Spec{Path: "/bin/sh", Args: []string{"-c", "sleep 300"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Errorf("Stop = %v", err)
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Errorf("second Stop = %v", err)
		}
	})
	t.Run("a deaf one is killed when the context ends", func(t *testing.T) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		p, err := Start(Spec{Path: "/bin/sh", Args: []string{"-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"}, Stdout: w})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(r).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := p.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Stop = %v, want the context's end", err)
		}
		if alive(p.PID()) {
			t.Error("the process still runs")
		}
	})
}

func TestStart_inheritsNothing(t *testing.T) {
	t.Setenv("GESTOR_CHILD_TEST_LEAK", "leaked")
	var out bytes.Buffer
	p, err := Start(Spec{Path: "/usr/bin/env", Env: []string{"ONLY=this"}, Stdout: &out})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(out.String()); got != "ONLY=this" {
		t.Errorf("environment = %q", got)
	}
	p, err = Start(Spec{Path: "/usr/bin/env", Stdout: &out})
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if strings.Contains(out.String(), "leaked") {
		t.Error("an empty Env let the parent's through")
	}
}

func TestStart_missingProgram(t *testing.T) {
	if _, err := Start(Spec{Path: "/nonexistent/program"}); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("Start = %v, want ENOENT", err)
	}
}
