package engine

import "syscall"

// dieWithParent asks the kernel to end the engine when the test that started it is gone.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
