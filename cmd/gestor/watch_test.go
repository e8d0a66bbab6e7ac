//go:build linux && amd64

package main_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// What this test program does when it is started by itself: it runs a program under watch, or calls out as one that is watched.
const (
	watchVariable = "GESTOR_TEST_WATCH" // file of the record
	allowVariable = "GESTOR_TEST_ALLOW" // names of the variables that hold the addresses the program may reach
	plantVariable = "GESTOR_TEST_CALLS" // address of a listener that may be reached
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(plantVariable) != "":
		callOut(os.Getenv(plantVariable))
		os.Exit(0)
	case os.Getenv(watchVariable) != "":
		os.Exit(watched(os.Args[1:]))
	default:
		os.Exit(m.Run())
	}
}

// watched runs a program and lets none of its threads, or of what it starts, send anything to anywhere but the addresses that are
// allowed. It stands between the program and the kernel: every system call by which a byte can leave is looked at before it is made,
// whatever library makes it, and one to elsewhere is not made. No permission is needed for it, and no name has to be resolved first.
func watched(program []string) int {
	runtime.LockOSThread() // the kernel tells its stops to this thread alone
	record := os.Getenv(watchVariable)
	allowed := map[string]bool{}
	for _, name := range strings.Fields(os.Getenv(allowVariable)) {
		address := os.Getenv(name)
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			address = u.Host
		}
		address, _, _ = strings.Cut(address, "/")
		allowed[address] = true
	}
	child := exec.Command(program[0], program[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	for _, one := range os.Environ() {
		if !strings.HasPrefix(one, "GESTOR_TEST_") || strings.HasPrefix(one, "GESTOR_TEST_PASS_") {
			child.Env = append(child.Env, strings.Replace(one, "GESTOR_TEST_PASS_", "GESTOR_TEST_", 1))
		}
	}
	child.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := child.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "watch:", err)
		return 125
	}
	w := watcher{root: child.Process.Pid, allowed: allowed, record: record, inside: map[int]bool{}, denied: map[int]bool{}, said: map[string]bool{}}
	code, err := w.follow()
	if err != nil {
		fmt.Fprintln(os.Stderr, "watch:", err)
		_ = child.Process.Kill()
		return 125
	}
	return code
}

// watcher follows a program and its threads from stop to stop.
type watcher struct {
	root    int
	allowed map[string]bool
	record  string
	inside  map[int]bool // threads within a system call
	denied  map[int]bool // and it is not made
	said    map[string]bool
}

const (
	exitKill     = 0x100000 // PTRACE_O_EXITKILL: who is watched does not outlive the watch
	watchOptions = syscall.PTRACE_O_TRACESYSGOOD | syscall.PTRACE_O_TRACECLONE | syscall.PTRACE_O_TRACEFORK | syscall.PTRACE_O_TRACEVFORK | exitKill
	atSyscall    = syscall.SIGTRAP | 0x80
)

func (w *watcher) follow() (int, error) {
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(w.root, &status, syscall.WALL, nil); err != nil {
		return 0, err
	}
	if err := syscall.PtraceSetOptions(w.root, watchOptions); err != nil {
		return 0, err
	}
	if err := syscall.PtraceSyscall(w.root, 0); err != nil {
		return 0, err
	}
	for {
		thread, err := syscall.Wait4(-1, &status, syscall.WALL, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return 0, err
		}
		switch {
		case status.Exited() && thread == w.root:
			return status.ExitStatus(), nil
		case status.Signaled() && thread == w.root:
			return 128 + int(status.Signal()), nil
		case !status.Stopped():
			delete(w.inside, thread)
			continue
		}
		pass := 0
		switch signal := status.StopSignal(); signal {
		case atSyscall:
			if err := w.syscall(thread); err != nil && !errors.Is(err, syscall.ESRCH) {
				return 0, err
			}
		case syscall.SIGTRAP, syscall.SIGSTOP: // a thread was made, or begins
		default:
			pass = int(signal)
		}
		if err := syscall.PtraceSyscall(thread, pass); err != nil && !errors.Is(err, syscall.ESRCH) {
			return 0, err
		}
	}
}

