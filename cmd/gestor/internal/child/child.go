//go:build unix

// Package child runs the local system's helper processes so that none of them outlives it.
package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// drainPipes is how long output is still read after a process has ended; a grandchild could hold its pipes open.
const drainPipes = 500 * time.Millisecond

// Spec says what to run. Env is the whole environment, "NAME=value"; nothing is inherited. Stdout and Stderr may be nil.
type Spec struct {
	Path   string
	Args   []string
	Env    []string
	Dir    string
	Stdout io.Writer
	Stderr io.Writer
}

// Process is a running child, leader of its own process group: a Ctrl-C in the terminal reaches only the parent, which
// stops its children in order.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start runs spec. On Linux the kernel kills the child as soon as this process dies, however it dies.
func Start(spec Spec) (*Process, error) {
	cmd := exec.Command(spec.Path, spec.Args...) //nolint:gosec,noctx // the caller owns the path; Stop and Kill end the process, not a context
	cmd.Env = spec.Env
	if cmd.Env == nil {
		cmd.Env = []string{}
	}
	cmd.Dir = spec.Dir
	cmd.Stdout = spec.Stdout
	cmd.Stderr = spec.Stderr
	cmd.WaitDelay = drainPipes
	cmd.SysProcAttr = attributes()
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("child.Start: %w", err)
	}
	return p, nil
}

// run starts the process and waits for its end on one thread: the kernel's death signal is tied to the thread that made
// the child, so that thread has to live as long as the child does.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	p.err = p.cmd.Wait()
	// Whatever the leader left behind in its group goes with it.
	p.signal(syscall.SIGKILL)
	close(p.done)
}

// PID is the process id, which is also the id of its group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended and its output has been read.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the process ended, nil for exit code 0. Call it after Done.
func (p *Process) Err() error {
	<-p.done
	return p.err
}

// Kill ends the whole process group at once. It does not wait.
func (p *Process) Kill() {
	select {
	case <-p.done:
	default:
		p.signal(syscall.SIGKILL)
	}
}

// Stop asks the group to end, waits, and kills it when ctx ends first. The error is the context's, nil when the process
// left in time, however it left.
func (p *Process) Stop(ctx context.Context) error {
	select {
	case <-p.done:
		return nil
	default:
		p.signal(syscall.SIGTERM)
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		p.Kill()
		<-p.done
		return fmt.Errorf("child.Stop: killed: %w", ctx.Err())
	}
}

func (p *Process) signal(sig syscall.Signal) {
	// ESRCH only says that nobody is left to hear it.
	if err := syscall.Kill(-p.PID(), sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		_ = p.cmd.Process.Signal(sig)
	}
}
