//go:build unix && !linux

package child

import "syscall"

// attributes has no death signal to offer here: after a kill -9 of the parent, its children stay.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