// syscall looks at a thread that is about to make a system call, or has just made one.
func (w *watcher) syscall(thread int) error {
	var r syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(thread, &r); err != nil {
		return err
	}
	if w.inside[thread] {
		w.inside[thread] = false
		if !w.denied[thread] {
			return nil
		}
		delete(w.denied, thread)
		r.Rax = ^uint64(syscall.EACCES) + 1 // -EACCES
		return syscall.PtraceSetRegs(thread, &r)
	}
	w.inside[thread] = true
	fine := true
	for _, to := range w.destinations(thread, r) {
		verdict := "allowed"
		if !w.allowed[to] {
			verdict, fine = "denied", false
		}
		if err := w.say(verdict + " " + to); err != nil {
			return err
		}
	}
	if fine {
		return nil
	}
	w.denied[thread] = true
	r.Orig_rax = ^uint64(0) // a call that the kernel does not have
	return syscall.PtraceSetRegs(thread, &r)
}

// Numbers of system calls that package syscall does not name, and what marks those of another kind of program.
const (
	sysSendmmsg = 307
	sysIOUring  = 425
	otherKind   = 0x40000000
)

// destinations gives where the system call would send something to.
func (w *watcher) destinations(thread int, r syscall.PtraceRegs) []string {
	switch number := r.Orig_rax; {
	case number == syscall.SYS_CONNECT:
		return w.address(thread, r.Rsi, r.Rdx)
	case number == syscall.SYS_SENDTO && r.R8 != 0:
		return w.address(thread, r.R8, r.R9)
	case number == syscall.SYS_SENDMSG:
		return w.message(thread, r.Rsi)
	case number == sysSendmmsg:
		var all []string
		for i := range min(r.Rdx, 1024) {
			all = append(all, w.message(thread, r.Rsi+64*i)...)
		}
		return all
	case number == sysIOUring:
		return []string{"a ring of calls that nobody could look at"}
	case number&otherKind != 0 && number>>32 == 0:
		return []string{"a call of another kind of program"}
	default:
		return nil
	}
}

// message reads the address of a message, which has none where its socket is connected.
func (w *watcher) message(thread int, at uint64) []string {
	head := make([]byte, 12)
	if _, err := syscall.PtracePeekData(thread, uintptr(at), head); err != nil {
		return []string{"an address that cannot be read"}
	}
	name := binary.LittleEndian.Uint64(head)
	if name == 0 {
		return nil
	}
	return w.address(thread, name, uint64(binary.LittleEndian.Uint32(head[8:])))
}

// address reads where a socket is to be connected to. Taking a connection away leads nowhere.
func (w *watcher) address(thread int, at, size uint64) []string {
	raw := make([]byte, min(size, 128))
	if _, err := syscall.PtracePeekData(thread, uintptr(at), raw); err != nil || len(raw) < 2 {
		return []string{"an address that cannot be read"}
	}
	family := binary.LittleEndian.Uint16(raw)
	switch {
	case family == syscall.AF_UNSPEC:
		return nil
	case family == syscall.AF_INET && len(raw) >= 8:
		ip := netip.AddrFrom4([4]byte(raw[4:8]))
		return []string{netip.AddrPortFrom(ip, binary.BigEndian.Uint16(raw[2:])).String()}
	case family == syscall.AF_INET6 && len(raw) >= 24:
		ip := netip.AddrFrom16([16]byte(raw[8:24])).Unmap()
		return []string{netip.AddrPortFrom(ip, binary.BigEndian.Uint16(raw[2:])).String()}
	case family == syscall.AF_UNIX:
		return []string{"the socket " + strings.Trim(string(raw[2:]), "\x00")}
	default:
		return []string{fmt.Sprintf("an address of family %d", family)}
	}
}

// say writes something into the record, once.
func (w *watcher) say(line string) error {
	if w.said[line] {
		return nil
	}
	w.said[line] = true
	f, err := os.OpenFile(w.record, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}
